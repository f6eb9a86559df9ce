package kpi

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// The functions of testdata/docs.c, each of which tells itself whether a sample of the
// documents of 2002 and 2006 does what its text says (doc/samples.md).
func TestDocSamples(t *testing.T) {
	var serial bytes.Buffer
	k := bare(t, Config{BootArgs: "argflag=20 toobig=99 -flag name=puggle debug=0x8", Serial: &serial})
	e := load(t, k, "docs.o")
	bytesBefore, blocks := k.MemoryInUse()
	for _, fn := range []string{"checked_pointers", "credentials", "kernel_memory", "threads", "wait_queues", "funnels", "semaphores", "spinning",
		"condition_variable", "using_tsleep", "times_2002", "times_2006", "times_portable", "delays", "timeouts", "ticks",
		"boot_options", "serial_line", "queues"} {
		t.Run(fn, func(t *testing.T) {
			th := k.ownThread("test/" + fn)
			defer th.Detach()
			if v, err := k.Call(th, e.fn(t, fn)); err != nil || v != 1 {
				t.Errorf("docs.c:%d: %v\n%s", int32(v), err, k.Messages)
			}
		})
	}
	if got := serial.String(); got != "on the serial line: 4711\n" || strings.Contains(k.Messages.String(), "4711") {
		t.Errorf("on the serial line: %q; messages: %s", got, k.Messages)
	}
	th := k.ownThread("test")
	defer th.Detach()
	v, err := k.Call(th, e.fn(t, "calendar_as_abstime"))
	if d := time.Since(time.Unix(0, int64(v))); err != nil || d < -time.Minute || d > time.Minute {
		t.Errorf("the calendar as absolute time: %d, %v off, %v", v, d, err)
	}
	for end := time.Now().Add(10 * time.Second); len(e.settled()) > 0 && time.Now().Before(end); {
	}
	if refs := e.References(); len(refs) != 0 {
		t.Errorf("left: %v", refs)
	}
	if b, n := k.MemoryInUse(); b != bytesBefore || n != blocks {
		t.Errorf("memory: %d bytes in %d blocks, were %d in %d", b, n, bytesBefore, blocks)
	}
}

// TestDocMistakes has the mistakes that the documents warn of end in a panic that says
// what it was.
func TestDocMistakes(t *testing.T) {
	for fn, reason := range map[string]string{
		"spl_without":         "spl without a funnel held",
		"wait_queue_unlocked": "the queue's lock is not held",
	} {
		k := bare(t, Config{})
		e := load(t, k, "docs.o")
		th := k.ownThread("test")
		if _, err := k.Call(th, e.fn(t, fn)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %s", fn, err, reason)
		}
		th.Detach()
	}
}

// TestDiagnostics: what the kernel notices goes where the debug flags say.
func TestDiagnostics(t *testing.T) {
	for _, c := range []struct{ args, console, messages string }{
		{"", "", "it is so\n"},
		{"debug=0x2", "it is so\n", "it is so\n"},
		{"debug=0x20", "", "<7>it is so\n"},
		{"debug=0x22", "it is so\n", "<7>it is so\n"},
	} {
		var console bytes.Buffer
		k := bare(t, Config{BootArgs: c.args, Console: &console})
		k.diagnose("it is so\n")
		if console.String() != c.console || k.Messages.String() != c.messages {
			t.Errorf("%s: console %q, messages %q", c.args, console.String(), k.Messages)
		}
	}
}
