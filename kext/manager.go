package kext

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"puggle/libkern"
)

// Kernel is the machine that extensions are loaded into.
type Kernel interface {
	Provider
	// Symbol finds a KPI symbol in what one identifier offers.
	Symbol(kpi, name string) (addr uint64, ok bool)
	// Allocate reserves size bytes (whole pages) of the kernel task's addresses.
	Allocate(size uint64) (base uint64, err error)
	// Free gives back what Allocate reserved and Start didn't take.
	Free(base, size uint64)
	// Start maps the image (if it isn't nil), runs its constructors and then
	// the start routine; on an error the extension is not loaded and its room
	// is free again.
	Start(l *Loaded) error
	// Stop runs the stop routine and destructors and gives the room back. On an
	// error (something still points into it) the extension stays.
	Stop(l *Loaded) error
}

// Loaded is an extension in the kernel.
type Loaded struct {
	Index  int // kextstat's, never reused
	Bundle *Bundle
	Image  *libkern.Image // nil for a codeless one
	Deps   []*Loaded      // declared dependencies that are extensions
	Refs   int            // extensions that depend on it

	builtin bool
}

// Manager keeps what is loaded.
type Manager struct {
	Repository *Repository

	mu     sync.Mutex
	kernel Kernel
	loaded map[string]*Loaded
	owners map[string]*Loaded // of exported names
	next   int
	status atomic.Pointer[[]Loaded] // what Status gives: it waits for nobody
}

// NewManager makes one for a kernel.
func NewManager(r *Repository, k Kernel) *Manager {
	return &Manager{Repository: r, kernel: k, loaded: map[string]*Loaded{}, owners: map[string]*Loaded{}}
}

// ErrLoaded is returned for an extension that is loaded already, ErrNotLoaded
// for one that isn't.
var (
	ErrLoaded    = errors.New("it is loaded already")
	ErrNotLoaded = errors.New("it is not loaded")
)

// ErrBuiltin is returned for an extension that is compiled into the kernel.
var ErrBuiltin = errors.New("it is compiled in")

