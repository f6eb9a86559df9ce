/*
 * Buffered input and output. The inside of a FILE is here for the macros at the end,
 * and for programs which, like many GNU ones, look how much waits in its buffer.
 */
#ifndef _STDIO_H_
#define _STDIO_H_
#include <sys/cdefs.h>
#include <stddef.h>
#include <stdarg.h>
#include <sys/types.h>
typedef off_t fpos_t;
struct __sbuf { unsigned char *_base; int _size; };
struct __sFILEX;
typedef struct __sFILE {
	unsigned char *_p;       /* the next byte to read or write */
	int _r, _w;              /* bytes left to read; room left to write */
	short _flags, _file;     /* __S...; a descriptor, or -1 */
	struct __sbuf _bf;       /* the buffer */
	int _lbfsize;            /* of a line buffered stream that writes: -_bf._size */
	void *_cookie;           /* for the functions */
	int (*_close)(void *);
	int (*_read)(void *, char *, int);
	fpos_t (*_seek)(void *, fpos_t, int);
	int (*_write)(void *, const char *, int);
	struct __sbuf _ub;       /* what is pushed back, or NULL */
	struct __sFILEX *_extra;
	int _ur;                 /* _r of the buffer, while _ub is read */
	unsigned char _ubuf[3], _nbuf[1]; /* the first _ub; the buffer of unbuffered streams */
	struct __sbuf _lb;       /* fgetln's */
	int _blksize;
	fpos_t _offset;
} FILE;
#define __SLBF 0x0001 /* line buffered */
#define __SNBF 0x0002 /* unbuffered */
#define __SRD  0x0004 /* reading; never with __SWR */
#define __SWR  0x0008 /* writing */
#define __SRW  0x0010 /* may read and write */
#define __SEOF 0x0020
#define __SERR 0x0040
#define __SMBF 0x0080 /* the buffer is malloc's */
#define __SAPP 0x0100 /* appends */
#define __SSTR 0x0200
#define __SOPT 0x0400
#define __SNPT 0x0800
#define __SOFF 0x1000
#define __SMOD 0x2000
#define __SALC 0x4000
#define __SIGN 0x8000
#define EOF (-1)
#define BUFSIZ 1024
#define FOPEN_MAX 20
#define FILENAME_MAX 1024
#define L_tmpnam 1024
#define L_ctermid 1024
#define TMP_MAX 308915776
#define P_tmpdir "/var/tmp/"
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#define RENAME_SECLUDE 0x1
#define RENAME_SWAP 0x2
#define RENAME_EXCL 0x4
__BEGIN_DECLS
extern FILE *__stdinp, *__stdoutp, *__stderrp;
#define stdin __stdinp
#define stdout __stdoutp
#define stderr __stderrp
void clearerr(FILE *);
int fclose(FILE *);
int feof(FILE *);
int ferror(FILE *);
int fflush(FILE *);
int fgetc(FILE *);
int fgetpos(FILE *, fpos_t *);
char *fgets(char *, int, FILE *);
char *fgetln(FILE *, size_t *);
int fileno(FILE *);
FILE *fopen(const char *, const char *);
FILE *fdopen(int, const char *);
FILE *freopen(const char *, const char *, FILE *);
FILE *fmemopen(void *, size_t, const char *);
FILE *open_memstream(char **, size_t *);
FILE *funopen(const void *, int (*)(void *, char *, int), int (*)(void *, const char *, int), fpos_t (*)(void *, fpos_t, int), int (*)(void *));
int fpurge(FILE *);
int fprintf(FILE *, const char *, ...) __printflike(2, 3);
int fputc(int, FILE *);
int fputs(const char *, FILE *);
size_t fread(void *, size_t, size_t, FILE *);
int fscanf(FILE *, const char *, ...) __scanflike(2, 3);
int fseek(FILE *, long, int);
int fseeko(FILE *, off_t, int);
int fsetpos(FILE *, const fpos_t *);
long ftell(FILE *);
off_t ftello(FILE *);
size_t fwrite(const void *, size_t, size_t, FILE *);
int getc(FILE *);
int getchar(void);
int getc_unlocked(FILE *);
int getchar_unlocked(void);
ssize_t getdelim(char **, size_t *, int, FILE *);
ssize_t getline(char **, size_t *, FILE *);
char *gets(char *);
void perror(const char *);
int printf(const char *, ...) __printflike(1, 2);
int putc(int, FILE *);
int putchar(int);
int putc_unlocked(int, FILE *);
int putchar_unlocked(int);
int puts(const char *);
int remove(const char *);
int rename(const char *, const char *);
int renameat(int, const char *, int, const char *);
void rewind(FILE *);
int scanf(const char *, ...) __scanflike(1, 2);
void setbuf(FILE *, char *);
void setbuffer(FILE *, char *, int);
int setlinebuf(FILE *);
int setvbuf(FILE *, char *, int, size_t);
int snprintf(char *, size_t, const char *, ...) __printflike(3, 4);
int sprintf(char *, const char *, ...) __printflike(2, 3);
int sscanf(const char *, const char *, ...) __scanflike(2, 3);
int asprintf(char **, const char *, ...) __printflike(2, 3);
int dprintf(int, const char *, ...) __printflike(2, 3);
FILE *tmpfile(void);
char *tmpnam(char *);
char *tempnam(const char *, const char *);
int ungetc(int, FILE *);
int vfprintf(FILE *, const char *, va_list) __printflike(2, 0);
int vprintf(const char *, va_list) __printflike(1, 0);
int vsnprintf(char *, size_t, const char *, va_list) __printflike(3, 0);
int vsprintf(char *, const char *, va_list) __printflike(2, 0);
int vasprintf(char **, const char *, va_list) __printflike(2, 0);
int vdprintf(int, const char *, va_list) __printflike(2, 0);
int vfscanf(FILE *, const char *, va_list) __scanflike(2, 0);
int vscanf(const char *, va_list) __scanflike(1, 0);
int vsscanf(const char *, const char *, va_list) __scanflike(2, 0);
FILE *popen(const char *, const char *);
int pclose(FILE *);
void flockfile(FILE *);
int ftrylockfile(FILE *);
void funlockfile(FILE *);
int feof_unlocked(FILE *);
int ferror_unlocked(FILE *);
void clearerr_unlocked(FILE *);
int fileno_unlocked(FILE *);
int __srget(FILE *);
int __swbuf(int, FILE *);
__END_DECLS
#define fropen(cookie, fn) funopen(cookie, fn, 0, 0, 0)
#define fwopen(cookie, fn) funopen(cookie, 0, fn, 0, 0)
static __inline int __sputc(int __c, FILE *__f)
{
	if (--__f->_w >= 0 || (__f->_w >= __f->_lbfsize && (char)__c != '\n'))
		return *__f->_p++ = (unsigned char)__c;
	return __swbuf(__c, __f);
}
#define __sgetc(f) (--(f)->_r < 0 ? __srget(f) : (int)*(f)->_p++)
#define __sfeof(f) (((f)->_flags & __SEOF) != 0)
#define __sferror(f) (((f)->_flags & __SERR) != 0)
#define __sclearerr(f) ((void)((f)->_flags &= ~(__SERR | __SEOF)))
#define __sfileno(f) ((f)->_file)
#define getc_unlocked(f) __sgetc(f)
#define putc_unlocked(c, f) __sputc(c, f)
#define getchar_unlocked() getc_unlocked(stdin)
#define putchar_unlocked(c) putc_unlocked(c, stdout)
#define feof_unlocked(f) __sfeof(f)
#define ferror_unlocked(f) __sferror(f)
#define clearerr_unlocked(f) __sclearerr(f)
#define fileno_unlocked(f) __sfileno(f)
#endif
