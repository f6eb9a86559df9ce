package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/machine"
)

// Calls and flavours of proc_info (<sys/proc_info.h>).
const (
	procListpids = 1
	procPidinfo  = 2

	procAllPids     = 1
	procPgrpOnly    = 2
	procTTYOnly     = 3
	procUIDOnly     = 4
	procRUIDOnly    = 5
	procPPIDOnly    = 6
	regionInfoSize  = 96
	vnodeInfoSize   = 152
	bsdInfoSize     = 136
	taskInfoSize    = 96
	shortInfoSize   = 64
	regionPathBytes = regionInfoSize + vnodeInfoSize + abi.MAXPATHLEN
)

func sysProcInfo(c *Call) abi.Errno {
	switch c.Int(0) {
	case procListpids:
		return c.listPids()
	case procPidinfo:
		h, ok := pidInfo[c.Uint(2)]
		if !ok {
			return abi.ENOTSUP
		}
		p, e := c.seen(c.I32(1))
		if e != 0 {
			return e
		}
		if c.Uint(2) == pidListFds && c.Addr(4) == 0 {
			n := 0
			if p.Fd != nil {
				n = len(p.Fd.Open())
			}
			c.Ret[0] = uint64(n+20) * 8 // room for files that come meanwhile
			return 0
		}
		b, e := h(c, p, c.Arg[3])
		if e != 0 {
			return e
		}
		if c.Int(5) < 0 || c.Addr(4) == 0 {
			return abi.EINVAL
		}
		if c.Uint(2) != pidListFds && c.Uint(2) != pidListThreads && c.Uint(2) != pidPathInfo && len(b) > c.Int(5) {
			return abi.ENOMEM
		}
		b = b[:min(len(b), c.Int(5))]
		c.Ret[0] = uint64(len(b))
		return c.CopyOut(c.Addr(4), b)
	case procPidfdinfo:
		return c.pidFdInfo()
	case procPidrusage:
		return c.pidRusage()
	}
	return abi.ENOTSUP
}

// listPids: type, and what to match; without a buffer the size needed.
func (c *Call) listPids() abi.Errno {
	typ, arg := c.I32(1), uint32(c.Uint(2))
	var b []byte
	for _, p := range c.K.Sys.Procs() {
		cr := p.Cred()
		match := false
		switch typ {
		case procAllPids:
			match = true
		case procPgrpOnly:
			match = uint32(p.PgrpID()) == arg
		case procTTYOnly:
			dev, _ := p.Terminal()
			match = dev != -1 && uint32(dev) == arg
		case procUIDOnly:
			match = cr.UID == arg
		case procRUIDOnly:
			match = cr.RUID == arg
		case procPPIDOnly:
			match = uint32(p.PPID()) == arg
		default:
			return abi.EINVAL
		}
		if match {
			b = le.AppendUint32(b, uint32(p.PID))
		}
	}
	if c.Addr(4) == 0 {
		c.Ret[0] = uint64(len(b) + 20*4) // room for processes that come meanwhile
		return 0
	}
	if c.Int(5) < 4 {
		return abi.ENOMEM
	}
	b = b[:min(len(b), c.Int(5)&^3)]
	c.Ret[0] = uint64(len(b))
	return c.CopyOut(c.Addr(4), b)
}

const (
	pidListFds     = 1
	pidListThreads = 6
	pidPathInfo    = 11
)

// pidInfo are the flavours of PROC_INFO_CALL_PIDINFO.
var pidInfo = map[uint32]func(c *Call, p *kern.Proc, arg uint64) ([]byte, abi.Errno){
	pidListFds: listFds,
	2: func(c *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) {
		return append(bsdInfo(p), taskInfo(p)...), 0
	},
	3: func(_ *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) { return bsdInfo(p), 0 },
	4: func(_ *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) { return taskInfo(p), 0 },
	pidListThreads: func(_ *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) {
		var b []byte
		for _, ut := range p.Threads() {
			b = le.AppendUint64(b, ut.Thread.ID)
		}
		return b, 0
	},
	7:           func(c *Call, p *kern.Proc, at uint64) ([]byte, abi.Errno) { return regionInfo(c, p, at, false) },
	8:           func(c *Call, p *kern.Proc, at uint64) ([]byte, abi.Errno) { return regionInfo(c, p, at, true) },
	9:           pidVnodePath,
	pidPathInfo: pidPath,
	13:          shortInfo,
	31:          pidRegionPath,
}

func pidPath(_ *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) {
	im := p.Image()
	if im == nil || p.Task == nil {
		return nil, abi.ENOENT
	}
	return append([]byte(im.Path), 0), 0
}

func listFds(_ *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) {
	var b []byte
	for _, fd := range p.Fd.Open() {
		if f, e := p.Fd.Lookup(fd); e == 0 {
			b = le.AppendUint32(b, uint32(fd))
			b = le.AppendUint32(b, uint32(f.Ops.Type()))
			f.Unref(&kernelCtx)
		}
	}
	return b, 0
}

