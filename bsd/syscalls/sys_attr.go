package syscalls

import (
	"puggle/abi"
	"puggle/bsd/vfs"
	"puggle/machine"
)

// attrBufMax bounds the buffer of getattrlist and its relatives, in bytes.
const attrBufMax = 1 << 20

// xattrMax is the largest extended attribute, in bytes.
const xattrMax = 64 << 20

// onPath does a thing to the file at path argument i; onFile to that of
// descriptor argument i.
func (c *Call) onPath(i int, follow bool, do func(v *vfs.Vnode) abi.Errno) abi.Errno {
	p, e := c.Path(i)
	if e != 0 {
		return e
	}
	v, e := vfs.Lookup(c.Ctx(), c.P.NS, nil, p, follow)
	if e != 0 {
		return e
	}
	defer v.Unref()
	return do(v)
}

func (c *Call) onFile(i int, do func(v *vfs.Vnode) abi.Errno) abi.Errno {
	f, v, e := c.vnode(i)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	return do(v)
}

// onPathAt does a thing to the file at path argument i+1 below the directory of
// descriptor argument i.
func (c *Call) onPathAt(i int, follow bool, do func(v *vfs.Vnode) abi.Errno) abi.Errno {
	dir, p, done, e := c.dirPath(i, i+1)
	if e != 0 {
		return e
	}
	defer done()
	v, e := vfs.Lookup(c.Ctx(), c.P.NS, dir, p, follow)
	if e != 0 {
		return e
	}
	defer v.Unref()
	return do(v)
}

func (c *Call) attrlist(a machine.Addr) (*abi.Attrlist, abi.Errno) {
	var b [abi.AttrlistSize]byte
	if e := c.CopyIn(b[:], a); e != 0 {
		return nil, e
	}
	if le.Uint16(b[0:]) != 5 { // ATTR_BIT_MAP_COUNT
		return nil, abi.EINVAL
	}
	return &abi.Attrlist{Common: le.Uint32(b[4:]), Vol: le.Uint32(b[8:]), Dir: le.Uint32(b[12:]),
		File: le.Uint32(b[16:]), Fork: le.Uint32(b[20:])}, 0
}

// getattr's arguments from i on are the list, the buffer, its size, options.
func (c *Call) getattr(i int) func(v *vfs.Vnode) abi.Errno {
	return func(v *vfs.Vnode) abi.Errno {
		l, e := c.attrlist(c.Addr(i))
		if e != 0 {
			return e
		}
		b, e := vfs.Getattrlist(c.Ctx(), c.P.NS, v, l, int(min(c.Arg[i+2], attrBufMax)), uint32(c.Arg[i+3]))
		if e != 0 {
			return e
		}
		return c.CopyOut(c.Addr(i+1), b)
	}
}

func (c *Call) setattr(i int) func(v *vfs.Vnode) abi.Errno {
	return func(v *vfs.Vnode) abi.Errno {
		l, e := c.attrlist(c.Addr(i))
		if e != 0 {
			return e
		}
		if c.Arg[i+2] > attrBufMax {
			return abi.ENOMEM
		}
		b := make([]byte, c.Arg[i+2])
		if e := c.CopyIn(b, c.Addr(i+1)); e != 0 {
			return e
		}
		return vfs.Setattrlist(c.Ctx(), v, l, b, uint32(c.Arg[i+3]))
	}
}

func (c *Call) attrFollow(i int) bool { return c.Arg[i]&abi.FSOPT_NOFOLLOW == 0 }

func sysGetattrlist(c *Call) abi.Errno   { return c.onPath(0, c.attrFollow(4), c.getattr(1)) }
func sysFgetattrlist(c *Call) abi.Errno  { return c.onFile(0, c.getattr(1)) }
func sysGetattrlistat(c *Call) abi.Errno { return c.onPathAt(0, c.attrFollow(5), c.getattr(2)) }
func sysSetattrlist(c *Call) abi.Errno   { return c.onPath(0, c.attrFollow(4), c.setattr(1)) }
func sysFsetattrlist(c *Call) abi.Errno  { return c.onFile(0, c.setattr(1)) }
func sysSetattrlistat(c *Call) abi.Errno { return c.onPathAt(0, c.attrFollow(5), c.setattr(2)) }

func sysGetattrlistbulk(c *Call) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	l, e := c.attrlist(c.Addr(1))
	if e != 0 {
		return e
	}
	b, n, e := vfs.Getattrlistbulk(c.Ctx(), c.P.NS, f, l, int(min(c.Arg[3], attrBufMax)), c.Arg[4])
	if e != 0 {
		return e
	}
	c.Ret[0] = uint64(n)
	return c.CopyOut(c.Addr(2), b)
}

