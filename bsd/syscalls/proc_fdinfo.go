package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// The parts of proc_info that tell about files and use of resources
// (<sys/proc_info.h>, <sys/resource.h>).

const (
	procPidfdinfo = 3
	procPidrusage = 9

	fileInfoSize      = 24
	vinfoStatSize     = 136
	socketInfoSize    = 632 // of a struct socket_info, without its vinfo_stat
	vnodeInfoPathSize = vnodeInfoSize + abi.MAXPATHLEN
)

// vnodeInfo is a struct vnode_info_path: what stat says, kind of vnode, path.
func (c *Call) vnodeInfo(p *kern.Proc, v *vfs.Vnode) []byte {
	b := make([]byte, vnodeInfoPathSize)
	var st abi.Stat
	if v.Ops.GetAttr(c.Ctx(), &st) != 0 {
		return b
	}
	putVinfoStat(b, &st)
	le.PutUint32(b[136:], uint32(v.Type))
	le.PutUint32(b[144:], uint32(st.Dev)) // f_fsid's first half
	if path, e := p.NS.GetPath(c.Ctx(), v); e == 0 {
		copy(b[vnodeInfoSize:vnodeInfoPathSize-1], path)
	}
	return b
}

// putVinfoStat writes a struct vinfo_stat.
func putVinfoStat(b []byte, st *abi.Stat) {
	le.PutUint32(b[0:], uint32(st.Dev))
	le.PutUint16(b[4:], st.Mode)
	le.PutUint16(b[6:], st.Nlink)
	le.PutUint64(b[8:], st.Ino)
	le.PutUint32(b[16:], st.UID)
	le.PutUint32(b[20:], st.GID)
	for i, t := range []abi.Timespec{st.Atime, st.Mtime, st.Ctime, st.Birthtime} {
		le.PutUint64(b[24+16*i:], uint64(t.Sec))
		le.PutUint64(b[32+16*i:], uint64(t.Nsec))
	}
	le.PutUint64(b[88:], uint64(st.Size))
	le.PutUint64(b[96:], uint64(st.Blocks))
	le.PutUint32(b[104:], uint32(st.Blksize))
	le.PutUint32(b[108:], st.Flags)
	le.PutUint32(b[116:], uint32(st.Rdev))
}

// pidVnodePath is PROC_PIDVNODEPATHINFO: the current directory, and the root if it
// has been changed.
func pidVnodePath(c *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) {
	if p.NS == nil || p.State() == kern.Zombie {
		return nil, abi.ESRCH
	}
	cwd, root := p.NS.Cwd(), p.NS.Root()
	defer cwd.Unref()
	defer root.Unref()
	b := c.vnodeInfo(p, cwd)
	if path, e := c.P.NS.GetPath(c.Ctx(), root); e == 0 && path != "/" {
		return append(b, c.vnodeInfo(p, root)...), 0
	}
	return append(b, make([]byte, vnodeInfoPathSize)...), 0
}

// fdFlavors are the flavours of PROC_INFO_CALL_PIDFDINFO: the size of what each
// gives after a struct proc_fileinfo, what it is for, and how it is filled. nil for
// the kinds that there are not here: AppleTalk, network policies, channels.
var fdFlavors = [...]struct {
	size int
	typ  sys.DType
	fill func(c *Call, p *kern.Proc, f *sys.OpenFile, b []byte)
}{
	1: {vnodeInfoSize, sys.DTypeVnode, (*Call).fdVnode},
	2: {vnodeInfoPathSize, sys.DTypeVnode, (*Call).fdVnode},
	3: {vinfoStatSize + socketInfoSize, sys.DTypeSocket, func(c *Call, _ *kern.Proc, f *sys.OpenFile, b []byte) {
		c.fdStat(f, b)
		if so, ok := f.Ops.(interface{ Info() []byte }); ok {
			copy(b[vinfoStatSize:], so.Info())
		}
	}},
	4: {vinfoStatSize + abi.MAXPATHLEN, sys.DTypePsem, (*Call).fdNamed},
	5: {vinfoStatSize + 8 + abi.MAXPATHLEN, sys.DTypePshm, (*Call).fdNamed},
	6: {vinfoStatSize + 24, sys.DTypePipe, func(c *Call, _ *kern.Proc, f *sys.OpenFile, b []byte) {
		c.fdStat(f, b)
		if e, ok := f.Ops.(interface{ Handles() (self, peer uint64) }); ok {
			self, peer := e.Handles()
			le.PutUint64(b[vinfoStatSize:], self)
			le.PutUint64(b[vinfoStatSize+8:], peer)
		}
	}},
	7: {vinfoStatSize + 8, sys.DTypeKqueue, func(c *Call, _ *kern.Proc, f *sys.OpenFile, b []byte) {
		c.fdStat(f, b)
		le.PutUint32(b[vinfoStatSize:], 0x10) // PROC_KQUEUE_64
	}},
	10: {},
}

