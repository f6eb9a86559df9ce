package iokit

import (
	"bytes"
	"slices"
	"strings"
)

// Keys of matching dictionaries (<IOKit/IOKitKeys.h>).
const (
	ProviderClassKey  = "IOProviderClass"
	NameMatchKey      = "IONameMatch"
	NameMatchedKey    = "IONameMatched"
	LocationMatchKey  = "IOLocationMatch"
	PropertyMatchKey  = "IOPropertyMatch"
	PropertyExistsKey = "IOPropertyExistsMatch"
	PathMatchKey      = "IOPathMatch"
	ParentMatchKey    = "IOParentMatch"
	EntryIDKey        = "IORegistryEntryID"
	MatchedCountKey   = "IOMatchedServiceCount"
	ResourceMatchKey  = "IOResourceMatch"
	BSDNameKey        = "BSD Name"
	ClassKey          = "IOClass"
	ProbeScoreKey     = "IOProbeScore"
	MatchCategoryKey  = "IOMatchCategory"
	ResourcesClass    = "IOResources"
)

// passive are the rules, a row for each key: the order is IOService's. A value of
// another type than a rule's does not match, except where IOService leaves it out.
var passive = []struct {
	key string
	fit func(e *Entry, v any) bool
}{
	{ProviderClassKey, func(e *Entry, v any) bool { s, ok := v.(string); return ok && e.ConformsTo(s) }},
	{NameMatchKey, func(e *Entry, v any) bool { return e.CompareNames(v) != "" }},
	{LocationMatchKey, func(e *Entry, v any) bool { s, ok := v.(string); return ok && e.Location(ServicePlane) == s }},
	{PropertyMatchKey, (*Entry).matchProperties},
	{PropertyExistsKey, func(e *Entry, v any) bool {
		return slices.ContainsFunc(elements(v), func(k any) bool { s, ok := k.(string); return ok && e.Property(s) != nil })
	}},
	{PathMatchKey, func(e *Entry, v any) bool { s, ok := v.(string); return ok && e.r.FromPath(s) == e }},
	{EntryIDKey, func(e *Entry, v any) bool { n, bits := Number(v); return bits != 0 && n == e.id }},
	{MatchedCountKey, func(e *Entry, v any) bool { n, bits := Number(v); return bits != 0 && n == e.drivers() }},
	{BSDNameKey, sameProperty(BSDNameKey)},
	{"BSD Major", sameProperty("BSD Major")},
	{"BSD Minor", sameProperty("BSD Minor")},
	{"BSD Unit", sameProperty("BSD Unit")},
	{ResourceMatchKey, (*Entry).matchResources},
}

func sameProperty(key string) func(e *Entry, v any) bool {
	return func(e *Entry, v any) bool { return Equal(v, e.Property(key)) }
}

// Match says whether a dictionary describes the entry: all keys of passive and
// IOParentMatch, and then what the driver itself says. An empty dictionary matches nothing.
func (e *Entry) Match(table map[string]any) bool {
	return len(table) > 0 && e.MatchPassive(table) && e.hooks().MatchPropertyTable(table)
}

// MatchPassive is Match without the driver's own part.
func (e *Entry) MatchPassive(table map[string]any) bool {
	return e.matchPassive(table, 0, map[attempt]bool{})
}

// attempt is an entry that did not match the IOParentMatch of so many levels: dictionaries in each other
// and entries above each other would make too many ways to try.
type attempt struct {
	e     *Entry
	depth int
}

func (e *Entry) matchPassive(table map[string]any, depth int, failed map[attempt]bool) bool {
	if depth > MaxDepth || failed[attempt{e, depth}] {
		return false
	}
	for _, rule := range passive {
		if v, ok := table[rule.key]; ok && !rule.fit(e, v) {
			failed[attempt{e, depth}] = true
			return false
		}
	}
	up, ok := table[ParentMatchKey].(map[string]any)
	if !ok {
		return true
	}
	// Some ancestor must match, whose own dictionary may name one above it.
	for _, p := range e.Walk(ServicePlane, true) {
		if p.matchPassive(up, depth+1, failed) {
			return true
		}
	}
	failed[attempt{e, depth}] = true
	return false
}

// CompareNames gives the first of some names that is the entry's: its name in a plane, or one
// of its device tree properties name, compatible, device_type and model. "" if none is.
func (e *Entry) CompareNames(names any) string {
	e.r.mu.RLock()
	own := []string{e.name}
	for _, l := range e.in {
		if l.name != "" {
			own = append(own, l.name)
		}
	}
	e.r.mu.RUnlock()
	props := e.Properties()
	for _, key := range []string{"name", "compatible", "device_type", "model"} {
		switch v := props[key].(type) {
		case string:
			own = append(own, v)
		case []byte:
			for s := range bytes.SplitSeq(bytes.TrimRight(v, "\x00"), []byte{0}) {
				own = append(own, string(s))
			}
		}
	}
	for _, n := range elements(names) {
		if s, ok := n.(string); ok && s != "" && slices.Contains(own, s) {
			return s
		}
	}
	return ""
}

// matchProperties is IOPropertyMatch: a dictionary whose properties the entry has, or several of which one
// must fit.
func (e *Entry) matchProperties(v any) bool {
	props := e.Properties()
	return slices.ContainsFunc(elements(v), func(x any) bool {
		want, ok := x.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range want {
			if !Equal(props[k], v) {
				return false
			}
		}
		return true
	})
}

// matchResources is IOResourceMatch: what IOResources must have. Other entries have none.
func (e *Entry) matchResources(v any) bool {
	if !e.ConformsTo(ResourcesClass) {
		return false
	}
	props := e.Properties()
	return !slices.ContainsFunc(elements(v), func(k any) bool {
		s, ok := k.(string)
		return !ok || props[s] == nil
	})
}

// drivers is how many active clients came by matching.
func (e *Entry) drivers() (n uint64) {
	for _, c := range e.Children(ServicePlane) {
		if c.State()&Inactive == 0 && c.Property(MatchCategoryKey) != nil {
			n++
		}
	}
	return n
}

// Services are the active entries that a dictionary describes and that have all of a state, by id.
// Lookups by programs want Matched.
func (r *Registry) Services(table map[string]any, state State) []*Entry {
	var l []*Entry
	if len(table) == 0 {
		return nil
	}
	class, _ := table[ProviderClassKey].(string)
	if _, ok := table[ProviderClassKey]; ok && class == "" {
		return nil
	}
	for _, e := range r.services(class, state) {
		if e.ConformsTo("IOService") && e.Match(table) {
			l = append(l, e)
		}
	}
	return l
}

// PublishResource sets a property of IOResources and looks again for drivers that wait for it
// (IOService::publishResource). Without a value it is true.
func (r *Registry) PublishResource(key string, v any) error {
	if v == nil {
		v = true
	}
	for _, e := range r.services(ResourcesClass, 0) {
		if err := e.SetProperty(key, v); err != nil {
			return err
		}
		if e.State()&Registered != 0 {
			e.Register()
		}
	}
	return nil
}

// Matching makes the dictionary that IOServiceMatching and IOServiceNameMatching make.
func Matching(key, value string) map[string]any { return map[string]any{key: strings.Clone(value)} }
