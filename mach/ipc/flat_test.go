package ipc

import (
	"testing"

	"puggle/abi"
)

// With 100,000 ports a look-up reads what it read with ten: a name is an index into
// a table of chunks that is dense, and nothing is searched. Names that were given
// back are used again, so the table does not grow.
func TestLookupIsFlat(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	const n = 100_000
	names := make([]abi.PortName, n)
	for i := range names {
		names[i] = a.newPort(t)
	}
	highest := uint32(0)
	for _, name := range names {
		highest = max(highest, uint32(name)>>8)
		e := a.table.at(uint32(name) >> 8)
		if e == nil || a.table.lookup(name) != e || e.port.name != name {
			t.Fatalf("name %#x is not found where it says", name)
		}
	}
	if highest > n+chunkSize {
		t.Errorf("%d names go up to index %d", n, highest)
	}
	if got := testing.AllocsPerRun(100, func() { a.table.lookup(names[n/2]) }); got != 0 {
		t.Errorf("a look-up allocates %v times", got)
	}
	for i := 0; i < n; i += 2 {
		want(t, "destroy", a.ModRefs(names[i], abi.MACH_PORT_RIGHT_RECEIVE, -1), 0)
	}
	for i := 0; i < n; i += 2 {
		if x := a.newPort(t); uint32(x)>>8 > highest {
			t.Fatalf("index %d is new although others are free", uint32(x)>>8)
		}
	}
}

// A receive from a set of 10,000 looks at the members that have messages only, and
// serves them in turn.
func TestSetReceiveIsFlat(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	const n = 10_000
	set, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	names := make([]abi.PortName, n)
	for i := range names {
		names[i], _ = a.Construct(PortOptions{Flags: abi.MPO_INSERT_SEND_RIGHT}, 0)
		want(t, "insert", a.InsertMember(names[i], set), 0)
	}
	a.mu.Lock()
	ps := a.table.lookup(set).pset
	a.mu.Unlock()
	ready := func() (k int) {
		ps.mu.Lock()
		defer ps.mu.Unlock()
		for l := ps.ready.head; l != nil; l = l.next {
			k++
		}
		return k
	}
	if len(ps.members) != n || ready() != 0 {
		t.Fatalf("%d members, %d ready", len(ps.members), ready())
	}
	picks := []int{n - 1, 0, n / 2, 7}
	for _, i := range picks {
		for range 2 {
			want(t, "send", a.send(msg{bits: hbits(copySend, 0), remote: names[i]}, 0, 0), 0)
		}
	}
	if k := ready(); k != len(picks) {
		t.Errorf("%d ready, %d have messages", k, len(picks))
	}
	for round := range 2 {
		for _, i := range picks {
			b, kr := a.poll(set)
			want(t, "receive", kr, 0)
			if got := abi.PortName(get32(b, 12)); got != names[i] {
				t.Errorf("round %d: from %#x, want %#x", round, got, names[i])
			}
		}
	}
	if _, kr := a.poll(set); kr != abi.MACH_RCV_TIMED_OUT || ready() != 0 {
		t.Errorf("left: %#x, %d ready", uint32(kr), ready())
	}
}
