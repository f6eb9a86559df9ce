package sysctl

import (
	"encoding/binary"
	"strconv"
	"strings"

	"puggle/abi"
)

const maxPathLen = 1024

// addSelf registers the node {0}, by which the tree tells about itself.
func (t *Tree) addSelf() {
	self := &OID{Number: 0, Name: "sysctl", Kind: abi.CTLTYPE_NODE | abi.CTLFLAG_RD, Fmt: "N"}
	t.must(nil, self)
	node := abi.CTLTYPE_NODE | abi.CTLFLAG_RD
	t.must(self, &OID{Number: 1, Name: "name", Kind: node, Fmt: "N", Handler: t.name})
	t.must(self, &OID{Number: 2, Name: "next", Kind: node, Fmt: "N", Handler: t.next})
	t.must(self, &OID{Number: 3, Name: "name2oid", Kind: abi.CTLFLAG_RW | abi.CTLFLAG_ANYBODY, Fmt: "I", Handler: t.name2oid})
	t.must(self, &OID{Number: 4, Name: "oidfmt", Kind: node, Fmt: "N", Handler: t.oidfmt})
	t.must(self, &OID{Number: 5, Name: "oiddescr", Kind: node, Fmt: "N", Handler: t.oiddescr})
}

// must registers what a table of ours says.
func (t *Tree) must(parent, oid *OID) *OID {
	if err := t.Register(parent, oid); err != nil {
		panic(err.Error() + ": " + oid.Name)
	}
	return oid
}

// name is {0,1,...}: the name of what follows. Numbers beyond the tree appear
// as digits.
func (t *Tree) name(_ *OID, mib []int32, req *Req) abi.Errno {
	t.mu.Lock()
	var parts []string
	oid := &t.root
	for _, number := range mib {
		if oid != nil {
			oid = oid.child(number)
		}
		if oid != nil {
			parts = append(parts, oid.Name)
		} else {
			parts = append(parts, strconv.Itoa(int(number)))
		}
	}
	t.mu.Unlock()
	return req.OutString(strings.Join(parts, "."))
}

// next is {0,2,...}: the MIB of the first value behind the one that follows.
func (t *Tree) next(_ *OID, mib []int32, req *Req) abi.Errno {
	t.mu.Lock()
	found := after(&t.root, mib, nil)
	t.mu.Unlock()
	if found == nil {
		return abi.ENOENT
	}
	return outMIB(req, found)
}

// after walks in order of numbers to the first value that comes after mib.
func after(oid *OID, mib, path []int32) []int32 {
	for _, c := range oid.children {
		var rest []int32
		if len(mib) > 0 {
			if c.Number < mib[0] {
				continue
			}
			if c.Number == mib[0] {
				rest = mib[1:]
			}
		}
		at := append(path[:len(path):len(path)], c.Number)
		if c.Kind&abi.CTLTYPE == abi.CTLTYPE_NODE && c.Handler == nil {
			if found := after(c, rest, at); found != nil {
				return found
			}
		} else if len(mib) == 0 || c.Number != mib[0] {
			return at
		}
	}
	return nil
}

// name2oid is {0,3}: the MIB of the name that the new value is.
func (t *Tree) name2oid(_ *OID, _ []int32, req *Req) abi.Errno {
	switch {
	case len(req.New) < 1:
		return abi.ENOENT
	case len(req.New) >= maxPathLen:
		return abi.ENAMETOOLONG
	}
	t.mu.Lock()
	_, mib := t.byName(cString(string(req.New)))
	t.mu.Unlock()
	if mib == nil {
		return abi.ENOENT
	}
	return outMIB(req, mib)
}

// oidfmt is {0,4,...}: kind and format.
func (t *Tree) oidfmt(_ *OID, mib []int32, req *Req) abi.Errno {
	oid := t.exact(mib)
	if oid == nil || oid.Fmt == "" {
		return abi.ENOENT
	}
	req.OutInt(int32(oid.Kind))
	return req.OutString(oid.Fmt)
}

// oiddescr is {0,5,...}: the description.
func (t *Tree) oiddescr(_ *OID, mib []int32, req *Req) abi.Errno {
	oid := t.exact(mib)
	if oid == nil {
		return abi.ENOENT
	}
	return req.OutString(oid.Descr)
}

// exact finds the OID of mib, node or leaf, or the node with a handler on the
// way to it.
func (t *Tree) exact(mib []int32) *OID {
	t.mu.Lock()
	defer t.mu.Unlock()
	oid := &t.root
	for _, number := range mib {
		if oid != &t.root && oid.Kind&abi.CTLTYPE == abi.CTLTYPE_NODE && oid.Handler != nil {
			return oid
		}
		if oid = oid.child(number); oid == nil {
			return nil
		}
	}
	if oid == &t.root {
		return nil
	}
	return oid
}

func outMIB(req *Req, mib []int32) abi.Errno {
	b := make([]byte, 0, 4*len(mib))
	for _, n := range mib {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return req.Out(b)
}
