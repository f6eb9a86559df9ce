package hostfs

import (
	"strings"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// always are the flags of every open for I/O. O_NONBLOCK keeps a FIFO that
// appears in place of a file from holding us up; for files it means nothing.
const always = unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_LARGEFILE

// access translates FREAD and FWRITE.
func access(flags int) (int, fdKind) {
	switch flags & (abi.FREAD | abi.FWRITE) {
	case abi.FREAD | abi.FWRITE:
		return unix.O_RDWR, rdwrFd
	case abi.FWRITE:
		return unix.O_WRONLY, writeFd
	}
	return unix.O_RDONLY, readFd
}

// OpenAt opens or creates in one or two host calls and an fstat.
func (n *node) OpenAt(ctx *sys.Context, rel string, flags int, mode uint16) (v *vfs.Vnode, opened, created bool, e abi.Errno) {
	if !n.fs.native(ctx) {
		return n.openChecked(ctx, rel, flags, mode)
	}
	if flags&abi.FWRITE == 0 && (flags&abi.FREAD == 0 || flags&abi.O_EVTONLY != 0) && flags&abi.O_CREAT == 0 {
		return n.lookupOnly(ctx, rel, flags)
	}
	how, kind := access(flags)
	how |= always
	if flags&abi.O_TRUNC != 0 {
		how |= unix.O_TRUNC
	}
	if flags&abi.O_DIRECTORY != 0 {
		how |= unix.O_DIRECTORY
	}
	fd, created, err := n.openat(rel, how, flags, uint32(mode))
	switch err {
	case nil:
	case unix.ENXIO, unix.ENODEV: // a socket, or a FIFO without reader
		return n.lookupOnly(ctx, rel, flags)
	case unix.ELOOP:
		if flags&abi.O_SYMLINK != 0 {
			return n.lookupOnly(ctx, rel, flags)
		}
		return nil, false, false, abi.ELOOP
	case unix.ENOTDIR:
		// With O_DIRECTORY the host says this of a link, too.
		if how&unix.O_DIRECTORY != 0 && n.isLink(rel) {
			return nil, false, false, abi.ELOOP
		}
		return nil, false, false, abi.ENOTDIR
	default:
		return nil, false, false, sys.HostErrno(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return nil, false, false, sys.HostErrno(err)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFDIR:
		return n.fs.vnodeStat(fd, kind, &st), true, created, 0
	}
	unix.Close(fd)
	return n.lookupOnly(ctx, rel, flags)
}

// openPlain is openat for a path that is to have no symbolic link in it. The host
// sees to that, whatever was known of the path before: a guest of another machine
// may have put a link to somewhere in our own /proc there. ELOOP if there is one,
// or if the host can't tell (no openat2): namei then goes step by step.
func openPlain(dir int, rel string, how int, mode uint32) (int, error) {
	if strings.IndexByte(rel, '/') < 0 {
		return unix.Openat(dir, rel, how, mode)
	}
	if how&unix.O_CREAT == 0 {
		mode = 0
	}
	fd, err := unix.Openat2(dir, rel, &unix.OpenHow{Flags: uint64(how), Mode: uint64(mode),
		Resolve: unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS})
	if err == unix.ENOSYS || err == unix.EPERM {
		err = unix.ELOOP
	}
	return fd, err
}

// openat opens, and creates when asked to, so that it is known who created.
func (n *node) openat(rel string, how, flags int, mode uint32) (fd int, created bool, err error) {
	dir := n.any()
	open := func(how int) error {
		return retry(func() (err error) {
			fd, err = openPlain(dir, rel, how, mode)
			return err
		})
	}
	if flags&abi.O_CREAT == 0 {
		err = open(how)
		return fd, false, err
	}
	for try := 0; ; try++ {
		if flags&abi.O_EXCL == 0 {
			if err = open(how); err != unix.ENOENT {
				return fd, false, err
			}
		}
		// O_DIRECTORY and O_CREAT don't go together on hosts.
		err = open(how&^(unix.O_TRUNC|unix.O_DIRECTORY) | unix.O_CREAT | unix.O_EXCL)
		if err == nil || err != unix.EEXIST || flags&abi.O_EXCL != 0 || try == 8 {
			return fd, err == nil, err
		}
	}
}

// lookupOnly finds a vnode that is not to be opened on the host.
func (n *node) lookupOnly(ctx *sys.Context, rel string, flags int) (*vfs.Vnode, bool, bool, abi.Errno) {
	v, e := n.LookupPath(ctx, rel)
	if e != 0 {
		return nil, false, false, e
	}
	if v.Type == vfs.VLNK && flags&abi.O_SYMLINK == 0 {
		v.Unref()
		return nil, false, false, abi.ELOOP
	}
	return v, false, false, 0
}

func (n *node) isLink(rel string) bool {
	var st abi.Stat
	return n.StatPath(nil, rel, &st) == 0 && st.Mode&abi.S_IFMT == abi.S_IFLNK
}

// openChecked is OpenAt for a caller whom the host would not check rightly.
func (n *node) openChecked(ctx *sys.Context, name string, flags int, mode uint16) (*vfs.Vnode, bool, bool, abi.Errno) {
	v, e := n.Lookup(ctx, name)
	if e == abi.ENOENT && flags&abi.O_CREAT != 0 {
		v, e = n.Create(ctx, name, mode)
		return v, e == 0, e == 0, e
	}
	if e != 0 {
		return nil, false, false, e
	}
	if flags&abi.O_CREAT != 0 && flags&abi.O_EXCL != 0 {
		v.Unref()
		return nil, false, false, abi.EEXIST
	}
	if v.Type == vfs.VLNK && flags&abi.O_SYMLINK == 0 {
		v.Unref()
		return nil, false, false, abi.ELOOP
	}
	return v, false, false, 0
}

// Create makes a regular file.
func (n *node) Create(ctx *sys.Context, name string, mode uint16) (*vfs.Vnode, abi.Errno) {
	if e := n.check(ctx, abi.W_OK|abi.X_OK); e != 0 {
		return nil, e
	}
	fd, err := unix.Openat(n.any(), name, always|unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, uint32(mode))
	if err != nil {
		return nil, sys.HostErrno(err)
	}
	if !n.fs.native(ctx) {
		unix.Fchown(fd, int(ctx.Cred.UID), int(ctx.Cred.GID))
	}
	return n.fs.vnode(fd, rdwrFd)
}

// Open opens the host file anew, so that permissions are checked each time, and
// keeps the descriptor if there was none of its kind.
func (n *node) Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	switch n.v.Type {
	case vfs.VREG, vfs.VDIR:
	case vfs.VLNK:
		return nil, 0
	case vfs.VFIFO: // the name is the host's, the FIFO ours
		return nil, n.Access(ctx, wanted(flags))
	default:
		if flags&abi.O_EVTONLY != 0 {
			return nil, 0
		}
		return nil, abi.ENXIO // a device of the host, of which we know nothing
	}
	if flags&(abi.FREAD|abi.FWRITE) == 0 || flags&abi.O_EVTONLY != 0 || vfs.Created(flags) {
		return nil, 0
	}
	if e := n.check(ctx, wanted(flags)); e != 0 {
		return nil, e
	}
	how, kind := access(flags)
	var fd int
	err := retry(func() (err error) {
		fd, err = unix.Open(procFd(n.any()), how|always&^unix.O_NOFOLLOW, 0)
		return err
	})
	if err != nil {
		return nil, sys.HostErrno(err)
	}
	n.adopt(fd, kind)
	return nil, 0
}

func wanted(flags int) (mode int) {
	if flags&abi.O_EVTONLY != 0 {
		return 0
	}
	if flags&abi.FREAD != 0 {
		mode |= abi.R_OK
	}
	if flags&abi.FWRITE != 0 {
		mode |= abi.W_OK
	}
	return mode
}

// Close has nothing to do: descriptors go with the vnode.
func (n *node) Close(ctx *sys.Context, flags int) abi.Errno { return 0 }