// getx: name, value, size, position are arguments 1 to 4. A value of 0 asks for
// the size.
func (c *Call) getx(v *vfs.Vnode) abi.Errno {
	name, e := c.String(c.Addr(1), abi.XATTR_MAXNAMELEN+1)
	if e != 0 {
		return e
	}
	b, e := vfs.Getxattr(c.Ctx(), v, name, c.Uint(4))
	if e != 0 {
		return e
	}
	return c.xvalue(b, c.Addr(2), c.Arg[3])
}

func (c *Call) xvalue(b []byte, to machine.Addr, room uint64) abi.Errno {
	c.Ret[0] = uint64(len(b))
	if to == 0 {
		return 0
	}
	if uint64(len(b)) > room {
		return abi.ERANGE
	}
	return c.CopyOut(to, b)
}

func (c *Call) setx(v *vfs.Vnode) abi.Errno {
	name, e := c.String(c.Addr(1), abi.XATTR_MAXNAMELEN+1)
	if e != 0 {
		return e
	}
	if c.Arg[3] > xattrMax {
		return abi.E2BIG
	}
	b := make([]byte, c.Arg[3])
	if e := c.CopyIn(b, c.Addr(2)); e != 0 {
		return e
	}
	return vfs.Setxattr(c.Ctx(), v, name, b, c.Uint(4), c.Int(5)&(abi.XATTR_CREATE|abi.XATTR_REPLACE))
}

func (c *Call) listx(v *vfs.Vnode) abi.Errno {
	b, e := vfs.Listxattr(c.Ctx(), v)
	if e != 0 {
		return e
	}
	return c.xvalue(b, c.Addr(1), c.Arg[2])
}

func (c *Call) removex(v *vfs.Vnode) abi.Errno {
	name, e := c.String(c.Addr(1), abi.XATTR_MAXNAMELEN+1)
	if e != 0 {
		return e
	}
	return vfs.Removexattr(c.Ctx(), v, name)
}

// xfollow says whether the options in argument i let a link be followed.
func (c *Call) xfollow(i int) bool { return c.Arg[i]&abi.XATTR_NOFOLLOW == 0 }

func sysGetxattr(c *Call) abi.Errno     { return c.onPath(0, c.xfollow(5), c.getx) }
func sysFgetxattr(c *Call) abi.Errno    { return c.onFile(0, c.getx) }
func sysSetxattr(c *Call) abi.Errno     { return c.onPath(0, c.xfollow(5), c.setx) }
func sysFsetxattr(c *Call) abi.Errno    { return c.onFile(0, c.setx) }
func sysListxattr(c *Call) abi.Errno    { return c.onPath(0, c.xfollow(3), c.listx) }
func sysFlistxattr(c *Call) abi.Errno   { return c.onFile(0, c.listx) }
func sysRemovexattr(c *Call) abi.Errno  { return c.onPath(0, c.xfollow(2), c.removex) }
func sysFremovexattr(c *Call) abi.Errno { return c.onFile(0, c.removex) }

// clonefileat: source directory and path, target directory and path, flags.
func sysClonefileat(c *Call) abi.Errno {
	return c.onPathAt(0, c.Uint(4)&1 == 0, func(v *vfs.Vnode) abi.Errno {
		dir, p, done, e := c.dirPath(2, 3)
		if e != 0 {
			return e
		}
		defer done()
		return vfs.Clone(c.Ctx(), c.P.NS, v, dir, p, c.Uint(4))
	})
}

func sysFclonefileat(c *Call) abi.Errno {
	return c.onFile(0, func(v *vfs.Vnode) abi.Errno {
		dir, p, done, e := c.dirPath(1, 2)
		if e != 0 {
			return e
		}
		defer done()
		return vfs.Clone(c.Ctx(), c.P.NS, v, dir, p, c.Uint(3))
	})
}

func sysFreadlink(c *Call) abi.Errno {
	return c.onFile(0, func(v *vfs.Vnode) abi.Errno {
		if v.Type != vfs.VLNK {
			return abi.EINVAL
		}
		s, e := v.Ops.Readlink(c.Ctx())
		if e != 0 {
			return e
		}
		b := []byte(s)[:min(uint64(len(s)), c.Arg[2])]
		c.Ret[0] = uint64(len(b))
		return c.CopyOut(c.Addr(1), b)
	})
}
