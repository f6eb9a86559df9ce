package vm

import (
	"fmt"
	"math/rand"
	"testing"

	"puggle/abi"
)

// A model task is an array of pages: what a byte of each holds, and how it is
// protected. Sharing is by pointer.
const modelPages = 96

type modelPage struct {
	b    *[2]byte // one early and one late in the page
	prot Prot
	max  Prot
	inh  Inherit
}

type modelTask struct {
	g guest
	p [modelPages]modelPage
}

func pageAddr(i int) Addr { return testLo + Addr(i)<<pageShift }

var where = [2]Addr{3, 4091}

func (m *modelTask) check(t *testing.T, i int) {
	t.Helper()
	p := &m.p[i]
	for k := range where {
		a := pageAddr(i) + where[k]
		v, kr := m.g.read(a)
		want := abi.KERN_SUCCESS
		switch {
		case p.b == nil:
			want = abi.KERN_INVALID_ADDRESS
		case p.prot == 0:
			want = abi.KERN_PROTECTION_FAILURE
		}
		if kr != want {
			t.Fatalf("read page %d: kern_return %d, want %d", i, kr, want)
		}
		if kr == abi.KERN_SUCCESS && v != p.b[k] {
			t.Fatalf("read page %d: %d, want %d", i, v, p.b[k])
		}
	}
}

func (m *modelTask) write(t *testing.T, r *rand.Rand, i int) {
	p := &m.p[i]
	k, v := r.Intn(2), byte(r.Intn(256))
	a := pageAddr(i) + where[k]
	var kr abi.KernReturn
	how := r.Intn(4)
	switch how {
	case 0:
		kr = m.g.m.CopyOut(a, []byte{v})
	case 1:
		var pin *Pin
		if pin, kr = m.g.m.Pin(a, 1, abi.VM_PROT_WRITE); kr == abi.KERN_SUCCESS {
			pin.Slices()[0][0] = v
			pin.Release()
		}
	default:
		kr = m.g.write(a, v)
	}
	want := abi.KERN_SUCCESS
	switch {
	case p.b == nil:
		want = abi.KERN_INVALID_ADDRESS
	case p.prot&abi.VM_PROT_WRITE == 0:
		want = abi.KERN_PROTECTION_FAILURE
	}
	if kr != want {
		t.Fatalf("write (%d) page %d: kern_return %d, want %d", how, i, kr, want)
	}
	if kr == abi.KERN_SUCCESS {
		p.b[k] = v
	}
}

func (m *modelTask) fork(t *testing.T) *modelTask {
	c := &modelTask{g: m.g.fork(t)}
	for i, p := range m.p {
		switch {
		case p.b == nil || p.inh == abi.VM_INHERIT_NONE:
			continue
		case p.inh == abi.VM_INHERIT_COPY:
			b := *p.b
			p.b = &b
		}
		c.p[i] = p
	}
	return c
}

func (m *modelTask) mapped(lo, n int) bool {
	for i := lo; i < lo+n; i++ {
		if m.p[i].b == nil {
			return false
		}
	}
	return true
}

func TestModel(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 15
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runModel(t, rand.New(rand.NewSource(int64(seed))), false) })
	}
}