// pidFdInfo is PROC_INFO_CALL_PIDFDINFO. EBADF for a descriptor that is not open or
// of another kind, ENOMEM for a buffer that is too small, ENOTSUP for the flavours
// of what there is not, EINVAL for others.
func (c *Call) pidFdInfo() abi.Errno {
	p, e := c.seen(c.I32(1))
	if e != 0 {
		return e
	}
	flavor, room := c.Uint(2), c.Int(5)
	if flavor == 0 || flavor >= uint32(len(fdFlavors)) {
		return abi.EINVAL
	}
	row := fdFlavors[flavor]
	if row.fill == nil {
		return abi.ENOTSUP
	}
	if room < fileInfoSize+row.size {
		return abi.ENOMEM
	}
	if p.Fd == nil {
		return abi.EBADF
	}
	f, e := p.Fd.Lookup(int32(c.Arg[3]))
	if e != 0 {
		return abi.EBADF
	}
	defer f.Unref(&kernelCtx)
	if f.Ops.Type() != row.typ || row.typ == sys.DTypeVnode && vfs.VnodeOf(f) == nil {
		return abi.EBADF
	}
	b := make([]byte, fileInfoSize+row.size)
	le.PutUint32(b[0:], uint32(f.Flags()))
	f.OffMu.Lock()
	le.PutUint64(b[8:], uint64(f.Offset))
	f.OffMu.Unlock()
	le.PutUint32(b[16:], uint32(row.typ))
	row.fill(c, p, f, b[fileInfoSize:])
	c.Ret[0] = uint64(len(b))
	return c.CopyOut(c.Addr(4), b)
}

func (c *Call) fdVnode(p *kern.Proc, f *sys.OpenFile, b []byte) {
	copy(b, c.vnodeInfo(p, vfs.VnodeOf(f)))
}

// fdStat writes what fstat says of a file that has no vnode.
func (c *Call) fdStat(f *sys.OpenFile, b []byte) {
	var st abi.Stat
	if f.Ops.Stat(c.Ctx(), &st) == 0 {
		putVinfoStat(b, &st)
	}
}

// fdNamed is for POSIX semaphores and shared memory: the name comes last.
func (c *Call) fdNamed(_ *kern.Proc, f *sys.OpenFile, b []byte) {
	c.fdStat(f, b)
	if n, ok := f.Ops.(interface{ Name() string }); ok {
		copy(b[len(b)-abi.MAXPATHLEN:len(b)-1], n.Name())
	}
}

// rusageSizes are the sizes of struct rusage_info_v0 and so on; each begins with
// the one before it.
var rusageSizes = [...]int{96, 144, 160, 232, 296, 304, 464}

// pidRusage is PROC_INFO_CALL_PIDRUSAGE. Times are in units of mach_absolute_time,
// which are nanoseconds here. What nobody counts is 0: wake-ups, disk I/O,
// instructions, energy. EINVAL for a flavour that there is not.
func (c *Call) pidRusage() abi.Errno {
	flavor := c.Uint(2)
	if flavor >= uint32(len(rusageSizes)) {
		return abi.EINVAL
	}
	p, e := c.seen(c.I32(1))
	if e != 0 {
		return e
	}
	b := make([]byte, rusageSizes[len(rusageSizes)-1])
	ru, kids := p.Rusage(), p.RusageChildren()
	le.PutUint64(b[16:], uint64(ru.Utime))
	le.PutUint64(b[24:], uint64(ru.Stime))
	if m := p.Map(); m != nil {
		resident := m.ResidentSize()
		le.PutUint64(b[56:], m.WiredSize())
		le.PutUint64(b[64:], resident)
		le.PutUint64(b[72:], resident) // ri_phys_footprint
		le.PutUint64(b[240:], uint64(ru.Maxrss))
	}
	le.PutUint64(b[80:], uint64(max(p.Start.Sub(c.K.Sys.BootTime), 0)))
	le.PutUint64(b[96:], uint64(kids.Utime))
	le.PutUint64(b[104:], uint64(kids.Stime))
	return c.CopyOut(c.Addr(4), b[:rusageSizes[flavor]])
}

// pidRegionPath is PROC_PIDREGIONPATH: where the region at or above an address is,
// and the file it maps.
func pidRegionPath(c *Call, p *kern.Proc, at uint64) ([]byte, abi.Errno) {
	r, e := regionInfo(c, p, at, true)
	if e != 0 {
		return nil, e
	}
	b := append([]byte(nil), r[80:96]...)
	return append(b, r[regionInfoSize+vnodeInfoSize:]...), 0
}

// seen finds a process that the caller may look at: ESRCH, EPERM.
func (c *Call) seen(pid int32) (*kern.Proc, abi.Errno) {
	p := c.K.Sys.FindAny(pid)
	if p == nil {
		return nil, abi.ESRCH
	}
	if cr := c.P.Cred(); p != c.P && !cr.IsSuser() && cr.UID != p.Cred().RUID {
		return nil, abi.EPERM
	}
	return p, 0
}
