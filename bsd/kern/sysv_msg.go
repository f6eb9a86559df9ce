package kern

import (
	"sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// System V message queues: messages with a type, taken in order, by type, or by the
// lowest type up to one (<sys/msg.h>).

// Limits, XNU's defaults (kern.sysv).
const (
	MsgMni = 40    // queues
	MsgMnb = 2048  // bytes of one queue
	MsgTql = 40    // messages of all queues
	MsgMax = 16384 // bytes of all messages
)

const MSG_NOERROR = 0o10000

type sysvMessage struct {
	typ  int64
	text []byte
}

type sysvQueue struct {
	MsgInfo
	id      int32
	msgs    []sysvMessage
	removed bool
}

// MsgInfo is struct msqid_ds.
type MsgInfo struct {
	IPCPerm
	Cbytes, Qnum, Qbytes uint64
	Lspid, Lrpid         int32
	Stime, Rtime, Ctime  int64
}

// sysvMsgs is the table of a machine. Senders wait for room of any queue, so all
// who wait do it in one place.
type sysvMsgs struct {
	mu          sync.Mutex
	table       ipcTable[sysvQueue]
	msgs, bytes int
	q           sched.WaitQueue
}

// Msgget is msgget(2): ENOENT, EEXIST, EACCES, ENOSPC.
func (p *Proc) Msgget(key int32, flag int) (int32, abi.Errno) {
	t := &p.Sys.msgs
	t.mu.Lock()
	defer t.mu.Unlock()
	id, found, e := t.table.find(key, flag)
	if e != 0 {
		return -1, e
	}
	if found {
		return id, t.table.byID(id).may(p, uint16(flag)>>6&6)
	}
	g := &sysvQueue{MsgInfo: MsgInfo{IPCPerm: newIPCPerm(p, key, flag), Qbytes: MsgMnb, Ctime: ipcNow()}}
	var ok bool
	if g.id, g.Seq, ok = t.table.add(g, key, MsgMni); !ok {
		return -1, abi.ENOSPC
	}
	return g.id, 0
}

// Msgsnd is msgsnd(2): EINVAL for a type below 1, a queue that is none, or more than
// a queue holds; EACCES, EAGAIN, EIDRM, EINTR.
func (ut *Uthread) Msgsnd(id int32, typ int64, text []byte, flag int) abi.Errno {
	p := ut.Proc
	t := &p.Sys.msgs
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return abi.EINVAL
	}
	if e := g.may(p, 2); e != 0 {
		return e
	}
	if typ < 1 {
		return abi.EINVAL
	}
	for {
		if uint64(len(text)) > g.Qbytes {
			return abi.EINVAL
		}
		if g.Cbytes+uint64(len(text)) <= g.Qbytes && t.msgs < MsgTql && t.bytes+len(text) <= MsgMax {
			break
		}
		if flag&IPC_NOWAIT != 0 {
			return abi.EAGAIN
		}
		r := sched.Sleep(&ut.Thread.Thread, &t.q, &t.mu, sched.Interruptible, sched.Forever)
		if g.removed {
			return abi.EIDRM
		}
		if r == sched.Interrupted {
			return abi.EINTR
		}
	}
	g.msgs = append(g.msgs, sysvMessage{typ, text})
	t.count(g, 1, len(text))
	g.Lspid, g.Stime = p.PID, ipcNow()
	t.q.WakeupAll(sched.Awakened)
	return 0
}

func (t *sysvMsgs) count(g *sysvQueue, msgs, bytes int) {
	t.msgs += msgs
	t.bytes += bytes
	g.Qnum = uint64(int(g.Qnum) + msgs)
	g.Cbytes = uint64(int(g.Cbytes) + bytes)
}

// Msgrcv is msgrcv(2): the message that typ asks for, at most size bytes of it.
// EINVAL, EACCES, E2BIG for a longer one without MSG_NOERROR, ENOMSG, EIDRM, EINTR.
func (ut *Uthread) Msgrcv(id int32, size uint64, typ int64, flag int) (int64, []byte, abi.Errno) {
	p := ut.Proc
	t := &p.Sys.msgs
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return 0, nil, abi.EINVAL
	}
	if e := g.may(p, 4); e != 0 {
		return 0, nil, e
	}
	for {
		if i := g.pick(typ); i >= 0 {
			m := g.msgs[i]
			if uint64(len(m.text)) > size && flag&MSG_NOERROR == 0 {
				return 0, nil, abi.E2BIG
			}
			g.msgs = append(g.msgs[:i:i], g.msgs[i+1:]...)
			t.count(g, -1, -len(m.text))
			g.Lrpid, g.Rtime = p.PID, ipcNow()
			t.q.WakeupAll(sched.Awakened)
			return m.typ, m.text[:min(uint64(len(m.text)), size)], 0
		}
		if flag&IPC_NOWAIT != 0 {
			return 0, nil, abi.ENOMSG
		}
		r := sched.Sleep(&ut.Thread.Thread, &t.q, &t.mu, sched.Interruptible, sched.Forever)
		if g.removed {
			return 0, nil, abi.EIDRM
		}
		if r == sched.Interrupted {
			return 0, nil, abi.EINTR
		}
	}
}

// pick is the place of the message that typ means: the first, the first of that
// type, or of the lowest type up to -typ; -1 if there is none.
func (g *sysvQueue) pick(typ int64) int {
	best := -1
	for i, m := range g.msgs {
		switch {
		case typ == 0 || m.typ == typ:
			return i
		case typ < 0 && m.typ <= -typ && (best < 0 || m.typ < g.msgs[best].typ):
			best = i
		}
	}
	return best
}

// MsgStat is msgctl(IPC_STAT): EINVAL, EACCES.
func (p *Proc) MsgStat(id int32) (MsgInfo, abi.Errno) {
	t := &p.Sys.msgs
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.table.byID(id)
	if g == nil {
		return MsgInfo{}, abi.EINVAL
	}
	return g.MsgInfo, g.may(p, 4)
}

// MsgChange is msgctl(IPC_SET) with owner, mode and Qbytes, or IPC_RMID without:
// EINVAL for no bytes, EPERM also for more than there were by who is not the
// superuser.
func (p *Proc) MsgChange(id int32, set *MsgInfo) abi.Errno {
	t := &p.Sys.msgs
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
		if set.Qbytes > g.Qbytes && !p.Cred().IsSuser() {
			return abi.EPERM
		}
		if set.Qbytes == 0 {
			return abi.EINVAL
		}
		g.Qbytes = min(set.Qbytes, MsgMnb)
		g.UID, g.GID, g.Mode, g.Ctime = set.UID, set.GID, set.Mode&0o777, ipcNow()
		t.q.WakeupAll(sched.Awakened)
		return 0
	}
	t.table.remove(g.id, g.Key)
	t.count(g, -len(g.msgs), -int(g.Cbytes))
	g.msgs, g.removed = nil, true
	t.q.WakeupAll(sched.Awakened)
	return 0
}