func runModel(t *testing.T, r *rand.Rand, paging bool) {
	f := newFakeMemory(t, 60000)
	if paging {
		f.dp = NewDefaultPager(f, t.TempDir(), 1<<30)
	}
	tasks := []*modelTask{{g: newGuest(f)}}
	for step := range 1500 {
		k := r.Intn(len(tasks))
		m := tasks[k]
		if paging && r.Intn(4) == 0 {
			scan(t, f, uint64(1+r.Intn(200))<<pageShift)
		}
		lo := r.Intn(modelPages)
		n := 1 + r.Intn(min(24, modelPages-lo))
		a, size := pageAddr(lo), uint64(n)<<pageShift
		op := r.Intn(100)
		switch {
		case op < 8: // allocate, perhaps over something
			flags := Fixed
			if r.Intn(2) == 0 {
				flags |= Overwrite
			}
			free := true
			for i := lo; i < lo+n; i++ {
				free = free && m.p[i].b == nil
			}
			_, kr := m.g.m.Allocate(a, size, flags)
			if !free && flags&Overwrite == 0 {
				if kr != abi.KERN_NO_SPACE {
					t.Fatalf("allocate over something: %d", kr)
				}
				break
			}
			must(t, kr)
			for i := lo; i < lo+n; i++ {
				m.p[i] = modelPage{new([2]byte), abi.VM_PROT_DEFAULT, abi.VM_PROT_ALL, abi.VM_INHERIT_COPY}
			}
		case op < 11:
			must(t, m.g.m.Deallocate(a, size))
			for i := lo; i < lo+n; i++ {
				m.p[i] = modelPage{}
			}
		case op < 20:
			prot := Prot(r.Intn(4))
			kr := m.g.m.Protect(a, size, prot, false)
			if !m.mapped(lo, n) {
				if kr != abi.KERN_INVALID_ADDRESS {
					t.Fatalf("protect a hole: %d", kr)
				}
				break
			}
			must(t, kr)
			for i := lo; i < lo+n; i++ {
				m.p[i].prot = prot
			}
		case op < 23:
			inh := Inherit(r.Intn(3))
			must(t, m.g.m.Inherit(a, size, inh))
			for i := lo; i < lo+n; i++ {
				m.p[i].inh = inh
			}
		case op < 28 && len(tasks) < 6:
			tasks = append(tasks, m.fork(t))
		case op < 31 && len(tasks) > 1:
			m.g.exit()
			tasks = append(tasks[:k], tasks[k+1:]...)
		case op < 37: // copy within or between tasks
			to := tasks[r.Intn(len(tasks))]
			modelCopy(t, r, m, to, lo, n)
		case op < 40:
			modelRemap(t, r, m, tasks[r.Intn(len(tasks))], lo, n)
		case op < 41:
			m.g.pm.fail = 1
		case op < 70:
			m.write(t, r, lo)
		default:
			m.check(t, lo)
		}
		if t.Failed() {
			t.Fatalf("at step %d (operation %d)", step, op)
		}
	}
	for _, m := range tasks {
		for i := range m.p {
			m.check(t, i)
		}
		for _, e := range m.g.m.entries {
			if e.object != nil && e.object.Depth() > maxDepth {
				t.Errorf("chain is %d long", e.object.Depth())
			}
		}
		m.g.exit()
	}
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
	if paging {
		if f.dp.Info().Pageins < 100 {
			t.Errorf("hardly anything was paged in: %+v", f.dp.Info())
		}
		mustBeEmpty(t, f.dp)
	}
}

func modelCopy(t *testing.T, r *rand.Rand, m, to *modelTask, lo, n int) {
	c, kr := m.g.m.MakeCopy(pageAddr(lo), uint64(n)<<pageShift, false)
	want := abi.KERN_SUCCESS
	for i := lo; i < lo+n; i++ {
		if m.p[i].b == nil {
			want = abi.KERN_INVALID_ADDRESS
			break
		} else if m.p[i].prot == 0 && want == abi.KERN_SUCCESS {
			want = abi.KERN_PROTECTION_FAILURE
		}
	}
	if want != abi.KERN_SUCCESS {
		if kr == abi.KERN_SUCCESS {
			t.Fatalf("copy of what can't be read succeeds, want %d", want)
		}
		return
	}
	must(t, kr)
	var was [modelPages][2]byte
	for i := range n {
		was[i] = *m.p[lo+i].b
	}
	m.write(t, r, lo+r.Intn(n))
	dst := r.Intn(modelPages - n + 1)
	for i := dst; i < dst+n; i++ {
		if to.p[i].b == nil || to.p[i].prot&abi.VM_PROT_WRITE == 0 {
			if to.g.m.OverwriteCopy(pageAddr(dst), c, nil) == abi.KERN_SUCCESS {
				t.Fatal("overwrites what can't be written")
			}
			c.Discard()
			return
		}
	}
	must(t, to.g.m.OverwriteCopy(pageAddr(dst), c, nil))
	for i := range n {
		*to.p[dst+i].b = was[i]
	}
}

func modelRemap(t *testing.T, r *rand.Rand, m, to *modelTask, lo, n int) {
	dst := r.Intn(modelPages - n + 1)
	if m == to && dst < lo+n && lo < dst+n {
		return
	}
	private := r.Intn(2) == 0
	_, cur, _, kr := to.g.m.Remap(MapSpec{Addr: pageAddr(dst), Size: uint64(n) << pageShift,
		Flags: Fixed | Overwrite, Copy: private, Inherit: abi.VM_INHERIT_SHARE}, m.g.m, pageAddr(lo))
	if !m.mapped(lo, n) {
		if kr != abi.KERN_INVALID_ADDRESS {
			t.Fatalf("remap of a hole: %d", kr)
		}
		return
	}
	if private {
		for i := lo; i < lo+n; i++ {
			if m.p[i].prot == 0 {
				if kr == abi.KERN_SUCCESS {
					t.Fatal("remap copies what can't be read")
				}
				return
			}
		}
	}
	must(t, kr)
	for i := range n {
		p := m.p[lo+i]
		if private {
			b := *p.b
			p.b, p.max = &b, abi.VM_PROT_ALL
		}
		p.prot, p.inh = cur, abi.VM_INHERIT_SHARE
		to.p[dst+i] = p
	}
}
