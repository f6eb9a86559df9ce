package kernel

import (
	"fmt"
	"path/filepath"
	"strings"

	"puggle/abi"
	"puggle/bsd/fs/hostfs"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Bind shows a file or directory of the host at another path in the machine, over
// what may be there. The directory that Guest lies in must exist.
type Bind struct{ Guest, Host string }

// ParseBinds reads "guest=host:guest=host", as in PUGGLE_BIND. A relative host path
// is relative to the current directory. "" is none.
func ParseBinds(list string) ([]Bind, error) {
	var binds []Bind
	for _, s := range strings.Split(list, ":") {
		if s == "" {
			continue
		}
		guest, host, ok := strings.Cut(s, "=")
		if !ok || !filepath.IsAbs(guest) || host == "" {
			return nil, fmt.Errorf("bind %q: must be /path/in/machine=path/on/host", s)
		}
		host, err := filepath.Abs(host)
		if err != nil {
			return nil, err
		}
		binds = append(binds, Bind{filepath.Clean(guest), host})
	}
	return binds, nil
}

func (b Bind) add(ctx *sys.Context, tree *vfs.Tree) error {
	if e := b.cover(ctx, tree); e != 0 {
		return fmt.Errorf("bind %s=%s: %w", b.Guest, b.Host, error(e))
	}
	return nil
}

func (b Bind) cover(ctx *sys.Context, tree *vfs.Tree) abi.Errno {
	real, err := filepath.EvalSymlinks(b.Host)
	if err != nil {
		return sys.HostErrno(err)
	}
	fs, e := hostfs.New(real)
	if e == 0 {
		_, e = tree.Mount(ctx, b.Guest, fs, "apfs", b.Host, 0)
		return e
	}
	if e != abi.ENOTDIR {
		return e
	}
	// A file: found in a file system of its directory, which is not in the tree.
	if fs, e = hostfs.New(filepath.Dir(real)); e != 0 {
		return e
	}
	dir, e := fs.Root(&vfs.Mount{FS: fs, Type: "apfs", From: b.Host, On: b.Guest})
	if e != 0 {
		return e
	}
	v, e := dir.Ops.Lookup(ctx, filepath.Base(real))
	if e != 0 {
		return e
	}
	if e := tree.Cover(ctx, b.Guest, v); e != 0 {
		v.Unref()
		return e
	}
	return 0
}
