package kern

import (
	"sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// System V semaphores: sets of counters, on several of which an operation acts at
// once or not at all. What an operation with SEM_UNDO did is taken back when the
// process ends (<sys/sem.h>).

// Limits, XNU's, but for the number of sets, which is 87381 there.
const (
	SemMni = 32768
	SemMns = 87381 // semaphores of all sets
	SemMsl = SemMns
	SemOpm = 5 // operations of one call
	SemVmx = 32767
	SemAem = 16384 // by how much a process's end may change one
	SemUme = 10    // semaphores that a process has something to undo of
)

const (
	SEM_UNDO = 0o10000

	GETNCNT = 3
	GETPID  = 4
	GETVAL  = 5
	GETALL  = 6
	GETZCNT = 7
	SETVAL  = 8
	SETALL  = 9
)

// SemOp is struct sembuf.
type SemOp struct {
	Num     uint16
	Op, Flg int16
}

type sysvSem struct {
	val        uint16
	pid        int32
	ncnt, zcnt int // who waits for more, and for none
}

type sysvSet struct {
	IPCPerm
	id           int32
	sems         []sysvSem
	otime, ctime int64
	q            sched.WaitQueue // all who wait for something of the set
	removed      bool
}

// SemInfo is struct semid_ds.
type SemInfo struct {
	IPCPerm
	Nsems        uint16
	Otime, Ctime int64
}

// sysvSems is the table of a machine, with what processes' ends will take back.
type sysvSems struct {
	mu    sync.Mutex
	undo  map[*Proc][]semUndo
	table ipcTable[sysvSet]
	total int
}

type semUndo struct {
	set *sysvSet
	num uint16
	adj int
}

// Semget is semget(2): ENOENT, EEXIST, EACCES; EINVAL for a number of semaphores
// that is more than the set has, or none for a new one; ENOSPC.
func (p *Proc) Semget(key, n int32, flag int) (int32, abi.Errno) {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	id, found, e := t.table.find(key, flag)
	if e != 0 {
		return -1, e
	}
	if found {
		g := t.table.byID(id)
		if e := g.may(p, uint16(flag)>>6&6); e != 0 {
			return -1, e
		}
		if n > 0 && int(n) > len(g.sems) {
			return -1, abi.EINVAL
		}
		return id, 0
	}
	if n <= 0 || n > SemMsl {
		return -1, abi.EINVAL
	}
	if t.total+int(n) > SemMns {
		return -1, abi.ENOSPC
	}
	g := &sysvSet{IPCPerm: newIPCPerm(p, key, flag), sems: make([]sysvSem, n), ctime: ipcNow()}
	var ok bool
	if g.id, g.Seq, ok = t.table.add(g, key, SemMni); !ok {
		return -1, abi.ENOSPC
	}
	t.total += int(n)
	return g.id, 0
}

// Semop is semop(2): EINVAL, E2BIG, EFBIG for a number beyond the set, EACCES,
// EAGAIN, ERANGE, ENOSPC at the limit of undo; EIDRM when the set goes, EINTR.
func (ut *Uthread) Semop(id int32, ops []SemOp) abi.Errno {
	p := ut.Proc
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return abi.EINVAL
	}
	bits := uint16(4)
	for _, o := range ops {
		if int(o.Num) >= len(g.sems) {
			return abi.EFBIG
		}
		if o.Op != 0 {
			bits = 2
		}
	}
	if e := g.may(p, bits); e != 0 {
		return e
	}
	for {
		blocked, e := g.try(ops)
		if e != 0 {
			return e
		}
		if blocked == nil {
			break
		}
		if blocked.Flg&IPC_NOWAIT != 0 {
			return abi.EAGAIN
		}
		count := &g.sems[blocked.Num].ncnt
		if blocked.Op == 0 {
			count = &g.sems[blocked.Num].zcnt
		}
		*count++
		r := sched.Sleep(&ut.Thread.Thread, &g.q, &t.mu, sched.Interruptible, sched.Forever)
		*count--
		if g.removed {
			return abi.EIDRM
		}
		if r == sched.Interrupted {
			return abi.EINTR
		}
	}
	if e := t.noteUndo(p, g, ops); e != 0 {
		g.apply(ops, -1)
		return e
	}
	for _, o := range ops {
		g.sems[o.Num].pid = p.PID
	}
	g.otime = ipcNow()
	g.q.WakeupAll(sched.Awakened)
	return 0
}

// try does all of ops, or none and tells which one can't be done yet.
func (g *sysvSet) try(ops []SemOp) (*SemOp, abi.Errno) {
	for i, o := range ops {
		v := int(g.sems[o.Num].val) + int(o.Op)
		if v < 0 || o.Op == 0 && v != 0 {
			g.apply(ops[:i], -1)
			return &ops[i], 0
		}
		if v > SemVmx {
			g.apply(ops[:i], -1)
			return nil, abi.ERANGE
		}
		g.sems[o.Num].val = uint16(v)
	}
	return nil, 0
}

