package abi

// Limits on names (<sys/syslimits.h>, <sys/param.h>), in bytes. MAXPATHLEN
// includes the terminating zero.
const (
	NAME_MAX    = 255
	MAXPATHLEN  = 1024
	MAXSYMLINKS = 32
	LINK_MAX    = 32767
	PIPE_BUF    = 512
)

// Where lseek counts from (<sys/unistd.h>).
const (
	SEEK_SET  = 0x0
	SEEK_CUR  = 0x1
	SEEK_END  = 0x2
	SEEK_HOLE = 0x3
	SEEK_DATA = 0x4
)

// What access asks for (<sys/unistd.h>).
const (
	F_OK = 0x0
	X_OK = 1
	W_OK = 2
	R_OK = 4
)

// Variables of pathconf (<sys/unistd.h>).
const (
	PC_LINK_MAX             = 1
	PC_MAX_CANON            = 2
	PC_MAX_INPUT            = 3
	PC_NAME_MAX             = 4
	PC_PATH_MAX             = 5
	PC_PIPE_BUF             = 6
	PC_CHOWN_RESTRICTED     = 7
	PC_NO_TRUNC             = 8
	PC_VDISABLE             = 9
	PC_NAME_CHARS_MAX       = 10
	PC_CASE_SENSITIVE       = 11
	PC_CASE_PRESERVING      = 12
	PC_EXTENDED_SECURITY_NP = 13
	PC_AUTH_OPAQUE_NP       = 14
	PC_2_SYMLINKS           = 15
	PC_ALLOC_SIZE_MIN       = 16
	PC_ASYNC_IO             = 17
	PC_FILESIZEBITS         = 18
	PC_PRIO_IO              = 19
	PC_REC_INCR_XFER_SIZE   = 20
	PC_REC_MAX_XFER_SIZE    = 21
	PC_REC_MIN_XFER_SIZE    = 22
	PC_REC_XFER_ALIGN       = 23
	PC_SYMLINK_MAX          = 24
	PC_SYNC_IO              = 25
	PC_XATTR_SIZE_BITS      = 26
	PC_MIN_HOLE_SIZE        = 27
)

// Flags of renameatx_np (<sys/stdio.h>), clonefileat (<sys/clonefile.h>) and
// the extended attribute calls (<sys/xattr.h>).
const (
	RENAME_SECLUDE        = 0x1
	RENAME_SWAP           = 0x2
	RENAME_EXCL           = 0x4
	RENAME_NOFOLLOW_ANY   = 0x10
	CLONE_NOFOLLOW        = 0x1
	CLONE_NOOWNERCOPY     = 0x2
	XATTR_NOFOLLOW        = 0x1
	XATTR_CREATE          = 0x2
	XATTR_REPLACE         = 0x4
	XATTR_NOSECURITY      = 0x8
	XATTR_NODEFAULT       = 0x10
	XATTR_SHOWCOMPRESSION = 0x20

	XATTR_MAXNAMELEN = 127
)

// File flags of chflags and st_flags (<sys/stat.h>).
const (
	UF_NODUMP     = 0x1
	UF_IMMUTABLE  = 0x2
	UF_APPEND     = 0x4
	UF_OPAQUE     = 0x8
	UF_COMPRESSED = 0x20
	UF_TRACKED    = 0x40
	UF_HIDDEN     = 0x8000
	SF_ARCHIVED   = 0x10000
	SF_IMMUTABLE  = 0x20000
	SF_APPEND     = 0x40000
	SF_RESTRICTED = 0x80000
	SF_NOUNLINK   = 0x100000
)
