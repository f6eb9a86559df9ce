/* Directories. */
#ifndef _DIRENT_H_
#define _DIRENT_H_
#include <sys/types.h>
struct dirent {
	__uint64_t d_ino, d_seekoff;
	__uint16_t d_reclen, d_namlen;
	__uint8_t d_type;
	char d_name[1024];
};
#define d_fileno d_ino
#define MAXNAMLEN 255
#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
#define DT_WHT 14
#define IFTODT(m) (((m) & 0170000) >> 12)
#define DTTOIF(t) ((t) << 12)
typedef struct _dirdesc DIR;
__BEGIN_DECLS
DIR *opendir(const char *) __DARWIN_INODE64(opendir);
DIR *fdopendir(int) __DARWIN_INODE64(fdopendir);
struct dirent *readdir(DIR *) __DARWIN_INODE64(readdir);
int readdir_r(DIR *, struct dirent *, struct dirent **) __DARWIN_INODE64(readdir_r);
void rewinddir(DIR *) __DARWIN_INODE64(rewinddir);
void seekdir(DIR *, long) __DARWIN_INODE64(seekdir);
long telldir(DIR *) __DARWIN_INODE64(telldir);
int scandir(const char *, struct dirent ***, int (*)(const struct dirent *),
    int (*)(const struct dirent **, const struct dirent **)) __DARWIN_INODE64(scandir);
int alphasort(const struct dirent **, const struct dirent **) __DARWIN_INODE64(alphasort);
int closedir(DIR *);
int dirfd(DIR *);
ssize_t getdirentries(int, char *, int, long *);
__END_DECLS
#endif
