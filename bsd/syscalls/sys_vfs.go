package syscalls

import (
	"math"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/machine"
)

// dirAt gives the directory that descriptor argument i names, nil for AT_FDCWD,
// and a function that lets go of it.
func (c *Call) dirAt(i int) (*vfs.Vnode, func(), abi.Errno) {
	if c.I32(i) == abi.AT_FDCWD {
		return nil, func() {}, 0
	}
	f, e := c.File(i)
	if e != 0 {
		return nil, nil, e
	}
	v := vfs.VnodeOf(f)
	if v == nil {
		c.Put(f)
		return nil, nil, abi.ENOTDIR
	}
	return v, func() { c.Put(f) }, 0
}

// dirPath is dirAt and a path; an absolute path needs no directory, and a
// directory that is none matters only to a relative one.
func (c *Call) dirPath(fd, path int) (*vfs.Vnode, string, func(), abi.Errno) {
	p, e := c.Path(path)
	if e != 0 {
		return nil, "", nil, e
	}
	if len(p) > 0 && p[0] == '/' {
		return nil, p, func() {}, 0
	}
	dir, done, e := c.dirAt(fd)
	if e != 0 {
		return nil, "", nil, e
	}
	if dir != nil && !dir.IsDir() {
		done()
		return nil, "", nil, abi.ENOTDIR
	}
	return dir, p, done, 0
}

// vnode gives the vnode of descriptor argument i; the file must be put.
func (c *Call) vnode(i int) (*sys.OpenFile, *vfs.Vnode, abi.Errno) {
	f, e := c.File(i)
	if e != 0 {
		return nil, nil, e
	}
	v := vfs.VnodeOf(f)
	if v == nil {
		c.Put(f)
		return nil, nil, abi.EINVAL
	}
	return f, v, 0
}

func (c *Call) open(dir *vfs.Vnode, path string, flags int, mode uint16) abi.Errno {
	f, e := vfs.Open(c.Ctx(), c.P.NS, dir, path, flags, mode)
	if e != 0 {
		return e
	}
	fd, e := c.NewFd(f, flags&abi.O_CLOEXEC != 0)
	c.Ret[0] = uint64(fd)
	if e == 0 && c.K.Opened != nil {
		c.K.Opened(c.Ctx(), c.P, f, flags)
	}
	return e
}

func sysOpen(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.open(nil, p, c.Int(1), uint16(c.Arg[2]))
}

func sysOpenat(c *Call) abi.Errno {
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	return c.open(dir, p, c.Int(2), uint16(c.Arg[3]))
}

// putStat stores a struct stat.
func (c *Call) putStat(a machine.Addr, st *abi.Stat) abi.Errno {
	var b [abi.StatSize]byte
	st.Marshal(&b)
	return c.CopyOut(a, b[:])
}

func (c *Call) stat(dir *vfs.Vnode, path string, follow bool, to machine.Addr) abi.Errno {
	c.st = abi.Stat{}
	if e := vfs.Stat(c.Ctx(), c.P.NS, dir, path, follow, &c.st); e != 0 {
		return e
	}
	return c.putStat(to, &c.st)
}

func sysStat64(c *Call) abi.Errno  { return c.statPath(true) }
func sysLstat64(c *Call) abi.Errno { return c.statPath(false) }

func (c *Call) statPath(follow bool) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.stat(nil, p, follow, c.Addr(1))
}

func sysFstatat64(c *Call) abi.Errno {
	if c.Int(3)&^(abi.AT_SYMLINK_NOFOLLOW|abi.AT_REALDEV|abi.AT_FDONLY|abi.AT_SYMLINK_NOFOLLOW_ANY) != 0 {
		return abi.EINVAL
	}
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	return c.stat(dir, p, c.Int(3)&(abi.AT_SYMLINK_NOFOLLOW|abi.AT_SYMLINK_NOFOLLOW_ANY) == 0, c.Addr(2))
}

