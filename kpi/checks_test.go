package kpi

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

var transfers = flag.Int("transfers", 2_000, "how many transfers TestChecks makes in its ring without a lock")

// TestChecks calls the functions of testdata/checks.c, each of which tries what the
// documents promise.
func TestChecks(t *testing.T) {
	k := bare(t, Config{MemLimit: 16 << 20})
	e := load(t, k, "checks.o")
	bytesBefore, blocks := k.MemoryInUse()
	for _, fn := range []string{"atomics", "mutexes", "sleeping_mutex", "simple_locks", "read_write_locks", "malloc_flags", "malloc_waits", "realloc_waits", "pages", "lockfree_ring", "delay_and_sleep", "etap", "byte_order"} {
		t.Run(fn, func(t *testing.T) {
			th := k.ownThread("test/" + fn)
			defer th.Detach()
			if strings.HasSuffix(fn, "c_waits") {
				defer givesBack(t, k, e)()
			}
			if v, err := k.Call(th, e.fn(t, fn), uint64(*transfers)); err != nil || v != 1 {
				t.Errorf("checks.c:%d: %v\n%s", int32(v), err, k.Messages)
			}
		})
	}
	for len(e.settled()) > 0 {
	}
	if b, n := k.MemoryInUse(); b != bytesBefore || n != blocks {
		t.Errorf("memory: %d bytes in %d blocks, were %d in %d", b, n, bytesBefore, blocks)
	}
	if s := k.LockGroups(); strings.Contains(s, "etap") {
		t.Errorf("nobody asked for a trace:\n%s", s)
	}
}

// givesBack has checks.c give memory back as soon as somebody waits for it. What it returns
// ends that.
func givesBack(t *testing.T, k *KernelTask, e *Extension) (end func()) {
	may := e.fn(t, "may_give")
	k.PutU32(may, 0)
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer k.PutU32(may, 1)
		for k.alloc.waiters.Load() == 0 {
			select {
			case <-over:
				t.Error("nobody waited for memory")
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() { close(over); <-done }
}

// TestCheckPanics has what is forbidden end in a panic that says so.
func TestCheckPanics(t *testing.T) {
	for fn, reason := range map[string]string{
		"sleeping_unlocked": "the mutex is not held",
		"blocking_simple":   "sleeping with a spin lock held",
		"wrong_type":        "type",
	} {
		k := bare(t, Config{})
		e := load(t, k, "checks.o")
		th := k.ownThread("test")
		if _, err := k.Call(th, e.fn(t, fn)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %s", fn, err, reason)
		}
		th.Detach()
	}
	k := bare(t, Config{})
	e := load(t, k, "checks.o")
	th := k.ownThread("test")
	defer th.Detach()
	m, _ := k.Debugger().Symbol("mutex")
	k.PutU64(m, uint64(m)+64) // anything
	if _, err := k.CallInterrupt(th, 3, e.fn(t, "interrupted")); err == nil || !strings.Contains(err.Error(), "in an interrupt handler") {
		t.Errorf("a mutex in an interrupt handler: %v", err)
	}
}

// TestETAP: with the boot argument etap=1 the locks that were made with an event are in the
// table of lock profiling.
func TestETAP(t *testing.T) {
	k := bare(t, Config{BootArgs: "etap=1"})
	e := load(t, k, "checks.o")
	th := k.ownThread("test")
	defer th.Detach()
	for range 2 {
		if v, err := k.Call(th, e.fn(t, "etap")); err != nil || v != 1 {
			t.Fatalf("checks.c:%d: %v\n%s", int32(v), err, k.Messages)
		}
	}
	m := regexp.MustCompile(`(?m)^etap 0x123 +0 +4 +2 +(\d+)$`).FindStringSubmatch(k.LockGroups())
	if m == nil {
		t.Fatalf("the table:\n%s", k.LockGroups())
	}
	var ns uint64
	if fmt.Sscan(m[1], &ns); ns < 2*20e6 {
		t.Errorf("waited %d ns", ns)
	}
}

// TestMallocTypes: the memory of each type is counted, up and down.
func TestMallocTypes(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "checks.o")
	th := k.ownThread("test")
	defer th.Detach()
	const pcb = 4
	use := func() (m MallocType) {
		for _, m = range k.MallocTypes() {
			if m.Type == pcb {
				return m
			}
		}
		return MallocType{}
	}
	call := func(leave uint64) {
		if v, err := k.Call(th, e.fn(t, "malloc_types"), leave); err != nil || v != 1 {
			t.Fatalf("checks.c:%d: %v", int32(v), err)
		}
	}
	call(1)
	if m := use(); m != (MallocType{pcb, 3, 3000, 3000, 3}) {
		t.Errorf("with three blocks: %+v", m)
	}
	call(0)
	if m := use(); m != (MallocType{pcb, 0, 0, 3000, 3}) {
		t.Errorf("without: %+v", m)
	}
	if v, err := k.CallInterrupt(th, 3, e.fn(t, "kget_interrupted")); err != nil || v != 1 {
		t.Errorf("kget at interrupt level: checks.c:%d: %v", int32(v), err)
	}
}
