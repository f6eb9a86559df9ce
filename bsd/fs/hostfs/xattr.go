package hostfs

import (
	"strings"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Guests' extended attributes are the host's of the class "user", under their
// own names.
const xattrPrefix = "user."

// xattrPath names the file for the calls on paths, which follow the entry in
// /proc to the file itself.
func (n *node) xattrPath() string { return procFd(n.any()) }

func xattrErrno(err error) abi.Errno {
	switch err {
	case unix.ENODATA:
		return abi.ENOATTR
	case unix.E2BIG, unix.ERANGE:
		return abi.E2BIG
	}
	return sys.HostErrno(err)
}

// Getxattr reads one: ENOATTR.
func (n *node) Getxattr(ctx *sys.Context, name string) ([]byte, abi.Errno) {
	if e := n.check(ctx, abi.R_OK); e != 0 {
		return nil, e
	}
	if n.symlink() {
		return n.fs.links.get(n, name)
	}
	b := make([]byte, 256)
	for {
		k, err := unix.Getxattr(n.xattrPath(), xattrPrefix+name, b)
		if err == unix.ERANGE {
			b = make([]byte, 65536)
			continue
		}
		if err != nil {
			return nil, xattrErrno(err)
		}
		return b[:k], 0
	}
}

// Setxattr writes one: EEXIST with XATTR_CREATE, ENOATTR with XATTR_REPLACE.
func (n *node) Setxattr(ctx *sys.Context, name string, value []byte, flags int) abi.Errno {
	if e := n.check(ctx, abi.W_OK); e != 0 {
		return e
	}
	if n.symlink() {
		return n.fs.links.set(n, name, value, flags)
	}
	how := 0
	if flags&abi.XATTR_CREATE != 0 {
		how |= unix.XATTR_CREATE
	}
	if flags&abi.XATTR_REPLACE != 0 {
		how |= unix.XATTR_REPLACE
	}
	return xattrErrno(unix.Setxattr(n.xattrPath(), xattrPrefix+name, value, how))
}

// Listxattr lists the names.
func (n *node) Listxattr(ctx *sys.Context) ([]string, abi.Errno) {
	if e := n.check(ctx, abi.R_OK); e != 0 {
		return nil, e
	}
	if n.symlink() {
		return n.fs.links.list(n)
	}
	b := make([]byte, 65536)
	k, err := unix.Listxattr(n.xattrPath(), b)
	if err == unix.EOPNOTSUPP {
		return nil, 0
	}
	if err != nil {
		return nil, xattrErrno(err)
	}
	return guestXattrs(b[:k]), 0
}

// guestXattrs are the names in a list of the host's that guests know, as they know them.
func guestXattrs(list []byte) (names []string) {
	for _, s := range strings.Split(string(list), "\x00") {
		if own, ok := strings.CutPrefix(s, xattrPrefix); ok {
			names = append(names, own)
		}
	}
	return names
}

// Removexattr removes one: ENOATTR.
func (n *node) Removexattr(ctx *sys.Context, name string) abi.Errno {
	if e := n.check(ctx, abi.W_OK); e != 0 {
		return e
	}
	if n.symlink() {
		return n.fs.links.remove(n, name)
	}
	return xattrErrno(unix.Removexattr(n.xattrPath(), xattrPrefix+name))
}
