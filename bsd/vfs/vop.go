package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// VOP is the vector of vnode operations (vnode_if): one value per vnode, so the
// vnode itself is the receiver. Embed Unsupported and implement what there is.
//
// Names are single components, not empty, not "." and (but for Lookup) not "..".
// The caller has checked that directories are directories, that two vnodes of
// one call are of one mount, and that the mount may be written to. Permission is
// the file system's to check (see Authorize).
type VOP interface {
	// Lookup finds name in the directory; ENOENT if it is not there. ".." is
	// asked for only below the mount's root.
	Lookup(ctx *sys.Context, name string) (*Vnode, abi.Errno)
	// Create makes a regular file and returns it; EEXIST if the name is taken.
	Create(ctx *sys.Context, name string, mode uint16) (*Vnode, abi.Errno)
	// Mknod makes a node of another type: VFIFO, VSOCK, VCHR, VBLK.
	Mknod(ctx *sys.Context, name string, t VType, mode uint16, rdev int32) (*Vnode, abi.Errno)
	Mkdir(ctx *sys.Context, name string, mode uint16) abi.Errno
	Symlink(ctx *sys.Context, name, target string) abi.Errno
	Link(ctx *sys.Context, vp *Vnode, name string) abi.Errno
	// Remove removes what is no directory; EPERM for a directory.
	Remove(ctx *sys.Context, name string) abi.Errno
	Rmdir(ctx *sys.Context, name string) abi.Errno
	// Rename moves name to tname in tdvp. flags are RENAME_SWAP or RENAME_EXCL.
	Rename(ctx *sys.Context, name string, tdvp *Vnode, tname string, flags uint32) abi.Errno
	// Clone makes name in the directory a copy-on-write copy of src.
	Clone(ctx *sys.Context, src *Vnode, name string, flags uint32) abi.Errno
	Readlink(ctx *sys.Context) (string, abi.Errno)
	// Readdir calls emit for each entry behind position off (0 is the
	// start) until it returns false. Positions stay good for seekdir. Each entry has
	// a Dirent of its own: once emit has refused the next one, its Off may be mended.
	Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno

	// Open checks and prepares for I/O in the modes FREAD and FWRITE of flags. An
	// open file returned replaces the vnode's: devices that clone, FIFOs, and
	// /dev/fd. Each success without one is matched by a Close.
	Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno)
	Close(ctx *sys.Context, flags int) abi.Errno
	// Read and Write transfer at u.Offset and advance it. Write with O_APPEND
	// finds the end itself, and O_SYNC is honoured.
	Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno
	Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno
	Ioctl(ctx *sys.Context, cmd uint64, data []byte, flags int) abi.Errno
	Fsync(ctx *sys.Context, how SyncHow) abi.Errno
	// Seek finds SEEK_HOLE or SEEK_DATA; ENXIO behind the end.
	Seek(ctx *sys.Context, off int64, whence int) (int64, abi.Errno)
	// Allocate reserves [off, off+n) for F_PREALLOCATE without changing the size.
	Allocate(ctx *sys.Context, off, n int64) abi.Errno
	// PunchHole makes [off, off+n) a hole that reads as zero.
	PunchHole(ctx *sys.Context, off, n int64) abi.Errno
	// Advise says that [off, off+n) will be read soon.
	Advise(ctx *sys.Context, off, n int64) abi.Errno

	GetAttr(ctx *sys.Context, st *abi.Stat) abi.Errno
	SetAttr(ctx *sys.Context, a *SetAttr) abi.Errno
	// Access checks for R_OK, W_OK, X_OK with the effective ids of ctx.Cred.
	Access(ctx *sys.Context, mode int) abi.Errno
	Pathconf(ctx *sys.Context, name int) (int64, abi.Errno)

	Getxattr(ctx *sys.Context, name string) ([]byte, abi.Errno)
	Setxattr(ctx *sys.Context, name string, value []byte, flags int) abi.Errno
	Listxattr(ctx *sys.Context) ([]string, abi.Errno)
	Removexattr(ctx *sys.Context, name string) abi.Errno

	// Path gives the place of the vnode below its mount's root, without a
	// leading slash, "" for the root itself. ENOENT if it has been removed.
	Path(ctx *sys.Context) (string, abi.Errno)
	// Reclaim is called when the last reference is gone.
	Reclaim()
}

// PathOps is offered by directories that resolve plain paths at once. rel has
// no empty last component and no ".."; its last component is never followed if
// it is a symbolic link.
type PathOps interface {
	// Direct says whether the caller may go this way (the host's check of
	// permissions is the same as ours would be).
	Direct(ctx *sys.Context) bool
	LookupPath(ctx *sys.Context, rel string) (*Vnode, abi.Errno)
	StatPath(ctx *sys.Context, rel string, st *abi.Stat) abi.Errno
}

// OpenOps is offered by directories that can open or create a name in one step.
// OpenAt opens rel, which is as for PathOps, and returns a vnode on which
// Open was done; for a symbolic link, ELOOP; for anything that is neither a
// regular file nor a directory, it is looked up but not opened (opened is
// false). created says that O_CREAT made it. O_TRUNC is done.
type OpenOps interface {
	OpenAt(ctx *sys.Context, rel string, flags int, mode uint16) (v *Vnode, opened, created bool, e abi.Errno)
}

// SyncHow is how far Fsync goes.
type SyncHow uint8

const (
	SyncData    SyncHow = iota // fdatasync: data and what is needed to read it
	SyncFile                   // fsync
	SyncFull                   // F_FULLFSYNC: to the medium
	SyncBarrier                // F_BARRIERFSYNC
)

// AttrMask says which fields of a SetAttr are meant.
type AttrMask uint16

const (
	AttrMode AttrMask = 1 << iota
	AttrUID
	AttrGID
	AttrSize
	AttrAtime
	AttrMtime
	AttrAtimeNow // with AttrAtime: now; the given time is ignored
	AttrMtimeNow
	AttrFlags
	AttrBirthtime
)

// SetAttr is struct vnode_attr for setting.
type SetAttr struct {
	Valid                   AttrMask
	Mode                    uint16 // permission bits
	UID, GID                uint32
	Size                    int64
	Atime, Mtime, Birthtime abi.Timespec
	Flags                   uint32
}
