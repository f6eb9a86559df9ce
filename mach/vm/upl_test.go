package vm

import (
	"testing"

	"puggle/abi"
	"puggle/machine"
)

func TestUPLLifeCycle(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	p := newFile(64 << 12)
	o := NewPagerObject(p, p.Size())
	a := mapFile(t, g, o, p.Size(), false)

	// Page-in: four absent pages; two are committed, two aborted.
	u, kr := o.UPLRequest(0, 4*pageSize, 0)
	must(t, kr)
	for i, x := range u.Pages() {
		if x.Valid || x.Phys == machine.NoPhys {
			t.Errorf("page %d: %+v", i, x)
		}
		for k := range u.Data(i) {
			u.Data(i)[k] = byte(40 + i)
		}
	}
	if v, kr := o.UPLRequest(0, pageSize, abi.UPL_NOBLOCK); kr != 0 || v.Pages()[0].Phys != machine.NoPhys {
		t.Error("a busy page is in two lists")
	} else {
		v.Free()
	}
	if empty, kr := u.CommitRange(0, 2*pageSize, abi.UPL_COMMIT_FREE_ON_EMPTY); kr != 0 || empty {
		t.Errorf("commit: %t %d", empty, kr)
	}
	if empty, kr := u.AbortRange(2*pageSize, 2*pageSize, abi.UPL_ABORT_FREE_ON_EMPTY); kr != 0 || !empty {
		t.Errorf("abort: %t %d", empty, kr)
	}
	if _, kr := u.CommitRange(0, pageSize, 0); kr != abi.KERN_FAILURE {
		t.Errorf("use of a freed list: %d", kr)
	}
	want(t, g, a, 40)
	want(t, g, a+4096, 41)
	want(t, g, a+2*4096, p.at(2*4096)) // never what was put into an aborted page

	// Page-out: only what is dirty.
	must(t, g.write(a+30<<12, 9))
	u, kr = o.UPLRequest(0, 64*pageSize, abi.UPL_COPYOUT_FROM|abi.UPL_RET_ONLY_DIRTY)
	must(t, kr)
	for i, x := range u.Pages() {
		if in := x.Phys != machine.NoPhys; in != (i >= 16 && i < 32) {
			t.Errorf("page %d is in the list: %t", i, in)
		}
	}
	must(t, u.Commit(abi.UPL_COMMIT_CLEAR_DIRTY))
	if o.Dirty() != 0 {
		t.Errorf("%d bytes are dirty", o.Dirty())
	}
	must(t, g.write(a+30<<12, 10)) // seen, since the page was protected
	if o.Dirty() == 0 {
		t.Error("write after commit is lost")
	}
	g.exit()
	o.Unref()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}

func TestGetUPLCoversOneObject(t *testing.T) {
	f := newFakeMemory(t, 1024)
	g := newGuest(f)
	a, kr := g.m.Allocate(0, 3*pageSize, Anywhere)
	must(t, kr)
	_, kr = g.m.Allocate(a+3<<12, 3*pageSize, Fixed|Tag(9))
	must(t, kr)
	must(t, g.write(a+4096, 5))
	u, n, kr := g.m.GetUPL(a, 6*pageSize, 0)
	must(t, kr)
	if n != 3*pageSize || u.Data(1)[0] != 5 {
		t.Errorf("covers %d bytes", n)
	}
	u.Data(2)[7] = 6
	must(t, u.Commit(0))
	want(t, g, a+2<<12+7, 6)
	g.exit()
	if f.pages() != 0 {
		t.Errorf("%d pages are left", f.pages())
	}
}
