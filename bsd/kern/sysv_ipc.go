package kern

import (
	"time"

	"puggle/abi"
)

// IPC_NOWAIT of <sys/ipc.h>: do not sleep.
const IPC_NOWAIT = 0o4000

// IPCPerm is struct ipc_perm: who made an object, whose it is, and who may do what.
type IPCPerm struct {
	UID, GID, CUID, CGID uint32
	Mode, Seq            uint16
	Key                  int32
}

// may says whether p has the rights bits (4 to read, 2 to alter): EACCES.
func (g *IPCPerm) may(p *Proc, bits uint16) abi.Errno {
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

// owns says whether p may remove or change the object: EPERM.
func (g *IPCPerm) owns(p *Proc) abi.Errno {
	if c := p.Cred(); !c.IsSuser() && c.UID != g.UID && c.UID != g.CUID {
		return abi.EPERM
	}
	return 0
}

func newIPCPerm(p *Proc, key int32, flag int) IPCPerm {
	c := p.Cred()
	return IPCPerm{UID: c.UID, GID: c.GID, CUID: c.UID, CGID: c.GID, Mode: uint16(flag) & 0o777, Key: key}
}

// ipcTable finds objects of one kind by number and by key. A number is a place in
// the table, with the count of its uses above: 15 and 16 bits.
type ipcTable[T any] struct {
	slots []*T
	seq   []uint16
	keys  map[int32]int32
	free  []int
}

// add gives the number of a new object: false at limit objects.
func (t *ipcTable[T]) add(x *T, key int32, limit int) (id int32, seq uint16, ok bool) {
	i := len(t.slots)
	if n := len(t.free); n > 0 {
		i = t.free[n-1]
		t.free = t.free[:n-1]
		t.slots[i] = x
	} else if i < limit {
		t.slots = append(t.slots, x)
		t.seq = append(t.seq, 0)
	} else {
		return 0, 0, false
	}
	t.seq[i] = (t.seq[i] + 1) & 0x7fff
	id = int32(t.seq[i])<<16 | int32(i)
	if key != ipcKey {
		if t.keys == nil {
			t.keys = make(map[int32]int32)
		}
		t.keys[key] = id
	}
	return id, t.seq[i], true
}

// byID is nil for a number that is none.
func (t *ipcTable[T]) byID(id int32) *T {
	i := int(id & 0xffff)
	if id < 0 || i >= len(t.slots) || t.seq[i] != uint16(id>>16) {
		return nil
	}
	return t.slots[i]
}

func (t *ipcTable[T]) remove(id, key int32) {
	i := int(id & 0xffff)
	t.slots[i] = nil
	t.free = append(t.free, i)
	if key != ipcKey && t.keys[key] == id {
		delete(t.keys, key)
	}
}

// find looks a key up as the get calls do: found, or to be made, or an error of
// ENOENT and EEXIST.
func (t *ipcTable[T]) find(key int32, flag int) (id int32, found bool, e abi.Errno) {
	if key != ipcKey {
		if id, found = t.keys[key]; found {
			if flag&(IPC_CREAT|IPC_EXCL) == IPC_CREAT|IPC_EXCL {
				return 0, false, abi.EEXIST
			}
			return id, true, 0
		}
		if flag&IPC_CREAT == 0 {
			return 0, false, abi.ENOENT
		}
	}
	return 0, false, 0
}

func ipcNow() int64 { return time.Now().Unix() }
