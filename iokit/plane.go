package iokit

import (
	"slices"
	"strings"
)

// linksIn makes them. Under Registry.mu.
func (e *Entry) linksIn(p Plane) (*links, error) {
	l := e.in[p]
	if l == nil {
		if _, ok := e.r.planes[p]; !ok {
			if len(e.r.planes) >= maxPlanes || !goodName(string(p)) {
				return nil, errPlane
			}
			e.r.planes[p] = 1
		}
		l = &links{}
		e.in[p] = l
	}
	return l, nil
}

// Attach makes the entry a child of parent in a plane (attachToParent); it may have several.
// Attaching twice changes nothing. Errors: a cycle, an inactive entry, too many.
func (e *Entry) Attach(parent *Entry, p Plane) error {
	r := e.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if parent.r != r || e == r.root {
		return errCycle
	}
	if e.state&Inactive != 0 || parent.state&Inactive != 0 {
		return errInactive
	}
	up, err := parent.linksIn(p)
	if err != nil {
		return err
	}
	l, err := e.linksIn(p)
	if err != nil {
		return err
	}
	if slices.Contains(l.parents, parent) {
		return nil
	}
	if len(l.parents) >= maxParents {
		return errFull
	}
	if parent.above(p, e) || parent.levels(p, false)+e.levels(p, true) > maxLevels {
		return errCycle
	}
	if r.entries[e.id] == nil { // it was detached from everything
		if len(r.entries) >= MaxEntries {
			return errFull
		}
		r.entries[e.id] = e
	}
	l.parents = append(l.parents, parent)
	up.children = append(up.children, e)
	e.linked++
	r.planes[p]++
	if p == ServicePlane && e.busy > 0 {
		r.addBusy(parent, 1)
	}
	return nil
}

// above says whether e or an ancestor of it is x. Planes have no cycles, and visiting each once
// bounds it.
func (e *Entry) above(p Plane, x *Entry) bool {
	return e == x || slices.Contains(e.walk(p, true), x)
}

// levels is how long the longest way down or up is, itself counted.
func (e *Entry) levels(p Plane, down bool) int {
	depth := map[*Entry]int{}
	var visit func(e *Entry) int
	visit = func(e *Entry) int {
		if n, ok := depth[e]; ok {
			return n
		}
		n := 0
		for _, x := range e.next(p, !down) {
			n = max(n, visit(x))
		}
		depth[e] = n + 1
		return n + 1
	}
	return visit(e)
}

// next are the children, or the parents. Under Registry.mu.
func (e *Entry) next(p Plane, parents bool) []*Entry {
	l := e.in[p]
	if l == nil {
		return nil
	}
	if parents {
		return l.parents
	}
	return l.children
}

// walk are all relatives in one direction, the nearer way first, each once.
func (e *Entry) walk(p Plane, parents bool) []*Entry {
	var out []*Entry
	seen := map[*Entry]bool{e: true}
	var visit func(e *Entry)
	visit = func(e *Entry) {
		for _, x := range e.next(p, parents) {
			if !seen[x] {
				seen[x] = true
				out = append(out, x)
				visit(x)
			}
		}
	}
	visit(e)
	return out
}

// Walk are all descendants of the entry in a plane, or with parents its ancestors, depth first.
func (e *Entry) Walk(p Plane, parents bool) []*Entry {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return e.walk(p, parents)
}

// Detach undoes Attach (detachFromParent). What is in no plane any more is not found.
func (e *Entry) Detach(parent *Entry, p Plane) {
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	e.detach(parent, p)
}

func (e *Entry) detach(parent *Entry, p Plane) {
	l := e.in[p]
	if l == nil {
		return
	}
	i := slices.Index(l.parents, parent)
	if i < 0 {
		return
	}
	l.parents = slices.Delete(l.parents, i, i+1)
	up := parent.in[p]
	i = slices.Index(up.children, e)
	up.children = slices.Delete(up.children, i, i+1)
	e.r.planes[p]++
	if p == ServicePlane && e.busy > 0 {
		e.r.addBusy(parent, -1)
	}
	if e.linked--; e.linked == 0 {
		delete(e.r.entries, e.id)
	}
}

// detachAll takes the entry out of every plane, with what hangs on it.
func (e *Entry) detachAll() {
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	for p, l := range e.in {
		for len(l.parents) > 0 {
			e.detach(l.parents[0], p)
		}
		for len(l.children) > 0 {
			l.children[0].detach(e, p)
		}
	}
	delete(e.r.entries, e.id) // one that never was in a plane, too
}

// Children are the entry's in a plane, Parents its parents, in the order in which they were attached.
func (e *Entry) Children(p Plane) []*Entry {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return slices.Clone(e.next(p, false))
}

func (e *Entry) Parents(p Plane) []*Entry {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return slices.Clone(e.next(p, true))
}

// Provider is the first parent in the service plane, nil without one.
func (e *Entry) Provider() *Entry {
	if l := e.Parents(ServicePlane); len(l) > 0 {
		return l[0]
	}
	return nil
}

// InPlane says whether the entry is attached there; the root is everywhere.
func (e *Entry) InPlane(p Plane) bool {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	if e == e.r.root {
		_, ok := e.r.planes[p]
		return ok
	}
	l := e.in[p]
	return l != nil && len(l.parents) > 0
}

// Path is where the entry is in a plane: PLANE:/NAME@LOCATION/... from the child of the root on,
// which itself is PLANE:/. False for the root and for what is not in the plane.
func (e *Entry) Path(p Plane) (string, bool) {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	top := e.r.top(p)
	var l []string
	for x := e; x != top; {
		up := x.next(p, true)
		if len(up) == 0 || top == nil {
			return "", false
		}
		l = append(l, x.component(p))
		x = up[0]
	}
	slices.Reverse(l)
	return string(p) + ":/" + strings.Join(l, "/"), true
}

// top is the first child of the root. Under Registry.mu.
func (r *Registry) top(p Plane) *Entry {
	if l := r.root.next(p, false); len(l) > 0 {
		return l[0]
	}
	return nil
}

func (e *Entry) component(p Plane) string {
	if at := e.placeIn(p); at != "" {
		return e.nameIn(p) + "@" + at
	}
	return e.nameIn(p)
}

// FromPath finds the entry of a path as Path gives it; a component may leave out the
// location, or the name. Without a plane it is the device tree's. nil if there is none.
func (r *Registry) FromPath(path string) *Entry {
	p := DeviceTreePlane
	if plane, rest, ok := strings.Cut(path, ":"); ok {
		p, path = Plane(plane), rest
	}
	if !strings.HasPrefix(path, "/") {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.top(p)
	for part := range strings.SplitSeq(path, "/") {
		if part == "" {
			continue
		}
		if e == nil {
			return nil
		}
		e = e.child(p, part)
	}
	return e
}

func (e *Entry) child(p Plane, part string) *Entry {
	name, at, located := strings.Cut(part, "@")
	for _, x := range e.next(p, false) {
		if full := x.nameIn(p); full == part { // a name may have an @ of its own
			return x
		} else if (name == "" && located || full == name) && (!located || x.placeIn(p) == at) {
			return x
		}
	}
	return nil
}
