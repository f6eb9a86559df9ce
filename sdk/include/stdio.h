/* Buffered input and output. */
#ifndef _STDIO_H_
#define _STDIO_H_
#include <sys/cdefs.h>
#include <stddef.h>
#include <stdarg.h>
#include <sys/types.h>
typedef struct __sFILE FILE;
typedef off_t fpos_t;
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
__END_DECLS
#endif
