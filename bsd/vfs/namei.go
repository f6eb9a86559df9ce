package vfs

import (
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
)

// NameiFlags modify a lookup.
type NameiFlags uint8

const (
	// Follow follows a symbolic link at the end of the path. One with a
	// trailing slash is followed in any case, as Darwin does.
	Follow NameiFlags = 1 << iota
	// WantParent asks for the directory and the last name. The name need not
	// exist, and unless a trailing slash, Follow or NeedVnode make it necessary, it
	// is not looked up.
	WantParent
	// NeedVnode with WantParent has the last name looked up.
	NeedVnode
	// NoLinks fails with ELOOP at any symbolic link (O_NOFOLLOW_ANY).
	NoLinks
)

// Nameidata is struct nameidata: a lookup and what it found. Release drops the
// references.
type Nameidata struct {
	Path  string
	Dir   *Vnode // where a relative path begins; nil is the current directory
	Flags NameiFlags

	// Vp is what was found: with WantParent nil if the name does not exist or
	// was not looked up.
	Vp *Vnode
	// Dvp and Name are set with WantParent. A path that ends in the root of the
	// tree has neither.
	Dvp  *Vnode
	Name string
	// Slash: the path ended in a slash, so a directory is meant.
	Slash bool
	// Covered: the name is a mount point or the like, and can't be changed.
	Covered bool

	ns    *Namespace
	links int
}

// Release drops the references.
func (nd *Nameidata) Release() {
	nd.Vp.Unref()
	nd.Dvp.Unref()
	nd.Vp, nd.Dvp = nil, nil
}

// checkPath gives the errors of a path as such.
func checkPath(path string) abi.Errno {
	if path == "" {
		return abi.ENOENT
	}
	if len(path) >= abi.MAXPATHLEN {
		return abi.ENAMETOOLONG
	}
	return 0
}

// Namei looks nd.Path up. Errors: ENOENT, ENOTDIR, EACCES, ELOOP (more than
// MAXSYMLINKS links), ENAMETOOLONG, and the file system's. On error nothing is
// held.
func Namei(ctx *sys.Context, ns *Namespace, nd *Nameidata) abi.Errno {
	if e := checkPath(nd.Path); e != 0 {
		return e
	}
	nd.ns, nd.links = ns, 0
	return nd.walk(ctx, ns.start(nd.Dir, nd.Path), nd.Path)
}

// walk goes on from cur, whose reference it takes, along path.
func (nd *Nameidata) walk(ctx *sys.Context, cur *Vnode, path string) abi.Errno {
	ns, tree := nd.ns, nd.ns.tree
	rest := strings.TrimLeft(path, "/")
	start, startRest, plain, gen := cur, rest, false, tree.plain.generation()
	start.Ref()
	defer func() { start.Unref() }()
	fail := func(e abi.Errno) abi.Errno {
		cur.Unref()
		return e
	}
	restart := func(at *Vnode, path string) {
		if path[0] == '/' {
			at.Unref()
			at = ns.rootRef()
		}
		cur, rest = at, strings.TrimLeft(path, "/")
		start.Unref()
		start, startRest = cur.Ref(), rest
		cur, plain = nd.jump(ctx, cur, &rest)
	}
	cur, plain = nd.jump(ctx, cur, &rest)
	for rest != "" {
		if !cur.IsDir() {
			return fail(abi.ENOTDIR)
		}
		if e := Permit(ctx, Execute, cur, nil); e != 0 {
			return fail(e)
		}
		name, after, slash := strings.Cut(rest, "/")
		after = strings.TrimLeft(after, "/")
		last := after == ""
		slash = slash && last
		if len(name) > abi.NAME_MAX {
			return fail(abi.ENAMETOOLONG)
		}
		if last && plain && cur.covers.Load() == nil && cur != start {
			tree.plain.add(gen, start, strings.TrimRight(startRest[:len(startRest)-len(rest)], "/"))
		}
		cv, covered := cur.covered(name)
		if last && nd.Flags&WantParent != 0 {
			nd.Slash, nd.Covered = slash, covered
			if !slash && nd.Flags&(NeedVnode|Follow) == 0 && name != "." && name != ".." && cur.under() == nil {
				nd.Dvp, nd.Name = cur, name
				return 0
			}
		}
		var next *Vnode
		var e abi.Errno
		switch {
		case name == ".":
			next = cur.Ref()
		case name == "..":
			plain = false
			next, e = ns.dotdot(ctx, cur)
		case covered && cv == nil:
			e = abi.ENOENT
		case covered:
			plain = false
			next = cv.Ref()
		default:
			next, e = cur.Ops.Lookup(ctx, name)
			if e == abi.ENOENT && cur.under() != nil {
				var dir *Vnode
				if dir, next, e = cur.through(ctx, name); e == 0 {
					cur.Unref()
					cur = dir
				}
			}
		}
		if e != 0 {
			if e == abi.ENOENT && last && nd.Flags&WantParent != 0 {
				nd.Dvp, nd.Name = cur, name
				return 0
			}
			return fail(e)
		}
		if next.Type == VLNK && (!last || slash || nd.Flags&Follow != 0) {
			target, e := nd.link(ctx, next)
			next.Unref()
			if e != 0 {
				return fail(e)
			}
			if after != "" || slash {
				target += "/" + after
			}
			if len(target) >= abi.MAXPATHLEN {
				return fail(abi.ENAMETOOLONG)
			}
			restart(cur, target)
			continue
		}
		if last {
			if slash && !next.IsDir() {
				next.Unref()
				return fail(abi.ENOTDIR)
			}
			if !slash && nd.Flags&WantParent != 0 && nd.Flags&(NeedVnode|Follow) == 0 && name != "." && name != ".." {
				next.Unref() // looked up to know in which of a union's directories it is
				next = nil
			}
			nd.Vp, nd.Slash = next, slash
			if nd.Flags&WantParent != 0 {
				nd.Dvp, nd.Name = cur, name
			} else {
				cur.Unref()
			}
			return 0
		}
		cur.Unref()
		cur, rest = next, after
	}
	// The path was "/", or ended in a link to it.
	nd.Vp = cur
	return 0
}