// AddBuiltin lists code that is compiled into the kernel: kextstat shows it, it can't be
// unloaded, and nothing can be linked against it. A version that is none counts as 1.0.
func (m *Manager) AddBuiltin(id, version string) {
	v, err := ParseVersion(version)
	if err != nil {
		v, _ = ParseVersion("1.0")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next++
	m.loaded[id] = &Loaded{Index: m.next, Bundle: &Bundle{ID: id, Version: v}, builtin: true}
	m.publish()
}

// NameError is an exported symbol that another extension exports too.
type NameError struct{ Name, New, Owner string }

func (e *NameError) Error() string {
	return fmt.Sprintf("kext %s: duplicate symbol %s, which %s has", e.New, clip(e.Name), e.Owner)
}

// InUseError is an extension that others depend on.
type InUseError struct {
	ID string
	By []string
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("kext %s: in use by %s", e.ID, strings.Join(e.By, ", "))
}

// Load loads a bundle and, before it, what it needs. What was loaded for it
// stays when b itself fails, as ordinary extensions without a user. Errors: ErrLoaded;
// those of Repository.Order and libkern; *NameError; the Kernel's.
func (m *Manager) Load(b *Bundle) (*Loaded, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.loaded[b.ID] != nil {
		return nil, fmt.Errorf("kext %s: %w", b.ID, ErrLoaded)
	}
	order, err := m.Repository.Order(b, m.kernel, m.pinned)
	if err != nil {
		return nil, fmt.Errorf("kext %w", err)
	}
	var l *Loaded
	for _, x := range order {
		if l = m.loaded[x.ID]; l != nil {
			continue
		}
		if l, err = m.loadOne(x); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (m *Manager) pinned(id string) *Bundle {
	if l := m.loaded[id]; l != nil {
		return l.Bundle
	}
	return nil
}

func (m *Manager) loadOne(b *Bundle) (*Loaded, error) {
	l := &Loaded{Index: m.next + 1, Bundle: b}
	for _, d := range b.Libraries {
		if dep := m.loaded[d.ID]; dep != nil {
			l.Deps = append(l.Deps, dep)
		}
	}
	code, err := b.Binary()
	if err != nil {
		return nil, err
	}
	if code != nil {
		plan, err := libkern.NewPlan([][]byte{code})
		if err != nil {
			return nil, fmt.Errorf("kext %s: %w", b.ID, err)
		}
		base, err := m.kernel.Allocate(plan.Size())
		if err != nil {
			return nil, fmt.Errorf("kext %s: %w", b.ID, err)
		}
		if l.Image, err = plan.Link(base, m.resolver(l)); err == nil {
			err = m.claim(l, false)
		}
		if err != nil {
			m.kernel.Free(base, plan.Size())
			var name *NameError
			if errors.As(err, &name) {
				return nil, err
			}
			return nil, fmt.Errorf("kext %s: %w", b.ID, err)
		}
	}
	if err := m.kernel.Start(l); err != nil {
		return nil, fmt.Errorf("kext %s: %w", b.ID, err)
	}
	m.next++
	if l.Image != nil {
		m.claim(l, true)
	}
	for _, d := range l.Deps {
		d.Refs++
	}
	m.loaded[b.ID] = l
	m.publish()
	return l, nil
}

// resolver finds symbols in declared dependencies only.
func (m *Manager) resolver(l *Loaded) libkern.Resolver {
	return func(name string) (uint64, bool) {
		for _, d := range l.Bundle.Libraries {
			if addr, ok := m.kernel.Symbol(d.ID, name); ok {
				return addr, true
			}
		}
		for _, d := range l.Deps {
			if d.Image == nil {
				continue
			}
			if s, ok := d.Image.Lookup(name); ok {
				return s.Addr, true
			}
		}
		return 0, false
	}
}

// claim checks that no other extension exports what l does and, if keep,
// takes the names. The names that every extension has don't count.
func (m *Manager) claim(l *Loaded, keep bool) error {
	for i := range l.Image.Symbols {
		s := &l.Image.Symbols[i]
		if !s.Exported || s.Weak || s.Name == "_kmod_info" || s.Name == "__realmain" || s.Name == "__antimain" || s.Name == "__kext_apple_cc" {
			continue
		}
		if o := m.owners[s.Name]; o != nil && o != l {
			return &NameError{s.Name, l.Bundle.ID, o.Bundle.ID}
		}
		if keep {
			m.owners[s.Name] = l
		}
	}
	return nil
}

// Unload stops an extension and takes it out. Errors: ErrNotLoaded,
// *InUseError, the Kernel's.
func (m *Manager) Unload(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.loaded[id]
	if l == nil {
		return fmt.Errorf("kext %s: %w", clip(id), ErrNotLoaded)
	}
	if l.builtin {
		return fmt.Errorf("kext %s: %w", id, ErrBuiltin)
	}
	if l.Refs > 0 {
		e := &InUseError{ID: id}
		for _, x := range m.loaded {
			for _, d := range x.Deps {
				if d == l {
					e.By = append(e.By, x.Bundle.ID)
				}
			}
		}
		sort.Strings(e.By)
		return e
	}
	if err := m.kernel.Stop(l); err != nil {
		return fmt.Errorf("kext %s: %w", id, err)
	}
	for _, d := range l.Deps {
		d.Refs--
	}
	for name, o := range m.owners {
		if o == l {
			delete(m.owners, name)
		}
	}
	delete(m.loaded, id)
	m.publish()
	return nil
}

// publish renews what Status gives. mu is held.
func (m *Manager) publish() {
	out := make([]Loaded, 0, len(m.loaded))
	for _, l := range m.loaded {
		out = append(out, *l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Index < out[j].Index })
	m.status.Store(&out)
}

// Status lists what is loaded, in the order of loading, for kextstat. It does not wait for
// an extension that is being loaded or unloaded.
func (m *Manager) Status() []Loaded {
	if l := m.status.Load(); l != nil {
		return append([]Loaded(nil), *l...)
	}
	return nil
}

// At finds the extension that an address belongs to, and its nearest symbol, for
// panic reports; ok is false if none does.
func (m *Manager) At(addr uint64) (l Loaded, s libkern.Symbol, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.loaded {
		if x.Image != nil && addr-x.Image.Base < x.Image.Size {
			s, _ = x.Image.Nearest(addr)
			return *x, s, true
		}
	}
	return l, s, false
}
