package kpi

import "sync"

// handles are the kernel's objects in the hands of code: proc_t, uio_t and their
// kin. A handle is an address in a range that nothing can be accessed in.
type handles struct {
	mu   sync.Mutex
	obj  map[Addr]any
	free []Addr
	next Addr
	refs map[any]*held // objects with one handle and a count
}

type held struct {
	a Addr
	n int
}

func (h *handles) init() {
	h.obj, h.refs, h.next = map[Addr]any{}, map[any]*held{}, opaque
}

// put makes a handle; 0 if there are too many.
func (h *handles) put(o any) Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.putLocked(o)
}

func (h *handles) putLocked(o any) Addr {
	var a Addr
	if n := len(h.free); n > 0 {
		a = h.free[n-1]
		h.free = h.free[:n-1]
	} else if a = h.next; a < opaqueEnd {
		h.next += 16
	} else {
		return 0
	}
	h.obj[a] = o
	return a
}

// get gives the object, nil if it is none.
func (h *handles) get(a Addr) any {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.obj[a]
}

// drop ends a handle.
func (h *handles) drop(a Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.obj[a]; ok {
		delete(h.obj, a)
		h.free = append(h.free, a)
	}
}

// take ends the handle a of o; false if it is no such handle any more.
func (h *handles) take(a Addr, o any) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.obj[a] != o {
		return false
	}
	delete(h.obj, a)
	h.free = append(h.free, a)
	return true
}

// ref gives the one handle of an object and counts.
func (h *handles) ref(o any) Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.refs[o]
	if x == nil {
		x = &held{a: h.putLocked(o)}
		if x.a == 0 {
			return 0
		}
		h.refs[o] = x
	}
	x.n++
	return x.a
}

// unref drops one; false if a is no such handle.
func (h *handles) unref(a Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	o, ok := h.obj[a]
	if !ok {
		return false
	}
	x := h.refs[o]
	if x == nil || x.a != a {
		return false
	}
	if x.n--; x.n == 0 {
		delete(h.refs, o)
		delete(h.obj, a)
		h.free = append(h.free, a)
	}
	return true
}

// count is how many handles there are.
func (h *handles) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.obj)
}

// Handles is how many objects of the kernel are in the hands of code.
func (k *KernelTask) Handles() int { return k.handle.count() }
