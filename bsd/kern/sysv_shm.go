package kern

import (
	"sync"
	"time"

	"puggle/abi"
	"puggle/mach/vm"
	"puggle/machine"
)

// System V shared memory: segments in one table, found by a key or made without
// one. A segment lives until it is removed and nobody has it attached; exec and
// exit detach, fork attaches again (<sys/shm.h>).

// Limits, which are Darwin's defaults (kern.sysv).
const (
	ShmMax = 4 << 20 // bytes of one segment
	ShmMin = 1
	ShmMni = 32       // segments
	ShmSeg = 8        // attachments of one process
	ShmAll = 1024     // pages of all segments
	ipcKey = int32(0) // IPC_PRIVATE
)

// Flags and commands of <sys/ipc.h> and <sys/shm.h>.
const (
	IPC_CREAT = 0o1000
	IPC_EXCL  = 0o2000

	IPC_RMID = 0
	IPC_SET  = 1
	IPC_STAT = 2

	SHM_RDONLY = 0o10000
	SHM_RND    = 0o20000
)

// ShmInfo is struct shmid_ds.
type ShmInfo struct {
	UID, GID, CUID, CGID uint32
	Mode                 uint16
	Seq                  uint16
	Key                  int32
	Size                 uint64
	Lpid, Cpid           int32
	Attached             uint16
	Atime, Dtime, Ctime  int64
}

type sysvSegment struct {
	ShmInfo
	obj     *vm.Object
	removed bool
}

// sysvShm is the table of a machine. mu is held across map changes, which makes
// an attachment and its count one thing; it comes before the locks of mach/vm.
type sysvShm struct {
	mu    sync.Mutex
	segs  [ShmMni]*sysvSegment
	seq   [ShmMni]uint16
	pages uint64
}

// sysvAttachment is one of a process; guarded by sysvShm.mu.
type sysvAttachment struct {
	at  machine.Addr
	seg *sysvSegment
}

func (g *sysvSegment) may(p *Proc, bits uint16) abi.Errno {
	c := p.Cred()
	switch {
	case c.IsSuser():
		return 0
	case c.UID == g.UID || c.UID == g.CUID:
		bits <<= 6
	case c.IsMember(g.GID) || c.IsMember(g.CGID):
		bits <<= 3
	}
	if g.Mode&bits != bits {
		return abi.EACCES
	}
	return 0
}

// byID finds a segment that is not removed: EINVAL. mu held.
func (t *sysvShm) byID(id int32) (*sysvSegment, abi.Errno) {
	i := id & 0xffff
	if id < 0 || i >= ShmMni || t.segs[i] == nil || t.segs[i].removed || t.seq[i] != uint16(id>>16) {
		return nil, abi.EINVAL
	}
	return t.segs[i], 0
}

// Shmget is shmget(2): the number of a segment. ENOENT, EEXIST, EACCES, EINVAL
// for a size that does not fit, ENOSPC and ENOMEM at the limits.
func (p *Proc) Shmget(key int32, size uint64, flag int) (int32, abi.Errno) {
	t := &p.Sys.sysv
	t.mu.Lock()
	defer t.mu.Unlock()
	free := -1
	for i, g := range t.segs {
		if g == nil {
			if free < 0 {
				free = i
			}
			continue
		}
		if key == ipcKey || g.Key != key || g.removed {
			continue
		}
		if flag&(IPC_CREAT|IPC_EXCL) == IPC_CREAT|IPC_EXCL {
			return -1, abi.EEXIST
		}
		if e := g.may(p, uint16(flag)>>6&6); e != 0 {
			return -1, e
		}
		if size > g.Size {
			return -1, abi.EINVAL
		}
		return int32(t.seq[i])<<16 | int32(i), 0
	}
	pages := (size + machine.PageMask) / machine.PageSize
	switch {
	case key != ipcKey && flag&IPC_CREAT == 0:
		return -1, abi.ENOENT
	case size < ShmMin || size > ShmMax:
		return -1, abi.EINVAL
	case free < 0:
		return -1, abi.ENOSPC
	case t.pages+pages > ShmAll:
		return -1, abi.ENOMEM
	}
	c := p.Cred()
	g := &sysvSegment{obj: vm.NewObject(pages * machine.PageSize)}
	t.seq[free] = (t.seq[free] + 1) & 0x7fff
	g.ShmInfo = ShmInfo{UID: c.UID, GID: c.GID, CUID: c.UID, CGID: c.GID, Mode: uint16(flag) & 0o777, Seq: t.seq[free],
		Key: key, Size: size, Cpid: p.PID, Ctime: time.Now().Unix()}
	t.segs[free] = g
	t.pages += pages
	return int32(t.seq[free])<<16 | int32(free), 0
}

