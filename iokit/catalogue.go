package iokit

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// Personality is one IOKitPersonalities dictionary: what a driver is for.
type Personality struct {
	// Bundle is the CFBundleIdentifier of the extension whose class it names.
	Bundle string
	Table  map[string]any
}

// Class is the class of the driver.
func (p *Personality) Class() string { s, _ := p.Table[ClassKey].(string); return s }

// ProbeScore is how well the driver thinks it fits, before it has looked; 0 without one.
func (p *Personality) ProbeScore() int32 { return int32(Signed(p.Table[ProbeScoreKey])) }

// Category is the IOMatchCategory; drivers without one compete with each other.
func (p *Personality) Category() string {
	if s, _ := p.Table[MatchCategoryKey].(string); s != "" {
		return s
	}
	return "IODefaultMatchCategory"
}

// MaxPersonalities is the most in a catalogue.
const MaxPersonalities = 1 << 12

var errPersonality = errors.New("a personality needs an IOProviderClass and an IOClass")

// Catalogue is the IOCatalogue: the personalities of all drivers, loaded or not.
type Catalogue struct {
	r     *Registry
	mu    sync.Mutex
	all   []*Personality
	count uint32
}

// Starter tries drivers on a provider: personalities of one category, the best first. It
// stops with the first that starts. A category of which one is started already (its entry is a client of the
// provider with that IOMatchCategory) is not offered.
type Starter func(provider *Entry, candidates []*Personality)

// SetStarter sets who starts drivers.
func (r *Registry) SetStarter(s Starter) {
	r.mu.Lock()
	r.starter = s
	r.mu.Unlock()
}

// Add adds personalities and looks for providers that they fit (addDrivers). Errors: one
// that is none, values that are none, too many; then none is added.
func (c *Catalogue) Add(l ...*Personality) error {
	for i, p := range l {
		t, err := NormalizeTable(p.Table)
		if err != nil {
			return err
		}
		if s, _ := t[ProviderClassKey].(string); s == "" {
			return errPersonality
		}
		if s, _ := t[ClassKey].(string); s == "" {
			return errPersonality
		}
		l[i] = &Personality{Bundle: p.Bundle, Table: t}
	}
	c.mu.Lock()
	if len(c.all)+len(l) > MaxPersonalities {
		c.mu.Unlock()
		return errFull
	}
	c.all = append(c.all, l...)
	c.count++
	c.mu.Unlock()
	for _, e := range c.r.services("IOService", Registered) {
		if slices.ContainsFunc(l, func(p *Personality) bool { return e.MatchPassive(p.Table) }) {
			e.Register()
		}
	}
	return nil
}

// Remove removes those that a dictionary describes: that have all its keys with equal values. It says
// how many.
func (c *Catalogue) Remove(table map[string]any) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.all)
	c.all = slices.DeleteFunc(slices.Clone(c.all), func(p *Personality) bool {
		for k, v := range table {
			if !Equal(p.Table[k], v) {
				return false
			}
		}
		return true
	})
	if n -= len(c.all); n > 0 {
		c.count++
	}
	return n
}

// RemoveBundle removes an extension's.
func (c *Catalogue) RemoveBundle(bundle string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = slices.DeleteFunc(slices.Clone(c.all), func(p *Personality) bool { return p.Bundle == bundle })
	c.count++
}

// Generation changes with the catalogue (io_catalog_get_gen_count).
func (c *Catalogue) Generation() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// All is the catalogue, in the order in which it grew.
func (c *Catalogue) All() []*Personality {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// FindDrivers are the personalities whose passive part fits a provider, the best first.
func (c *Catalogue) FindDrivers(provider *Entry) []*Personality {
	var l []*Personality
	for _, p := range c.All() {
		if provider.MatchPassive(p.Table) {
			l = append(l, p)
		}
	}
	slices.SortStableFunc(l, func(a, b *Personality) int { return cmp.Compare(b.ProbeScore(), a.ProbeScore()) })
	return l
}
