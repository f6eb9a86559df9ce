package vfs

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// VType is enum vtype (<sys/vnode.h>).
type VType uint8

const (
	VNON VType = iota
	VREG
	VDIR
	VBLK
	VCHR
	VLNK
	VSOCK
	VFIFO
)

var vtypeMode = [...]uint16{0, abi.S_IFREG, abi.S_IFDIR, abi.S_IFBLK, abi.S_IFCHR, abi.S_IFLNK, abi.S_IFSOCK, abi.S_IFIFO}

// Mode gives the S_IF bits for t (VTTOIF).
func (t VType) Mode() uint16 { return vtypeMode[t] }

// TypeOf gives the vnode type for a file mode (IFTOVT).
func TypeOf(mode uint16) VType {
	for t, m := range vtypeMode {
		if mode&abi.S_IFMT == m {
			return VType(t)
		}
	}
	return VNON
}

// Vnode is one active file. Type, Mount and Ops do not change while it lives.
type Vnode struct {
	Type  VType
	Mount *Mount
	Ops   VOP
	// Klist is where VNODE, READ and WRITE filters hang.
	Klist sys.Klist

	id    uint64
	refs  atomic.Int64
	table *Table // nil: lives as long as its file system keeps it
	key   Key

	// cover is set on a vnode that covers a name: its way up.
	cover atomic.Pointer[coverPoint]
	// covers are the covered names in this directory.
	covers atomic.Pointer[map[string]*Vnode]

	special specialInfo
	locks   lockList
	ubc     ubcInfo
	append  sync.Mutex // appending writes, one at a time
}

var lastVnode atomic.Uint64

// NewVnode makes a vnode with one reference. A file system that keeps its files in
// memory holds it for the file's name; others use a Table.
func NewVnode(m *Mount, t VType, ops VOP) *Vnode {
	v := &Vnode{Type: t, Mount: m, Ops: ops, id: lastVnode.Add(1)}
	v.refs.Store(1)
	return v
}

// Ref takes a further reference; the caller must hold one.
func (v *Vnode) Ref() *Vnode { v.refs.Add(1); return v }

// Unref drops a reference. With the last one the file system reclaims the
// vnode. Unref of nil does nothing.
func (v *Vnode) Unref() {
	if v == nil {
		return
	}
	if v.table == nil {
		if v.refs.Add(-1) == 0 {
			v.Ops.Reclaim()
		}
		return
	}
	for {
		n := v.refs.Load()
		if n == 1 {
			break
		}
		if v.refs.CompareAndSwap(n, n-1) {
			return
		}
	}
	if v.table.drop(v) {
		v.Ops.Reclaim()
	}
}

// Refs is the number of references, for tests and tools.
func (v *Vnode) Refs() int64 { return v.refs.Load() }

// Notify raises NOTE_* events on the vnode.
func (v *Vnode) Notify(note uint32) {
	if watched.Load() != 0 {
		v.Klist.Notify(note)
	}
}

// IsDir says whether v is a directory.
func (v *Vnode) IsDir() bool { return v.Type == VDIR }

// Key identifies a file within a Table: device and inode number.
type Key struct{ Dev, Ino uint64 }

// Table finds the live vnode of a file. The zero value is ready.
type Table struct {
	mu sync.Mutex
	m  map[Key]*Vnode
}

// Get returns a reference to the live vnode for key, or else to the one that
// make returns (which NewVnode made). The second result says that it is new.
// make is called with the table locked.
func (t *Table) Get(key Key, make func() *Vnode) (*Vnode, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v := t.m[key]; v != nil {
		v.refs.Add(1)
		return v, false
	}
	if make == nil {
		return nil, false
	}
	if t.m == nil {
		t.m = map[Key]*Vnode{}
	}
	v := make()
	v.table, v.key = t, key
	t.m[key] = v
	return v, true
}

// Find returns a reference to the live vnode for key, nil if there is none.
func (t *Table) Find(key Key) *Vnode {
	v, _ := t.Get(key, nil)
	return v
}

// Len is the number of live vnodes.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.m)
}

func (t *Table) drop(v *Vnode) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.refs.Add(-1) > 0 {
		return false
	}
	delete(t.m, v.key)
	return true
}

// specialInfo is what other rooms hang on a vnode (v_fifoinfo, v_socket).
type specialInfo struct {
	mu     sync.Mutex
	fifo   any
	socket any
}

// Socket gives what was bound to the vnode, nil if nothing (v_socket).
func (v *Vnode) Socket() any {
	v.special.mu.Lock()
	defer v.special.mu.Unlock()
	return v.special.socket
}

// SetSocket binds s to the vnode (nil unbinds). Whoever binds holds a reference
// to the vnode for as long.
func (v *Vnode) SetSocket(s any) {
	v.special.mu.Lock()
	v.special.socket = s
	v.special.mu.Unlock()
}

// Fifo gives the vnode's FIFO, made by make at first (v_fifoinfo). It is
// forgotten with the vnode.
func (v *Vnode) Fifo(make func() any) any {
	v.special.mu.Lock()
	defer v.special.mu.Unlock()
	if v.special.fifo == nil {
		v.special.fifo = make()
	}
	return v.special.fifo
}

// ID is the vnode's number (vnode_vid): no two vnodes of a run have the same.
func (v *Vnode) ID() uint64 { return v.id }

// Retain takes a reference if the vnode still has one: for those who know it only
// weakly. It fails for one that is on its way out.
func (v *Vnode) Retain() bool {
	for {
		n := v.refs.Load()
		if n <= 0 {
			return false
		}
		if v.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Tree is the tree that the vnode's mount belongs to; nil if it has none.
func (v *Vnode) Tree() *Tree {
	if v.Mount == nil {
		return nil
	}
	return v.Mount.tree
}