func sysFstat64(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	var st abi.Stat
	if e := f.Ops.Stat(c.Ctx(), &st); e != 0 {
		return e
	}
	return c.putStat(c.Addr(1), &st)
}

func sysAccess(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return vfs.Access(c.realIDs(), c.P.NS, nil, p, c.Int(1), true)
}

// realIDs is the context with the real ids for effective ones.
func (c *Call) realIDs() *sys.Context {
	ctx := c.Ctx()
	if cr := ctx.Cred; cr.UID != cr.RUID || cr.GID != cr.RGID {
		n := *cr
		n.UID, n.GID = n.RUID, n.RGID
		ctx.Cred = &n
	}
	return ctx
}

func sysFaccessat(c *Call) abi.Errno {
	flag := c.Int(3)
	if flag&^(abi.AT_EACCESS|abi.AT_SYMLINK_NOFOLLOW|abi.AT_SYMLINK_NOFOLLOW_ANY) != 0 {
		return abi.EINVAL
	}
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	ctx := c.Ctx()
	if flag&abi.AT_EACCESS == 0 {
		ctx = c.realIDs()
	}
	return vfs.Access(ctx, c.P.NS, dir, p, c.Int(2), flag&(abi.AT_SYMLINK_NOFOLLOW|abi.AT_SYMLINK_NOFOLLOW_ANY) == 0)
}

func sysReadlink(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.readlink(nil, p, c.Addr(1), int64(c.Int(2)))
}

func sysReadlinkat(c *Call) abi.Errno {
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	return c.readlink(dir, p, c.Addr(2), c.Long(3))
}

func (c *Call) readlink(dir *vfs.Vnode, p string, to machine.Addr, n int64) abi.Errno {
	if n < 0 || n > math.MaxInt32 {
		return abi.EINVAL
	}
	s, e := vfs.Readlink(c.Ctx(), c.P.NS, dir, p)
	if e != 0 {
		return e
	}
	s = s[:min(int64(len(s)), n)]
	c.Ret[0] = uint64(len(s))
	return c.CopyOut(to, []byte(s))
}

func sysChdir(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.P.NS.Chdir(c.Ctx(), p)
}

func sysFchdir(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	v := vfs.VnodeOf(f)
	if v == nil {
		return abi.ENOTDIR
	}
	return c.P.NS.SetCwd(c.Ctx(), v)
}

func sysChroot(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.P.NS.Chroot(c.Ctx(), p)
}

func sysMkdir(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return vfs.Mkdir(c.Ctx(), c.P.NS, nil, p, uint16(c.Arg[1]))
}

func sysMkdirat(c *Call) abi.Errno {
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	return vfs.Mkdir(c.Ctx(), c.P.NS, dir, p, uint16(c.Arg[2]))
}

func sysRmdir(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return vfs.Rmdir(c.Ctx(), c.P.NS, nil, p)
}

func sysUnlink(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return vfs.Unlink(c.Ctx(), c.P.NS, nil, p)
}

func sysUnlinkat(c *Call) abi.Errno {
	flag := c.Int(2)
	if flag&^(abi.AT_REMOVEDIR|abi.AT_SYMLINK_NOFOLLOW_ANY) != 0 {
		return abi.EINVAL
	}
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	if flag&abi.AT_REMOVEDIR != 0 {
		return vfs.Rmdir(c.Ctx(), c.P.NS, dir, p)
	}
	return vfs.Unlink(c.Ctx(), c.P.NS, dir, p)
}

// pair is two directories and paths, for calls with two names.
func (c *Call) pair(fd1, p1, fd2, p2 int, do func(d1 *vfs.Vnode, from string, d2 *vfs.Vnode, to string) abi.Errno) abi.Errno {
	var d1, d2 *vfs.Vnode
	var from, to string
	var e abi.Errno
	done1, done2 := func() {}, func() {}
	if fd1 < 0 {
		from, e = c.Path(p1)
	} else {
		d1, from, done1, e = c.dirPath(fd1, p1)
	}
	if e != 0 {
		return e
	}
	defer done1()
	if fd2 < 0 {
		to, e = c.Path(p2)
	} else {
		d2, to, done2, e = c.dirPath(fd2, p2)
	}
	if e != 0 {
		return e
	}
	defer done2()
	return do(d1, from, d2, to)
}