// link reads a symbolic link that is to be followed.
func (nd *Nameidata) link(ctx *sys.Context, v *Vnode) (string, abi.Errno) {
	if nd.links++; nd.links > abi.MAXSYMLINKS || nd.Flags&NoLinks != 0 {
		return "", abi.ELOOP
	}
	target, e := v.Ops.Readlink(ctx)
	if e == 0 {
		e = checkPath(target)
	}
	return target, e
}

// FollowLast goes on when the last name, not looked up before, turned out to be
// a symbolic link.
func (nd *Nameidata) FollowLast(ctx *sys.Context) abi.Errno {
	dvp, name := nd.Dvp, nd.Name
	nd.Dvp = nil
	v, e := dvp.Ops.Lookup(ctx, name)
	if e == 0 {
		var target string
		if target, e = nd.link(ctx, v); e == 0 {
			v.Unref()
			if target[0] == '/' {
				dvp.Unref()
				dvp = nd.ns.rootRef()
			}
			return nd.walk(ctx, dvp, target)
		}
		v.Unref()
	}
	dvp.Unref()
	return e
}

// splitLast cuts the last component off rest, which has no leading slash; ok is
// false if it is not a simple name or there is nothing before it to skip.
func splitLast(rest string) (prefix, last string, ok bool) {
	i := strings.LastIndexByte(rest, '/')
	last = rest[i+1:]
	if last == "" || last == ".." || last == "." {
		return "", "", false
	}
	if i < 0 {
		return "", last, true
	}
	return strings.TrimRight(rest[:i], "/"), last, true
}

// jump skips a plain prefix of *rest in one step. The second result says that
// it did not, so that what the walk finds out is news.
func (nd *Nameidata) jump(ctx *sys.Context, cur *Vnode, rest *string) (*Vnode, bool) {
	prefix, _, ok := splitLast(strings.TrimRight(*rest, "/"))
	if !ok || prefix == "" || nd.ns.tree.asked() || !nd.ns.tree.plain.has(cur, prefix) {
		return cur, true
	}
	p, ok := cur.Ops.(PathOps)
	if !ok || !p.Direct(ctx) {
		return cur, true
	}
	v, e := p.LookupPath(ctx, prefix)
	if e != 0 {
		return cur, true // the slow way says what is wrong
	}
	if !v.IsDir() || v.covers.Load() != nil {
		v.Unref()
		return cur, true
	}
	cur.Unref()
	*rest = (*rest)[strings.LastIndex(strings.TrimRight(*rest, "/"), "/")+1:]
	return v, false
}

// direct finds the PathOps by which path can be resolved at once, and the path
// relative to dir's vnode. The caller must Unref the vnode.
func (ns *Namespace) direct(ctx *sys.Context, dir *Vnode, path string) (*Vnode, PathOps, string) {
	rest := strings.TrimLeft(path, "/")
	prefix, last, ok := splitLast(rest)
	if !ok || len(last) > abi.NAME_MAX || len(path) >= abi.MAXPATHLEN || ns.tree.asked() {
		return nil, nil, ""
	}
	start := ns.start(dir, path)
	if p, ok := start.Ops.(PathOps); ok && p.Direct(ctx) {
		if prefix == "" {
			ok = start.covers.Load() == nil
		} else {
			ok = ns.tree.plain.has(start, prefix)
		}
		if ok {
			return start, p, rest
		}
	}
	start.Unref()
	return nil, nil, ""
}
