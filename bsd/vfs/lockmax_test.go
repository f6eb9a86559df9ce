package vfs

import (
	"testing"

	"puggle/abi"
)

// TestAllLocks: the locks of all files together have a bound, and are counted down again.
func TestAllLocks(t *testing.T) {
	var a, b Vnode
	one, other := new(int), new(int)
	set := func(v *Vnode, owner any, start int64, unlock bool) abi.Errno {
		lockMu.Lock()
		defer lockMu.Unlock()
		return v.locks.set(&lock{owner: owner, start: start, end: start + 4}, unlock)
	}
	before := allLocks
	allLocks = allLocksMax - 2
	defer func() { allLocks = before }()
	for i, c := range []struct {
		v      *Vnode
		owner  any
		start  int64
		unlock bool
		want   abi.Errno
	}{
		{&a, one, 0, false, 0},
		{&b, other, 0, false, 0},
		{&b, other, 10, false, abi.ENOLCK},
		{&b, other, 2, true, 0}, // leaves one
		{&a, one, 10, false, abi.ENOLCK},
		{&a, one, 0, true, 0},
		{&b, other, 10, false, 0},
	} {
		if e := set(c.v, c.owner, c.start, c.unlock); e != c.want {
			t.Fatalf("%d: %s, want %s", i, e.Name(), c.want.Name())
		}
	}
	b.dropLocks(other)
	if allLocks != allLocksMax-2 {
		t.Errorf("%d locks are counted when all are gone", allLocks-(allLocksMax-2))
	}
}
