package kpi

import (
	"strings"
	"testing"
	"time"
)

// TestKernelThreads: a thread that code makes is among the kernel's threads, prints, and is gone when
// it halts itself or when another terminates it. A timer that goes on after that is a panic.
func TestKernelThreads(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "threads.o")
	th := k.ownThread("test")
	defer th.Detach()
	call := func(fn string) uint64 {
		t.Helper()
		v, err := k.Call(th, e.fn(t, fn))
		if err != nil {
			t.Fatalf("%s: %v", fn, err)
		}
		return v
	}
	listed := func(name string) bool {
		for _, th := range k.Debugger().Threads() {
			if strings.Contains(th.Name, name) {
				return true
			}
		}
		return false
	}
	until := func(what string, f func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !f(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: never\n%s", what, k.Messages)
			}
		}
	}
	if v := call("make"); v != 1 {
		t.Fatalf("threads.c:%d", v)
	}
	if !listed("waits_for") || !strings.Contains(k.Messages.String(), "a thread waits\n") {
		t.Errorf("%v; messages: %s", k.Debugger().Threads(), k.Messages)
	}
	call("wake")
	until("it ends itself", func() bool { return !listed("waits_for") })
	if v := call("has_ended"); v != 1 || !strings.Contains(k.Messages.String(), "a thread goes on\n") {
		t.Errorf("ended is %d; messages: %s", v, k.Messages)
	}
	if v := call("make_long"); v != 1 {
		t.Fatalf("threads.c:%d", v)
	}
	if call("terminate") != 1 {
		t.Error("thread_terminate")
	}
	until("it is terminated", func() bool { return !listed("waits_long") })
	if v := call("has_ended"); v != 0 || e.Dead() {
		t.Errorf("it has gone on: %d", v)
	}
	// A wait with a time ends with its thread, and is no panic.
	for _, how := range []string{"iosleep", "msleep", "after_timer"} {
		if v := call("make_" + how); v != 1 {
			t.Fatalf("threads.c:%d", v)
		}
		if call("terminate") != 1 {
			t.Errorf("thread_terminate of one that sleeps by %s", how)
		}
		until(how+": it is terminated", func() bool { return !listed("sleeps_" + how) })
		if v := call("has_ended"); v != 0 || e.Dead() {
			t.Errorf("%s: it has gone on: %d", how, v)
		}
	}
	// thread_cancel_timer was forgotten. The timer may expire before it is terminated: then there is
	// nobody to panic.
	call("make_timed")
	call("terminate")
	until("the timer expires", func() bool { return !listed("waits_with_timer") })
	s := k.Messages.String()
	if v, err := k.Call(th, e.fn(t, "has_ended")); err == nil && v != 4 {
		t.Errorf("it has not panicked, and ended is %d: %s", v, s)
	} else if err != nil && !strings.Contains(s, "a timer of a thread that was terminated has expired") {
		t.Errorf("%v: %s", err, s)
	}
}

// TestSpinSleep is the lock of kern/spinsleep.h.
func TestSpinSleep(t *testing.T) {
	k := bare(t, Config{})
	e := load(t, k, "threads.o")
	th := k.ownThread("test")
	defer th.Detach()
	if v, err := k.Call(th, e.fn(t, "spin_sleep")); err != nil || v != 1 {
		t.Errorf("threads.c:%d: %v\n%s", int32(v), err, k.Messages)
	}
}
