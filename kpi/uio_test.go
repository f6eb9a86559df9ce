package kpi

import (
	"strings"
	"sync"
	"testing"
	"time"

	"puggle/bsd/sys"
)

// row is the address of a call of the KPI.
func row(t *testing.T, k *KernelTask, name string) Addr {
	t.Helper()
	i, ok := byName()["_"+name]
	if !ok {
		t.Fatalf("no row %s", name)
	}
	return k.stubAddr(i)
}

// TestUioThreads: threads that use one uio at the same time move every byte once.
func TestUioThreads(t *testing.T) {
	const threads, moves = 4, 200
	k := bare(t, Config{})
	buf, ok := k.alloc.get(8, kindKernel, nil)
	if !ok {
		t.Fatal("no memory")
	}
	if !k.Write(buf, []byte{'x'}) {
		t.Fatal("it can't be written")
	}
	var iov [][]byte // segments that end with a move, and some that have two
	all := make([]byte, threads*moves)
	for at := 0; at < len(all); at += 2 + at%2 {
		iov = append(iov, all[at:min(at+2+at%2, len(all))])
	}
	u := newUio(sys.NewUio(iov...), false)
	h := k.handle.put(u)
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			th := k.ownThread("test")
			defer th.Detach()
			for range moves {
				if _, err := k.Call(th, row(t, k, "uiomove"), uint64(buf), 1, uint64(h)); err != nil {
					t.Error(err)
					return
				}
				if _, err := k.Call(th, row(t, k, "uio_resid"), uint64(h)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if u.Resid != 0 || strings.Count(string(all), "x") != len(all) {
		t.Errorf("%d bytes were not moved: %d are there", u.Resid, strings.Count(string(all), "x"))
	}
}

// TestUioOver: a uio_t is none when the call is over that it was lent for, whoever has its handle.
func TestUioOver(t *testing.T) {
	k := bare(t, Config{})
	th := k.ownThread("test")
	defer th.Detach()
	data := []byte("abc")
	u := newUio(sys.NewUio(data), false)
	h := uint64(k.handle.put(u))
	if v, err := k.Call(th, row(t, k, "uio_resid"), h); err != nil || v != 3 {
		t.Errorf("uio_resid: %d, %v", v, err)
	}
	never := func() { t.Error("it is late") }
	lent := u.lend(func(*sys.Uio) {
		if u.lend(func(*sys.Uio) {}, never) {
			t.Error("it is lent twice")
		}
		if _, err := k.Call(th, row(t, k, "uio_resid"), h); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("uio_resid of one that is lent: %v", err)
		}
	}, never)
	if !lent {
		t.Error("it can't be lent")
	}
	u.end(th)
	for _, c := range []struct {
		name string
		args []uint64
	}{{"uiomove", []uint64{uint64(k.stubs), 1, h}}, {"ureadc", []uint64{'x', h}}, {"uio_setresid", []uint64{h, 1}}, {"uio_offset", []uint64{h}}} {
		if _, err := k.Call(th, row(t, k, c.name), c.args...); err == nil || !strings.Contains(err.Error(), "is no uio any more") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if string(data) != "abc" || u.lend(func(*sys.Uio) {}, never) {
		t.Error("it is used all the same")
	}
}

// TestUioEndWaits: the end of a uio comes when those are through who use it; an extension that keeps
// it long is dead.
func TestUioEndWaits(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "misdeeds.o")
	u := newUio(sys.NewUio(make([]byte, 1)), true)
	u.patience = time.Millisecond
	begun, through, over := make(chan struct{}), make(chan struct{}), false
	go u.lend(func(*sys.Uio) {
		close(begun)
		<-through
		over = true // no race, since end waits
	}, func() {
		k.keeps(e, "late")
		close(through)
	})
	<-begun
	u.end(nil)
	if !over {
		t.Error("it did not wait")
	}
	if p := e.LastPanic(); !e.Dead() || p == nil || p.Reason != "late" {
		t.Errorf("the extension: %v", p)
	}
}
