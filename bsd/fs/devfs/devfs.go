// Package devfs is /dev: device nodes that drivers make while the machine runs,
// over a file system in memory, so that mknod, links and directories of the guest's
// own live beside them; and /dev/fd, the caller's own descriptors.
//
// The devices themselves are in bsd/dev; here are only their names.
package devfs

import (
	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/ramfs"
	"puggle/bsd/vfs"
)

// FS is the file system.
type FS struct {
	*ramfs.FS
	fdesc *fdesc
}

// dataLimit bounds what guests can store in regular files under /dev.
const dataLimit = 1 << 20

// Node describes one device node.
type Node struct {
	Name  string // below /dev; may contain slashes
	Mode  uint16 // permission bits
	Dev   int32  // dev.Makedev
	Block bool
}

// standard are the nodes that every machine has.
var standard = []Node{
	{"console", 0o622, dev.Makedev(dev.MajorConsole, 0), false},
	{"tty", 0o666, dev.Makedev(dev.MajorTTY, 0), false},
	{"mem", 0o600, dev.Makedev(dev.MajorMem, dev.MinorMem), false},
	{"kmem", 0o600, dev.Makedev(dev.MajorMem, dev.MinorKmem), false},
	{"null", 0o666, dev.Makedev(dev.MajorMem, dev.MinorNull), false},
	{"zero", 0o666, dev.Makedev(dev.MajorMem, dev.MinorZero), false},
	{"random", 0o666, dev.Makedev(dev.MajorRandom, 0), false},
	{"urandom", 0o666, dev.Makedev(dev.MajorRandom, 1), false},
	{"ptmx", 0o666, dev.Makedev(dev.MajorPTMX, 0), false},
}

// New makes a devfs with the standard nodes.
func New() *FS {
	fs := &FS{FS: ramfs.New(dataLimit)}
	for _, n := range standard {
		fs.Make(n)
	}
	fs.fdesc = newFdesc(fs)
	fs.AddVnode("fd", fs.fdesc.v)
	for name, to := range map[string]string{"stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		fs.AddSymlink(name, to)
	}
	return fs
}

// Make is devfs_make_node: it adds a node for a device. EEXIST, ENOTDIR.
func (fs *FS) Make(n Node) abi.Errno {
	t := vfs.VCHR
	if n.Block {
		t = vfs.VBLK
	}
	v, e := fs.Add(n.Name, t, n.Mode, n.Dev)
	v.Unref()
	return e
}

// Remove is devfs_remove: it takes a node away. What is open stays open. ENOENT.
func (fs *FS) Remove(name string) abi.Errno { return fs.Delete(name) }
