package iokit

import (
	"errors"
	"sync"

	"puggle/mach/sched"
)

// Plane names a way in which entries are joined.
type Plane string

// The planes that are there from the start.
const (
	ServicePlane    Plane = "IOService"
	DeviceTreePlane Plane = "IODeviceTree"
	PowerPlane      Plane = "IOPower"
)

// Bounds of a registry.
const (
	MaxEntries       = 1 << 16
	MaxNotifications = 1 << 13
	// MaxNotificationBytes is for the dictionaries of all of them, serialised, about.
	MaxNotificationBytes = 16 << 20
	maxPlanes            = 32
	maxName              = 127 // bytes of a name, a location, or a class
	maxParents           = 64  // of an entry in a plane
	maxLevels            = 128 // from the root to the deepest entry
)

// firstID is that of the root: the ids below are the kernel's own (kIORegistryIDReserved).
const firstID = 1<<32 + 256

var (
	errFull     = errors.New("the registry is full")
	errName     = errors.New("no name that an entry can have")
	errInactive = errors.New("the entry is inactive")
	errCycle    = errors.New("the entry is its own ancestor there, or too far from the root")
	errPlane    = errors.New("too many planes")
)

// Registry is an I/O Registry. Its methods may be called concurrently.
type Registry struct {
	// Catalogue has the personalities of drivers.
	Catalogue *Catalogue

	mu      sync.RWMutex
	root    *Entry
	next    uint64
	entries map[uint64]*Entry
	planes  map[Plane]uint64 // how often each has changed
	classes map[string]*class
	notes   map[*Notification]bool
	noted   int // bytes of their dictionaries
	starter Starter

	quiet sched.WaitQueue // a busy count went to 0
}

// NewRegistry makes one that has its root only.
func NewRegistry() *Registry {
	r := &Registry{next: firstID, entries: map[uint64]*Entry{}, classes: map[string]*class{}, notes: map[*Notification]bool{},
		planes: map[Plane]uint64{ServicePlane: 1, DeviceTreePlane: 1, PowerPlane: 1}}
	for _, c := range standardClasses {
		r.classes[c[0]] = &class{c[0], c[1], KernelBundle}
	}
	r.root, _ = r.NewEntry("IORegistryEntry", "Root", nil)
	r.root.linked = 1 // for ever
	r.Catalogue = &Catalogue{r: r}
	return r
}

// Root is the entry above all others.
func (r *Registry) Root() *Entry { return r.root }

// NewEntry makes an entry that is in no plane yet; it is not found before it is attached. It counts until it
// is detached from all planes again; one that never was in a plane is given back by Terminate.
// Errors: a bad name, too many entries.
func (r *Registry) NewEntry(class, name string, object Object) (*Entry, error) {
	if class == "" || len(class) > maxName || !goodName(name) {
		return nil, errName
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) >= MaxEntries {
		return nil, errFull
	}
	e := &Entry{r: r, id: r.next, class: class, name: name, object: object, props: map[string]any{}, in: map[Plane]*links{}}
	r.next++
	r.entries[e.id] = e
	return e, nil
}

// Find is the entry with an id, nil if it is in no plane.
func (r *Registry) Find(id uint64) *Entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.entries[id]
	if e == nil || e.linked == 0 {
		return nil
	}
	return e
}

// Planes are the names of all planes, in no order.
func (r *Registry) Planes() []Plane {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l := make([]Plane, 0, len(r.planes))
	for p := range r.planes {
		l = append(l, p)
	}
	return l
}

// HasPlane says whether there is such a plane.
func (r *Registry) HasPlane(p Plane) bool { return r.generation(p) != 0 }

// generation changes with each change of a plane's structure; 0 for no plane.
func (r *Registry) generation(p Plane) uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.planes[p]
}

// services are all entries that may match: those in the planes, by id. With a class
// only those that conform to it.
func (r *Registry) services(class string, state State) []*Entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var l []*Entry
	for _, e := range r.entries {
		if e.linked > 0 && e.state&state == state && e.state&Inactive == 0 && (class == "" || r.conforms(e.class, class)) {
			l = append(l, e)
		}
	}
	sortEntries(l)
	return l
}
