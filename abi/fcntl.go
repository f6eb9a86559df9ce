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

// Remaining open flags that the kernel knows.
const (
	O_EXEC   = 0x40000000
	O_SEARCH = O_EXEC | O_DIRECTORY
)

// The *at calls: a directory descriptor that is none, and flags.
const (
	AT_FDCWD                = -2
	AT_EACCESS              = 0x10
	AT_SYMLINK_NOFOLLOW     = 0x20
	AT_SYMLINK_FOLLOW       = 0x40
	AT_REMOVEDIR            = 0x80
	AT_REALDEV              = 0x200
	AT_FDONLY               = 0x400
	AT_SYMLINK_NOFOLLOW_ANY = 0x800
)

// Commands of fcntl.
const (
	F_DUPFD              = 0x0
	F_GETFD              = 0x1
	F_SETFD              = 0x2
	F_GETFL              = 0x3
	F_SETFL              = 0x4
	F_GETOWN             = 0x5
	F_SETOWN             = 0x6
	F_GETLK              = 0x7
	F_SETLK              = 0x8
	F_SETLKW             = 0x9
	F_SETLKWTIMEOUT      = 0xa
	F_FLUSH_DATA         = 0x28
	F_CHKCLEAN           = 0x29
	F_PREALLOCATE        = 0x2a
	F_SETSIZE            = 0x2b
	F_RDADVISE           = 0x2c
	F_RDAHEAD            = 0x2d
	F_NOCACHE            = 0x30
	F_LOG2PHYS           = 0x31
	F_GETPATH            = 0x32
	F_FULLFSYNC          = 0x33
	F_GLOBAL_NOCACHE     = 0x37
	F_NODIRECT           = 0x3e
	F_LOG2PHYS_EXT       = 0x41
	F_GETLKPID           = 0x42
	F_DUPFD_CLOEXEC      = 0x43
	F_SETBACKINGSTORE    = 0x46
	F_SETNOSIGPIPE       = 0x49
	F_GETNOSIGPIPE       = 0x4a
	F_SINGLE_WRITER      = 0x4c
	F_BARRIERFSYNC       = 0x55
	F_OFD_SETLK          = 90
	F_OFD_SETLKW         = 91
	F_OFD_GETLK          = 92
	F_PUNCHHOLE          = 0x63
	F_GETPATH_NOFIRMLINK = 0x66
)

// FD_CLOEXEC is the one descriptor flag of F_GETFD.
const FD_CLOEXEC = 1

// Lock types of struct flock, and how fcntl's lock commands are told apart.
const (
	F_RDLCK = 0x1
	F_UNLCK = 0x2
	F_WRLCK = 0x3
)

// Operations of flock.
const (
	LOCK_SH = 0x1
	LOCK_EX = 0x2
	LOCK_NB = 0x4
	LOCK_UN = 0x8
)

// F_PREALLOCATE: fst_flags and fst_posmode of struct fstore.
const (
	F_ALLOCATECONTIG = 0x2
	F_ALLOCATEALL    = 0x4
	F_PEOFPOSMODE    = 0x3
	F_VOLPOSMODE     = 0x4
)

// Flock is struct flock; 24 bytes: start, len, pid, type, whence.
type Flock struct {
	Start, Len int64
	PID        int32
	Type       int16
	Whence     int16
}
