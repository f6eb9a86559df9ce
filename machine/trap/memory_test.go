package trap

import (
	"testing"
	"time"

	"puggle/machine"
)

// Memory that is freed after its machine has ended must not be the next machine's,
// whose file descriptor may have the same number.
func TestLateFree(t *testing.T) {
	a, err := newMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Alloc(4096)
	if err != nil {
		t.Fatal(err)
	}
	a.close()
	b, err := newMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	q, err := b.Alloc(4096)
	if err != nil || q != p {
		t.Fatalf("%#x, %v", q, err)
	}
	if b.fd != a.fd {
		t.Skip("the descriptor was not used again")
	}
	b.Bytes(q, 4096)[0] = 42
	a.Free(p, 4096)
	a.flush()
	if got := b.Bytes(q, 4096)[0]; got != 42 {
		t.Errorf("it reads %d", got)
	}
	if b.Resident() == 0 || a.Resident() != 0 {
		t.Errorf("resident: %d, and %d of the machine that ended", b.Resident(), a.Resident())
	}
}

// What is freed is the host's again, at once for who asks how much is in use, and soon in
// any case; and it is zero when it is somebody's again.
func TestFree(t *testing.T) {
	m, err := newMemory(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	const n = 8 * 4096
	var all []machine.Phys
	for range flushAt + 10 {
		p, err := m.Alloc(n)
		if err != nil {
			t.Fatal(err)
		}
		b := m.Bytes(p, n)
		b[0], b[n-1] = 1, 1
		all = append(all, p)
	}
	before := m.Resident()
	for i := range all {
		m.Free(all[i^1], n) // neighbours, not in order
	}
	if after := m.Resident(); before < uint64(len(all))*2*4096 || after != 0 {
		t.Errorf("resident: %d before, %d after", before, after)
	}
	p, err := m.Alloc(uint64(len(all)) * n)
	if err != nil {
		t.Fatal(err)
	}
	if p != all[0] {
		t.Errorf("%d extents freed side by side, from %#x on, are not one: a new one is at %#x", len(all), all[0], p)
	}
	for i, v := range m.Bytes(p, uint64(len(all))*n) {
		if v != 0 {
			t.Fatalf("byte %d of new memory is %d", i, v)
		}
	}
	m.FreeUntouched(p, uint64(len(all))*n)
	if q, err := m.Alloc(n); err != nil || q != p {
		t.Errorf("%#x, %v", q, err)
	}
	m.Bytes(p, n)[0] = 1
	m.Free(p, n)
	for deadline := time.Now().Add(time.Minute); len(m.gathered()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("freed memory is never given back")
		}
	}
}

func (m *memory) gathered() []extent {
	m.pending.mu.Lock()
	defer m.pending.mu.Unlock()
	return m.pending.list
}

// What has just been freed can be had at once, though the host does not have it yet.
func TestFreeAndAlloc(t *testing.T) {
	m, err := newMemory(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	n := m.size - uint64(m.next) // all there is
	for i := range 100 {
		p, err := m.Alloc(n)
		if err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		m.Free(p, n)
	}
}
