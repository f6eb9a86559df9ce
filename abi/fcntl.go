package abi

// Open flags (<sys/fcntl.h>). In the kernel FREAD and FWRITE replace the access
// mode: FFLAGS(oflags) is oflags+1.
const (
	O_RDONLY       = 0x0000
	O_WRONLY       = 0x0001
	O_RDWR         = 0x0002
	O_ACCMODE      = 0x0003
	FREAD          = 0x0001
	FWRITE         = 0x0002
	O_NONBLOCK     = 0x0004
	O_APPEND       = 0x0008
	O_SHLOCK       = 0x0010
	O_EXLOCK       = 0x0020
	O_ASYNC        = 0x0040
	O_SYNC         = 0x0080
	O_NOFOLLOW     = 0x0100
	O_CREAT        = 0x0200
	O_TRUNC        = 0x0400
	O_EXCL         = 0x0800
	O_EVTONLY      = 0x8000
	O_NOCTTY       = 0x20000
	O_DIRECTORY    = 0x100000
	O_SYMLINK      = 0x200000
	O_DSYNC        = 0x400000
	O_CLOEXEC      = 0x1000000
	O_NOFOLLOW_ANY = 0x20000000
)