func (c *Call) rename(flags uint32) func(d1 *vfs.Vnode, from string, d2 *vfs.Vnode, to string) abi.Errno {
	return func(d1 *vfs.Vnode, from string, d2 *vfs.Vnode, to string) abi.Errno {
		return vfs.Rename(c.Ctx(), c.P.NS, d1, from, d2, to, flags)
	}
}

func (c *Call) link(follow bool) func(d1 *vfs.Vnode, from string, d2 *vfs.Vnode, to string) abi.Errno {
	return func(d1 *vfs.Vnode, from string, d2 *vfs.Vnode, to string) abi.Errno {
		return vfs.Link(c.Ctx(), c.P.NS, d1, from, d2, to, follow)
	}
}

func sysRename(c *Call) abi.Errno      { return c.pair(-1, 0, -1, 1, c.rename(0)) }
func sysRenameat(c *Call) abi.Errno    { return c.pair(0, 1, 2, 3, c.rename(0)) }
func sysRenameatxNp(c *Call) abi.Errno { return c.pair(0, 1, 2, 3, c.rename(c.Uint(4))) }
func sysLink(c *Call) abi.Errno        { return c.pair(-1, 0, -1, 1, c.link(true)) }
func sysLinkat(c *Call) abi.Errno {
	if c.Int(4)&^(abi.AT_SYMLINK_FOLLOW|abi.AT_SYMLINK_NOFOLLOW_ANY) != 0 {
		return abi.EINVAL
	}
	return c.pair(0, 1, 2, 3, c.link(c.Int(4)&abi.AT_SYMLINK_FOLLOW != 0))
}

func sysSymlink(c *Call) abi.Errno {
	t, e := c.Path(0)
	if e != 0 {
		return e
	}
	p, e := c.Path(1)
	if e != 0 {
		return e
	}
	return vfs.Symlink(c.Ctx(), c.P.NS, t, nil, p)
}

func sysSymlinkat(c *Call) abi.Errno {
	t, e := c.Path(0)
	if e != 0 {
		return e
	}
	dir, p, done, e := c.dirPath(1, 2)
	if e != 0 {
		return e
	}
	defer done()
	return vfs.Symlink(c.Ctx(), c.P.NS, t, dir, p)
}

func (c *Call) mknod(dir *vfs.Vnode, p string, t vfs.VType, mode uint16, dev int32) abi.Errno {
	v, e := vfs.Mknod(c.Ctx(), c.P.NS, dir, p, t, mode, dev)
	if e == 0 {
		v.Unref()
	}
	return e
}

func sysMkfifo(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.mknod(nil, p, vfs.VFIFO, uint16(c.Arg[1]), 0)
}

func sysMkfifoat(c *Call) abi.Errno {
	dir, p, done, e := c.dirPath(0, 1)
	if e != 0 {
		return e
	}
	defer done()
	return c.mknod(dir, p, vfs.VFIFO, uint16(c.Arg[2]), 0)
}

func sysMknod(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	mode := uint16(c.Arg[1])
	t := vfs.TypeOf(mode)
	if t == vfs.VCHR || t == vfs.VBLK {
		if !c.P.Cred().IsSuser() {
			return abi.EPERM
		}
	} else if t != vfs.VFIFO {
		return abi.EINVAL
	}
	return c.mknod(nil, p, t, mode, c.I32(2))
}

func sysLseek(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	off, e := vfs.Lseek(c.Ctx(), f, c.Long(1), c.Int(2))
	c.Ret[0] = uint64(off)
	return e
}

