package kernel

import (
	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/userland"
)

// addUserland shows the userland's program under each of its names, where the
// directory exists. Each name is a file of its own, so that a process's path is
// the one it was started by; the bytes are shared. Two names may be one on this
// host (/bin and /usr/bin are often the same directory); a name that is taken
// already stays what it is.
func addUserland(ctx *sys.Context, tree *vfs.Tree) abi.Errno {
	fs := ramfs.New(64 << 20)
	for _, name := range userland.Names() {
		v, e := fs.AddLazyFile(name, 0o755, userland.Size(), userland.Program)
		if e != 0 {
			return e
		}
		switch e := tree.Cover(ctx, name, v); e {
		case 0:
		case abi.EBUSY, abi.ENOENT, abi.ENOTDIR:
			v.Unref()
		default:
			return e
		}
	}
	return 0
}
