package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/vfs"
)

// The parts of proc_info that tell about files and use of resources
// (<sys/proc_info.h>, <sys/resource.h>).

const (
	procPidfdinfo = 3
	procPidrusage = 9

	fileInfoSize      = 24
	vnodeInfoPathSize = vnodeInfoSize + abi.MAXPATHLEN
)

// vnodeInfo is a struct vnode_info_path: what stat says, kind of vnode, path.
func (c *Call) vnodeInfo(p *kern.Proc, v *vfs.Vnode) []byte {
	b := make([]byte, vnodeInfoPathSize)
	var st abi.Stat
	if v.Ops.GetAttr(c.Ctx(), &st) != 0 {
		return b
	}
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
	le.PutUint32(b[136:], uint32(v.Type))
	le.PutUint32(b[144:], uint32(st.Dev)) // f_fsid's first half
	if path, e := p.NS.GetPath(c.Ctx(), v); e == 0 {
		copy(b[vnodeInfoSize:vnodeInfoPathSize-1], path)
	}
	return b
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

// pidFdInfo is PROC_INFO_CALL_PIDFDINFO for files: PROC_PIDFDVNODEINFO (1) and
// PROC_PIDFDVNODEPATHINFO (2). EBADF for a descriptor that is not open or no file,
// ENOTSUP for the flavours of sockets, pipes and so on.
func (c *Call) pidFdInfo() abi.Errno {
	p, e := c.seen(c.I32(1))
	if e != 0 {
		return e
	}
	flavor, room := c.Uint(2), c.Int(5)
	size := 0
	switch flavor {
	case 1:
		size = fileInfoSize + vnodeInfoSize
	case 2:
		size = fileInfoSize + vnodeInfoPathSize
	case 3, 4, 5, 6, 7, 8, 9, 10:
		return abi.ENOTSUP
	default:
		return abi.EINVAL
	}
	if room < size {
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
	v := vfs.VnodeOf(f)
	if v == nil {
		return abi.EBADF
	}
	b := make([]byte, fileInfoSize, size)
	le.PutUint32(b[0:], uint32(f.Flags()))
	f.OffMu.Lock()
	le.PutUint64(b[8:], uint64(f.Offset))
	f.OffMu.Unlock()
	le.PutUint32(b[16:], uint32(f.Ops.Type()))
	b = append(b, c.vnodeInfo(p, v)...)[:size]
	c.Ret[0] = uint64(size)
	return c.CopyOut(c.Addr(4), b)
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
