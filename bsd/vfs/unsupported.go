package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Unsupported is the default vector: it answers what Darwin answers for an
// operation that the file's type or file system does not have.
type Unsupported struct{}

func (Unsupported) Lookup(*sys.Context, string) (*Vnode, abi.Errno) { return nil, abi.ENOTDIR }
func (Unsupported) Create(*sys.Context, string, uint16) (*Vnode, abi.Errno) {
	return nil, abi.EROFS
}
func (Unsupported) Mknod(*sys.Context, string, VType, uint16, int32) (*Vnode, abi.Errno) {
	return nil, abi.EROFS
}
func (Unsupported) Mkdir(*sys.Context, string, uint16) abi.Errno   { return abi.EROFS }
func (Unsupported) Symlink(*sys.Context, string, string) abi.Errno { return abi.EROFS }
func (Unsupported) Link(*sys.Context, *Vnode, string) abi.Errno    { return abi.ENOTSUP }
func (Unsupported) Remove(*sys.Context, string) abi.Errno          { return abi.EROFS }
func (Unsupported) Rmdir(*sys.Context, string) abi.Errno           { return abi.EROFS }
func (Unsupported) Rename(*sys.Context, string, *Vnode, string, uint32) abi.Errno {
	return abi.ENOTSUP
}
func (Unsupported) Clone(*sys.Context, *Vnode, string, uint32) abi.Errno { return abi.ENOTSUP }
func (Unsupported) Readlink(*sys.Context) (string, abi.Errno)            { return "", abi.EINVAL }
func (Unsupported) Readdir(*sys.Context, int64, func(*abi.Dirent) bool) abi.Errno {
	return abi.ENOTDIR
}
func (Unsupported) Open(*sys.Context, int) (*sys.OpenFile, abi.Errno)    { return nil, 0 }
func (Unsupported) Close(*sys.Context, int) abi.Errno                    { return 0 }
func (Unsupported) Read(*sys.Context, *sys.Uio, int) abi.Errno           { return abi.ENOTSUP }
func (Unsupported) Write(*sys.Context, *sys.Uio, int) abi.Errno          { return abi.ENOTSUP }
func (Unsupported) Ioctl(*sys.Context, uint64, []byte, int) abi.Errno    { return abi.ENOTTY }
func (Unsupported) Fsync(*sys.Context, SyncHow) abi.Errno                { return 0 }
func (Unsupported) Seek(*sys.Context, int64, int) (int64, abi.Errno)     { return 0, abi.ENOTSUP }
func (Unsupported) Allocate(*sys.Context, int64, int64) abi.Errno        { return abi.ENOTSUP }
func (Unsupported) PunchHole(*sys.Context, int64, int64) abi.Errno       { return abi.ENOTSUP }
func (Unsupported) Advise(*sys.Context, int64, int64) abi.Errno          { return 0 }
func (Unsupported) SetAttr(*sys.Context, *SetAttr) abi.Errno             { return abi.ENOTSUP }
func (Unsupported) Pathconf(*sys.Context, int) (int64, abi.Errno)        { return 0, abi.EINVAL }
func (Unsupported) Getxattr(*sys.Context, string) ([]byte, abi.Errno)    { return nil, abi.ENOATTR }
func (Unsupported) Setxattr(*sys.Context, string, []byte, int) abi.Errno { return abi.ENOTSUP }
func (Unsupported) Listxattr(*sys.Context) ([]string, abi.Errno)         { return nil, 0 }
func (Unsupported) Removexattr(*sys.Context, string) abi.Errno           { return abi.ENOATTR }
func (Unsupported) Path(*sys.Context) (string, abi.Errno)                { return "", abi.ENOENT }
func (Unsupported) Reclaim()                                             {}