func (g *sysvSet) apply(ops []SemOp, sign int) {
	for _, o := range ops {
		g.sems[o.Num].val = uint16(int(g.sems[o.Num].val) + sign*int(o.Op))
	}
}

// noteUndo remembers what p's end takes back: all of ops or, with an error, nothing.
func (t *sysvSems) noteUndo(p *Proc, g *sysvSet, ops []SemOp) abi.Errno {
	list := append([]semUndo(nil), t.undo[p]...)
	for _, o := range ops {
		if o.Flg&SEM_UNDO == 0 || o.Op == 0 {
			continue
		}
		k := 0
		for k < len(list) && (list[k].set != g || list[k].num != o.Num) {
			k++
		}
		if k == len(list) {
			if k >= SemUme {
				return abi.EINVAL
			}
			list = append(list, semUndo{set: g, num: o.Num})
		}
		if list[k].adj -= int(o.Op); list[k].adj > SemAem || list[k].adj < -SemAem {
			return abi.ERANGE
		}
		if list[k].adj == 0 {
			list = append(list[:k], list[k+1:]...)
		}
	}
	t.setUndo(p, list)
	return 0
}

func (t *sysvSems) setUndo(p *Proc, list []semUndo) {
	if len(list) == 0 {
		delete(t.undo, p)
		return
	}
	if t.undo == nil {
		t.undo = make(map[*Proc][]semUndo)
	}
	t.undo[p] = list
}

// forget drops what was to be undone of g's semaphores from num on, n of them.
func (t *sysvSems) forget(g *sysvSet, num, n int) {
	for p, list := range t.undo {
		var keep []semUndo
		for _, u := range list {
			if u.set != g || int(u.num) < num || int(u.num) >= num+n {
				keep = append(keep, u)
			}
		}
		if len(keep) < len(list) {
			t.setUndo(p, keep)
		}
	}
}

// endSem takes back what p did with SEM_UNDO; a counter stops at 0.
func (p *Proc) endSem() {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, u := range t.undo[p] {
		s := &u.set.sems[u.num]
		s.val = uint16(min(max(int(s.val)+u.adj, 0), SemVmx))
		s.pid = p.PID
		u.set.q.WakeupAll(sched.Awakened)
	}
	delete(t.undo, p)
}

// SemStat is semctl(IPC_STAT): EINVAL, EACCES.
func (p *Proc) SemStat(id int32) (SemInfo, abi.Errno) {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return SemInfo{}, abi.EINVAL
	}
	return SemInfo{g.IPCPerm, uint16(len(g.sems)), g.otime, g.ctime}, g.may(p, 4)
}

// SemChange is semctl(IPC_SET) with owner and mode, or IPC_RMID without: EINVAL, EPERM.
func (p *Proc) SemChange(id int32, set *IPCPerm) abi.Errno {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return abi.EINVAL
	}
	if e := g.owns(p); e != 0 {
		return e
	}
	if set != nil {
		g.UID, g.GID, g.Mode, g.ctime = set.UID, set.GID, set.Mode&0o777, ipcNow()
		return 0
	}
	t.table.remove(g.id, g.Key)
	t.forget(g, 0, len(g.sems))
	t.total -= len(g.sems)
	g.removed = true
	g.q.WakeupAll(sched.Awakened)
	return 0
}

// SemGet is what semctl's GET commands tell of one semaphore: EINVAL, EACCES.
func (p *Proc) SemGet(id, num int32, cmd int) (int32, abi.Errno) {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil || num < 0 || int(num) >= len(g.sems) {
		return 0, abi.EINVAL
	}
	if e := g.may(p, 4); e != 0 {
		return 0, e
	}
	s := g.sems[num]
	switch cmd {
	case GETNCNT:
		return int32(s.ncnt), 0
	case GETPID:
		return s.pid, 0
	case GETVAL:
		return int32(s.val), 0
	case GETZCNT:
		return int32(s.zcnt), 0
	}
	return 0, abi.EINVAL
}

// SemAll is semctl(GETALL): EINVAL, EACCES.
func (p *Proc) SemAll(id int32) ([]uint16, abi.Errno) {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return nil, abi.EINVAL
	}
	if e := g.may(p, 4); e != 0 {
		return nil, e
	}
	v := make([]uint16, len(g.sems))
	for i, s := range g.sems {
		v[i] = s.val
	}
	return v, 0
}

// SemSet is semctl(SETVAL), or SETALL with as many values as the set has from num 0:
// EINVAL, EACCES, ERANGE. What processes had to undo of these is forgotten.
func (p *Proc) SemSet(id, num int32, vals []uint16) abi.Errno {
	t := &p.Sys.sems
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil || num < 0 || int(num)+len(vals) > len(g.sems) {
		return abi.EINVAL
	}
	if e := g.may(p, 2); e != 0 {
		return e
	}
	for _, v := range vals {
		if v > SemVmx {
			return abi.ERANGE
		}
	}
	for i, v := range vals {
		s := &g.sems[int(num)+i]
		s.val, s.pid = v, p.PID
	}
	t.forget(g, int(num), len(vals))
	g.ctime = ipcNow()
	g.q.WakeupAll(sched.Awakened)
	return 0
}
