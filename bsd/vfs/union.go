package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// A union mount (MNT_UNION) shows the directory that it covers through its root: names that the mounted
// file system has not are looked for there, and listed after its own. What is new is made above. It goes
// one directory deep, as in BSD: a directory of both is the upper one.

// under is the directory that shows through v, the root of a union mount; nil for all others.
func (v *Vnode) under() *Vnode {
	if m := v.Mount; m != nil && m.Root == v {
		return m.under
	}
	return nil
}

// overUnion gives, for a directory that shows through a union mount, that mount's root, which is what it is
// seen as; v itself for any other. It takes v's reference.
func (t *Tree) overUnion(v *Vnode) *Vnode {
	t.mu.Lock()
	var root *Vnode
	for _, m := range t.mounts {
		if m.under == v && !m.going {
			root = m.Root.Ref()
		}
	}
	t.mu.Unlock()
	if root == nil {
		return v
	}
	v.Unref()
	return root
}

// through looks for a name that dir has not in what shows through. It gives the directory that has it, with
// a reference of the caller's.
func (v *Vnode) through(ctx *sys.Context, name string) (dir, found *Vnode, e abi.Errno) {
	for d := v.under(); d != nil && name != ".."; d = d.under() {
		if c, covered := d.covered(name); covered {
			if c == nil {
				break // hidden
			}
			return d.Ref(), c.Ref(), 0
		}
		if e := Permit(ctx, Execute, d, nil); e != 0 {
			return nil, nil, e
		}
		if found, e = d.Ops.Lookup(ctx, name); e != abi.ENOENT {
			if e != 0 {
				return nil, nil, e
			}
			return d.Ref(), found, 0
		}
	}
	return nil, nil, abi.ENOENT
}

// unionBase is where the positions of the lower directory's entries begin, counted: below those of covers,
// above those that file systems use.
const unionBase = coverBase - 1<<40

// readUnder lists what shows through a union mount's root behind position off.
func (v *Vnode) readUnder(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	at := int64(unionBase)
	return v.under().Readdir(ctx, 0, func(d *abi.Dirent) bool {
		if at++; at <= off || d.Name == "." || d.Name == ".." {
			return true
		}
		if up, e := v.Ops.Lookup(ctx, d.Name); e == 0 {
			up.Unref()
			return true
		}
		if _, covered := v.covered(d.Name); covered {
			return true
		}
		d.Off = at
		return emit(d)
	})
}
