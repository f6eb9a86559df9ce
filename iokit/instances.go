package iokit

// Instances are the active entries of exactly a class, by id.
func (r *Registry) Instances(class string) []*Entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var l []*Entry
	for _, e := range r.entries {
		if e.class == class && e.linked > 0 && e.state&Inactive == 0 {
			l = append(l, e)
		}
	}
	sortEntries(l)
	return l
}

// Discard forgets an entry that is in no plane and will be in none.
func (e *Entry) Discard() {
	e.r.mu.Lock()
	if e.linked == 0 {
		e.state |= Inactive
		delete(e.r.entries, e.id)
	}
	e.r.mu.Unlock()
}