// procFlags is pbi_flags: PROC_FLAG_LP64, TRACED, CTTY with CONTROLT, SLEADER.
func procFlags(p *kern.Proc, dev int32) uint32 {
	f := uint32(0x10)
	if p.Traced() {
		f |= 0x2
	}
	if dev != -1 {
		f |= 0xc0
	}
	if p.IsSessionLeader() {
		f |= 0x20
	}
	return f
}

// bsdInfo is struct proc_bsdinfo.
func bsdInfo(p *kern.Proc) []byte {
	cr := p.Cred()
	b := make([]byte, bsdInfoSize)
	dev, tpgid := p.Terminal()
	for i, v := range []uint32{procFlags(p, dev), uint32(p.State()), 0, uint32(p.PID), uint32(p.PPID()),
		cr.UID, cr.GID, cr.RUID, cr.RGID, cr.SVUID, cr.SVGID} {
		le.PutUint32(b[4*i:], v)
	}
	copy(b[48:63], p.Comm())
	copy(b[64:95], p.Comm())
	le.PutUint32(b[96:], uint32(len(p.Fd.Open())))
	le.PutUint32(b[100:], uint32(p.PgrpID()))
	le.PutUint32(b[108:], uint32(dev))
	le.PutUint32(b[112:], uint32(tpgid))
	le.PutUint32(b[116:], uint32(p.Nice()))
	le.PutUint64(b[120:], uint64(p.Start.Unix()))
	le.PutUint64(b[128:], uint64(p.Start.Nanosecond()/1000))
	return b
}

func shortInfo(_ *Call, p *kern.Proc, _ uint64) ([]byte, abi.Errno) {
	cr := p.Cred()
	b := make([]byte, shortInfoSize)
	for i, v := range []uint32{uint32(p.PID), uint32(p.PPID()), uint32(p.PgrpID()), uint32(p.State())} {
		le.PutUint32(b[4*i:], v)
	}
	copy(b[16:31], p.Comm())
	for i, v := range []uint32{0x10, cr.UID, cr.GID, cr.RUID, cr.RGID, cr.SVUID, cr.SVGID} {
		le.PutUint32(b[32+4*i:], v)
	}
	return b, 0
}

// taskInfo is struct proc_taskinfo; times are in nanoseconds.
func taskInfo(p *kern.Proc) []byte {
	b := make([]byte, taskInfoSize)
	if p.Task == nil {
		return b
	}
	ru := p.Rusage()
	if m := p.Map(); m != nil {
		le.PutUint64(b[0:], m.VirtualSize())
		le.PutUint64(b[8:], uint64(ru.Maxrss))
	}
	le.PutUint64(b[16:], uint64(ru.Utime))
	calls, running := uint64(0), uint32(0)
	for _, th := range p.Task.Threads() {
		calls += th.Calls.Load()
		if !th.IsWaiting() {
			running++
		}
	}
	for i, v := range []uint32{1, uint32(ru.Minflt), 0, 0, 0, 0, 0, uint32(calls), 0, uint32(p.Task.NumThreads()), running, 31} {
		le.PutUint32(b[48+4*i:], v)
	}
	return b
}

// regionInfo is struct proc_regioninfo of the region at or above an address, and
// with path the file that it maps: EINVAL when there is no such region.
func regionInfo(c *Call, p *kern.Proc, at uint64, path bool) ([]byte, abi.Errno) {
	m := p.Map()
	if m == nil {
		return nil, abi.EINVAL
	}
	r, kr := m.Region(machine.Addr(at))
	if kr != 0 {
		return nil, abi.EINVAL
	}
	size := regionInfoSize
	if path {
		size = regionPathBytes
	}
	b := make([]byte, size)
	le.PutUint32(b[0:], uint32(r.Prot))
	le.PutUint32(b[4:], uint32(r.Max))
	le.PutUint32(b[8:], uint32(r.Inherit))
	le.PutUint64(b[16:], r.Offset)
	for i, v := range []uint32{uint32(r.Behavior), uint32(r.Wired), uint32(r.Tag), uint32(r.Resident), 0, 0, uint32(r.Dirty),
		uint32(r.RefCount), uint32(r.ShadowDepth), uint32(r.ShareMode), 0, 0, uint32(r.ObjectID), uint32(r.Depth)} {
		le.PutUint32(b[24+4*i:], v)
	}
	le.PutUint64(b[80:], uint64(r.Start))
	le.PutUint64(b[88:], r.Size)
	if path && r.Pager != nil {
		name := ""
		if n, ok := r.Pager.(interface{ FileName() string }); ok {
			name = n.FileName()
		} else if f := c.K.VnodePath; f != nil {
			name = f(p, r.Pager)
		}
		copy(b[regionInfoSize+vnodeInfoSize:size-1], name)
	}
	return b, 0
}
