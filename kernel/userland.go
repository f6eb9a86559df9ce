package kernel

import (
	"strings"

	"puggle/abi"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/userland"
)

// addUserland shows the userland's program under each of its names, where the
// directory exists. Two names may be one on this host (/bin and /usr/bin are often
// the same directory); a name that is taken already stays what it is.
func addUserland(ctx *sys.Context, tree *vfs.Tree) abi.Errno {
	fs := ramfs.New(64 << 20)
	v, e := fs.AddLazyFile("box", 0o755, userland.Size(), userland.Program)
	if e != 0 {
		return e
	}
	root, e := fs.Root(nil)
	if e != 0 {
		return e
	}
	defer root.Unref()
	for _, name := range userland.Names() {
		switch e := tree.Cover(ctx, name, v.Ref()); e {
		case 0:
			root.Ops.Link(ctx, v, strings.ReplaceAll(name, "/", ":")) // for st_nlink
		case abi.EBUSY, abi.ENOENT, abi.ENOTDIR:
			v.Unref()
		default:
			return e
		}
	}
	return 0
}