func (c *Call) fsync(how vfs.SyncHow) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	v := vfs.VnodeOf(f)
	if v == nil {
		return abi.ENOTSUP
	}
	return vfs.Fsync(c.Ctx(), v, how)
}

func sysFsync(c *Call) abi.Errno     { return c.fsync(vfs.SyncFile) }
func sysFdatasync(c *Call) abi.Errno { return c.fsync(vfs.SyncData) }
func sysSync(c *Call) abi.Errno      { vfs.Sync(c.Ctx(), c.P.NS); return 0 }

func sysFlock(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return vfs.Flock(c.Ctx(), f, c.Int(1))
}

func sysGetdirentries64(c *Call) abi.Errno { return c.getdirentries(c.Arg[2], c.Addr(3), false) }
func sysGetdirentries(c *Call) abi.Errno   { return c.getdirentries(c.Arg[2], c.Addr(3), true) }

// getdirentries's buffer, when it is large enough, has a flag for the end of the
// directory in its last four bytes (GETDIRENTRIES64_EOF).
func (c *Call) getdirentries(size uint64, basep machine.Addr, legacy bool) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	n := int(min(size, math.MaxInt32))
	flagged := !legacy && n >= 1024
	if flagged {
		n -= 4
	}
	b, base, eof, e := vfs.Getdirentries(c.Ctx(), f, n, legacy)
	if e != 0 {
		return e
	}
	if e := c.CopyOut(c.Addr(1), b); e != 0 {
		return e
	}
	if flagged {
		v := uint32(0)
		if eof {
			v = 1
		}
		if e := c.PutU32(c.Addr(1)+machine.Addr(n), v); e != 0 {
			return e
		}
	}
	c.Ret[0] = uint64(len(b))
	return c.PutU64(basep, uint64(base))
}

func sysStatfs64(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	v, e := vfs.Lookup(c.Ctx(), c.P.NS, nil, p, true)
	if e != 0 {
		return e
	}
	defer v.Unref()
	return c.statfs(v)
}

func sysFstatfs64(c *Call) abi.Errno {
	f, v, e := c.vnode(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return c.statfs(v)
}

func (c *Call) statfs(v *vfs.Vnode) abi.Errno {
	var sf abi.Statfs
	if e := vfs.Statfs(c.Ctx(), v, &sf); e != 0 {
		return e
	}
	var b [abi.StatfsSize]byte
	sf.Marshal(&b)
	return c.CopyOut(c.Addr(1), b[:])
}

func sysGetfsstat64(c *Call) abi.Errno {
	all := vfs.Getfsstat(c.Ctx(), c.P.NS)
	c.Ret[0] = uint64(len(all))
	if c.Addr(0) == 0 {
		return 0
	}
	room := c.Int(1) / abi.StatfsSize
	if room < 0 {
		return abi.EINVAL
	}
	all = all[:min(len(all), room)]
	c.Ret[0] = uint64(len(all))
	for i := range all {
		var b [abi.StatfsSize]byte
		all[i].Marshal(&b)
		if e := c.CopyOut(c.Addr(0)+machine.Addr(i*abi.StatfsSize), b[:]); e != 0 {
			return e
		}
	}
	return 0
}

func (c *Call) pathconf(v *vfs.Vnode) abi.Errno {
	n, e := vfs.Pathconf(c.Ctx(), v, c.Int(1))
	c.Ret[0] = uint64(n)
	return e
}

func sysPathconf(c *Call) abi.Errno {
	p, e := c.Path(0)
	if e != 0 {
		return e
	}
	v, e := vfs.Lookup(c.Ctx(), c.P.NS, nil, p, true)
	if e != 0 {
		return e
	}
	defer v.Unref()
	return c.pathconf(v)
}

func sysFpathconf(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	v := vfs.VnodeOf(f)
	if v == nil {
		if c.Int(1) == abi.PC_PIPE_BUF {
			c.Ret[0] = abi.PIPE_BUF
			return 0
		}
		return abi.EINVAL
	}
	return c.pathconf(v)
}
