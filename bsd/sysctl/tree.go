package sysctl

import (
	"errors"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/mach/sched"
)

// Handler is an oid_handler. name is the rest of the MIB behind a node with a
// handler, else empty. Errors go to the guest as they are.
type Handler func(oid *OID, name []int32, req *Req) abi.Errno

// OID is struct sysctl_oid. Set the exported fields, then Register it; they
// don't change afterwards (Number does, if it was OID_AUTO).
type OID struct {
	Number  int32 // or OID_AUTO
	Name    string
	Kind    uint32 // CTLTYPE_* and CTLFLAG_*
	Fmt     string // "I", "L", "A", "N", "Q", "S,type"
	Descr   string
	Handler Handler

	parent     *OID
	children   []*OID // by number
	registered bool
	busy       int // handlers that run
}

// Tree is a tree of OIDs.
type Tree struct {
	mu          sync.Mutex
	idle        sched.WaitQueue // some OID's busy went to 0
	root        OID
	securelevel atomic.Int32
}

// NewTree makes a tree that knows only about itself (the node {0}).
func NewTree() *Tree {
	t := new(Tree)
	t.root = OID{Kind: abi.CTLTYPE_NODE, registered: true}
	t.addSelf()
	return t
}

// Errors of Register and Unregister.
var (
	ErrExists   = errors.New("sysctl: number or name is taken")
	ErrNotThere = errors.New("sysctl: not registered")
	ErrParent   = errors.New("sysctl: parent is no registered node")
	ErrChildren = errors.New("sysctl: node still has children")
)

// Root is the parent of top-level nodes.
func (t *Tree) Root() *OID { return &t.root }

// Register is sysctl_register_oid: it puts oid below parent (nil is the root).
// OID_AUTO gets the next number from OID_AUTO_START on.
func (t *Tree) Register(parent, oid *OID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if parent == nil {
		parent = &t.root
	}
	switch {
	case !parent.registered || parent.Kind&abi.CTLTYPE != abi.CTLTYPE_NODE:
		return ErrParent
	case oid.registered:
		return ErrExists
	}
	auto := abi.OID_AUTO_START
	for _, c := range parent.children {
		if c.Number == oid.Number || c.Name == oid.Name {
			return ErrExists
		}
		auto = max(auto, c.Number+1)
	}
	if oid.Number == abi.OID_AUTO {
		oid.Number = auto
	}
	i := sort.Search(len(parent.children), func(i int) bool { return parent.children[i].Number > oid.Number })
	parent.children = append(parent.children, nil)
	copy(parent.children[i+1:], parent.children[i:])
	parent.children[i] = oid
	oid.parent, oid.registered, oid.busy = parent, true, 0
	return nil
}

// Unregister is sysctl_unregister_oid: it takes oid out and waits on th until
// its handler runs nowhere. Not to be called from that handler. A node has to
// lose its children first.
func (t *Tree) Unregister(th *sched.Thread, oid *OID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !oid.registered:
		return ErrNotThere
	case len(oid.children) > 0:
		return ErrChildren
	}
	list := oid.parent.children
	for i, c := range list {
		if c == oid {
			oid.parent.children = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	oid.registered = false
	for oid.busy > 0 {
		sched.Sleep(th, &t.idle, &t.mu, sched.Uninterruptible, sched.Forever)
	}
	oid.parent = nil
	return nil
}

// Lookup finds an OID by name ("kern.ostype"), nil if there is none.
func (t *Tree) Lookup(name string) *OID {
	t.mu.Lock()
	defer t.mu.Unlock()
	oid, _ := t.byName(name)
	return oid
}

// byName finds name and its MIB. mu is held.
func (t *Tree) byName(name string) (*OID, []int32) {
	oid := &t.root
	var mib []int32
	for _, part := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		var next *OID
		for _, c := range oid.children {
			if c.Name == part {
				next = c
				break
			}
		}
		if next == nil || len(mib) == abi.CTL_MAXNAME {
			return nil, nil
		}
		oid, mib = next, append(mib, next.Number)
	}
	return oid, mib
}

// child finds a child by number. mu is held.
func (o *OID) child(number int32) *OID {
	i := sort.Search(len(o.children), func(i int) bool { return o.children[i].Number >= number })
	if i < len(o.children) && o.children[i].Number == number {
		return o.children[i]
	}
	return nil
}

// find follows a MIB to a leaf, or to a node with a handler and what is left.
// ENOENT; EISDIR when the name goes on behind a leaf. mu is held.
func (t *Tree) find(mib []int32) (*OID, []int32, abi.Errno) {
	oid := &t.root
	for i, number := range mib {
		if oid = oid.child(number); oid == nil {
			return nil, nil, abi.ENOENT
		}
		if oid.Kind&abi.CTLTYPE != abi.CTLTYPE_NODE {
			if i+1 < len(mib) {
				return nil, nil, abi.EISDIR
			}
			return oid, nil, 0
		}
		if oid.Handler != nil {
			return oid, mib[i+1:], 0
		}
	}
	return nil, nil, abi.ENOENT
}
