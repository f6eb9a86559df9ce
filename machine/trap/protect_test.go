package trap

import (
	"strings"
	"testing"

	"puggle/machine"
)

// TestProtectHoles: a change of protection over a range with holes changes what is
// mapped, leaves it mapped, and leaves the holes: if it is known where they are, and if
// the host has to be asked.
func TestProtectHoles(t *testing.T) {
	t.Run("known", func(t *testing.T) { protectHoles(t, false) })
	t.Run("asked", func(t *testing.T) { protectHoles(t, true) })
}

func protectHoles(t *testing.T, lost bool) {
	m := newMachine(t)
	s, _ := guest(t, m, rawLoop)
	pa, err := m.mem.Alloc(16 * machine.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	own := s.(*Space)
	own.mu.Lock()
	own.mapped.lost = lost
	own.mu.Unlock()
	const va = 0x40000000
	var ops []machine.PmapOp
	for i := 0; i < 16; i += 4 {
		ops = append(ops, machine.PmapOp{Kind: machine.PmapEnter, Prot: 3, Va: va + machine.Addr(i)*machine.PageSize,
			Len: machine.PageSize, Pa: pa + machine.Phys(i)*machine.PageSize})
	}
	ops = append(ops, machine.PmapOp{Kind: machine.PmapProtect, Prot: 1, Va: va, Len: 16 * machine.PageSize})
	if err := s.Apply(ops); err != nil {
		t.Fatal(err)
	}
	maps := hostMaps(t, s)
	for _, want := range []string{"40000000-40001000 r--s", "40004000-40005000 r--s", "40008000-40009000 r--s", "4000c000-4000d000 r--s"} {
		if !strings.Contains(maps, want) {
			t.Errorf("no %q in\n%s", want, maps)
		}
	}
	if strings.Count(maps, "\n4000") != 4 {
		t.Errorf("the holes are gone:\n%s", maps)
	}
}