// Shmat is shmat(2): where the segment is attached. EINVAL for a bad number or
// address, EACCES, EMFILE at the limit of attachments, ENOMEM.
func (p *Proc) Shmat(id int32, addr uint64, flag int) (uint64, abi.Errno) {
	t := &p.Sys.sysv
	t.mu.Lock()
	defer t.mu.Unlock()
	g, e := t.byID(id)
	if e != 0 {
		return 0, e
	}
	bits, prot := uint16(6), abi.Prot(abi.VM_PROT_READ|abi.VM_PROT_WRITE)
	if flag&SHM_RDONLY != 0 {
		bits, prot = 4, abi.VM_PROT_READ
	}
	if e := g.may(p, bits); e != 0 {
		return 0, e
	}
	if len(p.shms) >= ShmSeg {
		return 0, abi.EMFILE
	}
	spec := vm.MapSpec{Size: (g.Size + machine.PageMask) &^ machine.PageMask, Cur: prot, Max: prot,
		Inherit: abi.VM_INHERIT_SHARE, Flags: vm.Anywhere, Object: g.obj}
	if addr != 0 {
		if flag&SHM_RND != 0 {
			addr &^= machine.PageMask
		} else if addr&machine.PageMask != 0 {
			return 0, abi.EINVAL
		}
		spec.Addr, spec.Flags = machine.Addr(addr), vm.Fixed
	}
	at, kr := p.Map().Enter(&spec)
	switch {
	case kr == abi.KERN_SUCCESS:
	case addr != 0:
		return 0, abi.EINVAL
	default:
		return 0, abi.ENOMEM
	}
	p.shms = append(p.shms, sysvAttachment{at, g})
	g.Attached++
	g.Lpid, g.Atime = p.PID, time.Now().Unix()
	return uint64(at), 0
}

// Shmdt is shmdt(2): EINVAL unless a segment is attached at addr.
func (p *Proc) Shmdt(addr uint64) abi.Errno {
	t := &p.Sys.sysv
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, a := range p.shms {
		if uint64(a.at) == addr {
			p.Map().Deallocate(a.at, (a.seg.Size+machine.PageMask)&^machine.PageMask)
			p.shms = append(p.shms[:i:i], p.shms[i+1:]...)
			t.detach(p, a)
			return 0
		}
	}
	return abi.EINVAL
}

// detach takes back one attachment. mu held.
func (t *sysvShm) detach(p *Proc, a sysvAttachment) {
	a.seg.Attached--
	a.seg.Lpid, a.seg.Dtime = p.PID, time.Now().Unix()
	t.free(a.seg)
}

// free ends a segment that is removed and not attached. mu held.
func (t *sysvShm) free(g *sysvSegment) {
	if !g.removed || g.Attached > 0 {
		return
	}
	for i := range t.segs {
		if t.segs[i] == g {
			t.segs[i] = nil
			t.pages -= (g.Size + machine.PageMask) / machine.PageSize
			g.obj.Unref()
			return
		}
	}
}

// ShmStat is shmctl(IPC_STAT): EINVAL, EACCES.
func (p *Proc) ShmStat(id int32) (ShmInfo, abi.Errno) {
	t := &p.Sys.sysv
	t.mu.Lock()
	defer t.mu.Unlock()
	g, e := t.byID(id)
	if e == 0 {
		e = g.may(p, 4)
	}
	if e != 0 {
		return ShmInfo{}, e
	}
	return g.ShmInfo, 0
}

// ShmChange is shmctl(IPC_SET) with owner and mode, or IPC_RMID without: EINVAL,
// EPERM.
func (p *Proc) ShmChange(id int32, set *ShmInfo) abi.Errno {
	t := &p.Sys.sysv
	t.mu.Lock()
	defer t.mu.Unlock()
	g, e := t.byID(id)
	if e != 0 {
		return e
	}
	if c := p.Cred(); !c.IsSuser() && c.UID != g.UID && c.UID != g.CUID {
		return abi.EPERM
	}
	if set != nil {
		g.UID, g.GID, g.Mode, g.Ctime = set.UID, set.GID, set.Mode&0o777, time.Now().Unix()
		return 0
	}
	g.removed, g.Key = true, ipcKey
	t.free(g)
	return 0
}

// forkShm gives the child its parent's attachments; the memory is shared already.
func (p *Proc) forkShm(c *Proc) {
	t := &p.Sys.sysv
	t.mu.Lock()
	c.shms = append([]sysvAttachment(nil), p.shms...)
	for _, a := range c.shms {
		a.seg.Attached++
	}
	t.mu.Unlock()
}

// endShm forgets p's attachments, whose memory is gone with its map.
func (p *Proc) endShm() {
	t := &p.Sys.sysv
	t.mu.Lock()
	for _, a := range p.shms {
		t.detach(p, a)
	}
	p.shms = nil
	t.mu.Unlock()
}
