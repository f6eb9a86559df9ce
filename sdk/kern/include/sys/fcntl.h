/* Flags of open files. */
#ifndef _SYS_FCNTL_H_
#define _SYS_FCNTL_H_
#define FREAD 1
#define FWRITE 2
#define FNONBLOCK 4
#define FAPPEND 8
/* Flags of a read or write of a device. */
#define IO_NDELAY 0x10
#endif
