package trap

import "testing"

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
	if got := b.Bytes(q, 4096)[0]; got != 42 {
		t.Errorf("it reads %d", got)
	}
	if b.Resident() == 0 || a.Resident() != 0 {
		t.Errorf("resident: %d, and %d of the machine that ended", b.Resident(), a.Resident())
	}
}
