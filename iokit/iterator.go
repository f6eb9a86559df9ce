package iokit

import (
	"puggle/abi"
	"sync"
)

// Options of a registry iterator.
const (
	IterateRecursively = 1
	IterateParents     = 2
)

// Iterator is an IORegistryIterator: over the children of an entry, or its parents, level by level at
// the user's wish (Enter, Exit) or recursively. It shows each level as it was when it was entered.
type Iterator struct {
	plane   Plane
	options uint32
	start   *Entry

	mu    sync.Mutex
	at    []level
	seen  map[*Entry]bool // entered, when recursive
	valid uint64          // the plane's generation
}

type level struct {
	list    []*Entry
	next    int
	current *Entry
}

// NewIterator begins at an entry. kIOReturnBadArgument for an unknown plane.
func (e *Entry) NewIterator(p Plane, options uint32) (*Iterator, abi.KernReturn) {
	if !e.r.HasPlane(p) {
		return nil, IOReturnBadArgument
	}
	it := &Iterator{plane: p, options: options, start: e}
	it.Reset()
	return it, abi.KERN_SUCCESS
}

// Reset begins anew.
func (it *Iterator) Reset() {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.valid = it.start.r.generation(it.plane)
	it.seen = map[*Entry]bool{it.start: true}
	it.at = []level{{list: it.below(it.start)}}
}

func (it *Iterator) below(e *Entry) []*Entry {
	if it.options&IterateParents != 0 {
		return e.Parents(it.plane)
	}
	return e.Children(it.plane)
}

// Valid says whether the plane is still as it was.
func (it *Iterator) Valid() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	return it.valid == it.start.r.generation(it.plane)
}

// Next is the next entry, nil at the end.
func (it *Iterator) Next() *Entry {
	it.mu.Lock()
	defer it.mu.Unlock()
	for {
		l := &it.at[len(it.at)-1]
		if it.options&IterateRecursively != 0 && l.current != nil && !it.seen[l.current] {
			it.seen[l.current] = true
			it.at = append(it.at, level{list: it.below(l.current)})
			continue
		}
		if l.next < len(l.list) {
			l.current = l.list[l.next]
			l.next++
			return l.current
		}
		l.current = nil
		if it.options&IterateRecursively == 0 || len(it.at) == 1 {
			return nil
		}
		it.at = it.at[:len(it.at)-1]
		it.at[len(it.at)-1].current = nil
	}
}

// Enter goes into the entry that Next gave last; false without one, or too deep.
func (it *Iterator) Enter() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	e := it.at[len(it.at)-1].current
	if e == nil || len(it.at) > maxLevels {
		return false
	}
	it.at = append(it.at, level{list: it.below(e)})
	return true
}

// Exit leaves it again; false where the iterator began.
func (it *Iterator) Exit() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if len(it.at) == 1 {
		return false
	}
	it.at = it.at[:len(it.at)-1]
	return true
}
