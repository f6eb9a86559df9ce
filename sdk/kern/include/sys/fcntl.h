/* Flags of open files. */
#ifndef _SYS_FCNTL_H_
#define _SYS_FCNTL_H_
#define FREAD 1
#define FWRITE 2
#define FNONBLOCK 4
#define FAPPEND 8
/* Flags of a read or write of a device. */
#define IO_NDELAY 0x10

#define O_RDONLY 0x0000
#define O_WRONLY 0x0001
#define O_RDWR 0x0002
#define O_ACCMODE 0x0003
#define O_NONBLOCK 0x0004
#define O_APPEND 0x0008
#define O_NOFOLLOW 0x0100
#define O_CREAT 0x0200
#define O_TRUNC 0x0400
#define O_EXCL 0x0800
#define FFLAGS(oflags) ((oflags) + 1)
#define OFLAGS(fflags) ((fflags)-1)
#endif
