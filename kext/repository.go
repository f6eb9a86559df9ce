package kext

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
)

// MaxBundles bounds one search place.
const MaxBundles = 4096

// SearchPlaces are the folders that are always searched, the documents' own
// spelling included.
var SearchPlaces = []string{"System/Library/Extensions", "System/Libraries/Extensions", "Library/Extensions"}

// Repository is the set of bundles that may be loaded. Registering a bundle
// loads nothing.
type Repository struct {
	mu   sync.Mutex
	byID map[string][]*Bundle // newest first
}

// NewRepository makes an empty one.
func NewRepository() *Repository { return &Repository{byID: map[string][]*Bundle{}} }

// Scan adds the bundles of a folder. Bad bundles are left out and reported in
// the error, one line each; a folder that isn't there is no error.
func (r *Repository) Scan(fsys fs.FS, dir string) error {
	names, err := readDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range names {
		b, err := Open(fsys, path.Join(dir, n))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		r.Add(b)
	}
	return errors.Join(errs...)
}

// Add registers a bundle and its plug-ins. A bundle of the same path replaces
// the old one.
func (r *Repository) Add(b *Bundle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range append([]*Bundle{b}, b.Plugins...) {
		list := r.byID[x.ID]
		for i := range list {
			if list[i].Path == x.Path && list[i].fsys == x.fsys {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
		list = append(list, x)
		sort.SliceStable(list, func(i, j int) bool { return list[i].Version > list[j].Version })
		r.byID[x.ID] = list
	}
}

// Remove takes a bundle and its plug-ins out again: an application that
// registered them is gone.
func (r *Repository) Remove(b *Bundle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range append([]*Bundle{b}, b.Plugins...) {
		var left []*Bundle
		for _, y := range r.byID[x.ID] {
			if y != x {
				left = append(left, y)
			}
		}
		r.byID[x.ID] = left
	}
}

// Find is the newest bundle of an identifier; nil if there is none.
func (r *Repository) Find(id string) *Bundle {
	r.mu.Lock()
	defer r.mu.Unlock()
	if list := r.byID[id]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// All lists the newest bundle of every identifier, by identifier.
func (r *Repository) All() []*Bundle {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*Bundle
	for _, list := range r.byID {
		if len(list) > 0 {
			out = append(out, list[0])
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// Provider tells of what is a dependency without being a bundle: the KPI.
type Provider interface {
	// KPI is the version range of a KPI identifier (com.apple.kpi.bsd,
	// com.apple.kernel.mach ...); ok is false if it isn't one.
	KPI(id string) (version, compatible Version, ok bool)
}

// satisfying is the newest bundle of id that a dependency on version v accepts.
func (r *Repository) satisfying(id string, v Version) (b *Bundle, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.byID[id]
	if len(list) == 0 {
		return nil, fmt.Errorf("dependency %s is not there", clip(id))
	}
	for _, b := range list {
		if b.Compatible != 0 && b.Compatible <= v && v <= b.Version {
			return b, nil
		}
	}
	b = list[0]
	if b.Compatible == 0 {
		return nil, fmt.Errorf("dependency %s has no OSBundleCompatibleVersion", clip(id))
	}
	return nil, fmt.Errorf("dependency %s: version %v is asked for, and %v (compatible from %v) is there", clip(id), v, b.Version, b.Compatible)
}

// Order lists what must be loaded for b, dependencies first, b last. pinned, if
// not nil, gives the bundle that is loaded already for an identifier.
func (r *Repository) Order(b *Bundle, kpi Provider, pinned func(id string) *Bundle) ([]*Bundle, error) {
	var order []*Bundle
	done := map[string]bool{}
	chosen := map[string]*Bundle{b.ID: b} // one version of each
	var chain []string
	var visit func(b *Bundle) error
	visit = func(b *Bundle) error {
		if done[b.ID] {
			return nil
		}
		for i, id := range chain {
			if id == b.ID {
				return fmt.Errorf("the dependencies go round: %s", strings.Join(append(chain[i:], b.ID), " -> "))
			}
		}
		if len(chain) >= maxChain {
			return fmt.Errorf("dependencies more than %d deep", maxChain)
		}
		chain = append(chain, b.ID)
		defer func() { chain = chain[:len(chain)-1] }()
		for _, d := range b.Libraries {
			if v, c, ok := kpi.KPI(d.ID); ok {
				if d.Version < c || d.Version > v {
					return fmt.Errorf("%s: KPI %s version %v is asked for, and %v (compatible from %v) is offered", b.ID, d.ID, d.Version, v, c)
				}
				continue
			}
			lib := chosen[d.ID]
			if lib == nil && pinned != nil {
				lib = pinned(d.ID)
			}
			if lib != nil && (lib.Compatible == 0 || d.Version < lib.Compatible || d.Version > lib.Version) {
				return fmt.Errorf("%s: %s is there in version %v (compatible from %v), and %v is asked for", b.ID, d.ID, lib.Version, lib.Compatible, d.Version)
			}
			if lib == nil {
				var err error
				if lib, err = r.satisfying(d.ID, d.Version); err != nil {
					return fmt.Errorf("%s: %w", b.ID, err)
				}
			}
			chosen[d.ID] = lib
			if err := visit(lib); err != nil {
				return err
			}
		}
		done[b.ID] = true
		order = append(order, b)
		return nil
	}
	if err := visit(b); err != nil {
		return nil, err
	}
	return order, nil
}

const maxChain = 128
