package iokit

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// State is what io_service_get_state gives (<IOKit/IOService.h>).
type State uint32

const (
	Inactive     State = 1
	Registered   State = 2
	Matched      State = 4
	FirstPublish State = 8
	FirstMatch   State = 0x10
)

// Entry is an IORegistryEntry. Its methods may be called concurrently.
type Entry struct {
	r      *Registry
	id     uint64
	class  string
	object Object

	// All below is under Registry.mu.
	name   string
	place  string // location
	props  map[string]any
	size   int // of props, bytes, about
	in     map[Plane]*links
	linked int // links to parents
	state  State
	busy   uint32
	busied busyTime

	matching, again bool // a match runs; another must follow
}

// links are an entry's in one plane.
type links struct {
	name, place       string // "": as everywhere
	parents, children []*Entry
}

func sortEntries(l []*Entry) {
	slices.SortFunc(l, func(a, b *Entry) int { return cmp.Compare(a.id, b.id) })
}

func goodName(s string) bool { return s != "" && len(s) <= maxName && !strings.Contains(s, "\x00") }

// Registry is where the entry is.
func (e *Entry) Registry() *Registry { return e.r }

// ID is the registry entry id.
func (e *Entry) ID() uint64 { return e.id }

// Class is the class's name.
func (e *Entry) Class() string { return e.class }

// Object is the truth behind the entry, nil if it is only what the registry has.
func (e *Entry) Object() Object { return e.object }

func (e *Entry) hooks() Object {
	if e.object == nil {
		return NoObject{}
	}
	return e.object
}

// ConformsTo says whether the entry is of a class or an heir of it.
func (e *Entry) ConformsTo(class string) bool { return e.r.ClassConforms(e.class, class) }

// Name is the entry's name in a plane; "" is no plane.
func (e *Entry) Name(p Plane) string {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return e.nameIn(p)
}

func (e *Entry) nameIn(p Plane) string {
	if l := e.in[p]; l != nil && l.name != "" {
		return l.name
	}
	return e.name
}

// Location is where the entry is among those of its name, "" if that is not said.
func (e *Entry) Location(p Plane) string {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return e.placeIn(p)
}

func (e *Entry) placeIn(p Plane) string {
	if l := e.in[p]; l != nil && l.place != "" {
		return l.place
	}
	return e.place
}

// SetName sets the name in one plane, or with plane "" wherever no other is set. Errors:
// a bad name, too many planes.
func (e *Entry) SetName(p Plane, name string) error {
	if !goodName(name) {
		return errName
	}
	return e.label(p, func(l *links) { l.name = name }, func() { e.name = name })
}

// SetLocation is SetName of the location.
func (e *Entry) SetLocation(p Plane, place string) error {
	if !goodName(place) {
		return errName
	}
	return e.label(p, func(l *links) { l.place = place }, func() { e.place = place })
}

func (e *Entry) label(p Plane, one func(*links), all func()) error {
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	if p == "" {
		all()
		return nil
	}
	l, err := e.linksIn(p)
	if err == nil {
		one(l)
	}
	return err
}

// Properties is the table as of now: the reader's, but its values are everybody's.
func (e *Entry) Properties() map[string]any {
	if t := e.hooks().Properties(); t != nil {
		if t, err := NormalizeTable(t); err == nil {
			return t
		}
		return map[string]any{}
	}
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return maps.Clone(e.props)
}

// Property is one property, nil if there is none of the name.
func (e *Entry) Property(name string) any {
	if e.object != nil {
		return e.Properties()[name]
	}
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return e.props[name]
}

// SetProperty sets a property of the entry's own table; nil removes it. Errors: a value
// that is none (Normalize), too large a table.
func (e *Entry) SetProperty(name string, v any) error {
	size := 0
	if v != nil {
		room := MaxPropertyBytes
		var err error
		if v, err = normalize(v, MaxDepth, &room); err != nil {
			return err
		}
		size = MaxPropertyBytes - room + len(name)
	}
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	if old, ok := e.props[name]; ok {
		size -= weight(old) + len(name)
	}
	if e.size+size > MaxPropertyBytes {
		return errLarge
	}
	e.size += size
	if v == nil {
		delete(e.props, name)
	} else {
		e.props[name] = v
	}
	return nil
}

// weight is what normalize charged for a value.
func weight(v any) int {
	room := MaxPropertyBytes
	normalize(v, MaxDepth, &room)
	return MaxPropertyBytes - room
}

// SetProperties sets several; it stops at the first that fails.
func (e *Entry) SetProperties(m map[string]any) error {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if err := e.SetProperty(k, m[k]); err != nil {
			return err
		}
	}
	return nil
}

// State is the state as of now.
func (e *Entry) State() State {
	e.r.mu.RLock()
	defer e.r.mu.RUnlock()
	return e.state
}

func (e *Entry) setState(set, reset State) (was State) {
	e.r.mu.Lock()
	defer e.r.mu.Unlock()
	was = e.state
	e.state = was&^reset | set
	return was
}

// FindProperty is the property of the entry or of the nearest relative in a plane that has it: its
// descendants, or with parents its ancestors.
func (e *Entry) FindProperty(p Plane, name string, recursive, parents bool) any {
	if v := e.Property(name); v != nil || !recursive {
		return v
	}
	for _, x := range e.Walk(p, parents) {
		if v := x.Property(name); v != nil {
			return v
		}
	}
	return nil
}
