package trap

import (
	"math/rand"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMapped compares with a byte for each page: after many random orders, changes of
// protection go to exactly what is mapped, and no two ranges touch.
func TestMapped(t *testing.T) {
	const pages, page = 64, 4096
	r := rand.New(rand.NewSource(1))
	var m mapped
	var has [pages]bool
	for step := range 20000 {
		lo := r.Intn(pages)
		n := 1 + r.Intn(min(pages-lo, 12))
		o := order{unix.SYS_MMAP, uint64(lo) * page, uint64(n) * page, 3}
		switch r.Intn(3) {
		case 0:
			o[0] = unix.SYS_MUNMAP
			fallthrough
		case 1:
			if got := m.append(nil, o); len(got) != 1 || got[0] != o {
				t.Fatalf("step %d: %v became %v", step, o, got)
			}
			for i := lo; i < lo+n; i++ {
				has[i] = o[0] == unix.SYS_MMAP
			}
		case 2:
			o[0] = unix.SYS_MPROTECT
			var met [pages]bool
			last := uint64(0)
			for i, x := range m.append(nil, o) {
				if x[0] != unix.SYS_MPROTECT || x[3] != 3 || x[2] == 0 || i > 0 && x[1] <= last {
					t.Fatalf("step %d: %v", step, x)
				}
				last = x[1] + x[2]
				for p := x[1] / page; p < last/page; p++ {
					met[p] = true
				}
			}
			for i := range met {
				if want := has[i] && i >= lo && i < lo+n; met[i] != want {
					t.Fatalf("step %d: page %d of [%d, %d): protected %v, want %v", step, i, lo, lo+n, met[i], want)
				}
			}
		}
		for i, x := range m.runs {
			if x.lo >= x.hi || i > 0 && m.runs[i-1].hi >= x.lo {
				t.Fatalf("step %d: %v", step, m.runs)
			}
		}
	}
}
