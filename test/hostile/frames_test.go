package hostile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// each runs attacks, one after the other, as children of one program. Whatever becomes of
// them, the program and the kernel go on. It gives how each ended.
func each(t *testing.T, attacks []string) map[string]string {
	t.Helper()
	o := run(t, nil, append([]string{guest, "each"}, attacks...)...)
	if o.status != 0 || !strings.HasSuffix(o.stdout, "parent is well\n") {
		t.Fatalf("%v", o)
	}
	how := map[string]string{}
	for line := range strings.Lines(o.stdout) {
		if a, h, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			how[a] = h
		}
	}
	for _, a := range attacks {
		if how[a] == "" {
			t.Fatalf("%s was not run: %v", a, o)
		}
		t.Logf("%s: %s", a, how[a])
	}
	return how
}

// addresses are those where nobody's stack or code should be.
var addresses = []string{"0", "0x1000", "0x7fffc0000000", "0x7fffc0007ff8", "0x7fffffe00000", "0x7fffffe01000", "0x7fffffe05ff8", "0x7fffffe06000",
	"0x7fffffe08000", "0x7fffffe0a000", "0x7ffffffff000", "0x7fffffffffff", "0x800000000000", "0x8000000000000000", "0xffffffff81000000", "0xfffffffffffffff8"}

// TestFrames: a handler changes what its frame says of the processor, and returns. The
// kernel lets through what a user may have, and nothing else: a program with changed flags
// or selectors goes on as if it had not, or dies of what it did.
func TestFrames(t *testing.T) {
	harmless := []string{
		"frame rflags 0x202", "frame rflags 0x3202", "frame rflags 0x4202", "frame rflags 0x10202", "frame rflags 0x20202",
		"frame rflags 0x180202", "frame rflags 0x200202", "frame rflags 0x2", "frame rflags 0xffffffff00000202",
	}
	may := []string{"frame rflags 0x302", "frame rflags 0x602", "frame rflags 0x40202", "frame rflags 0xffffffffffffffff",
		"frame mxcsr 0xffffffffffffffff", "frame fcw 0xffffffffffffffff", "frame xsave 0x4100001000", "frame xsave 1", "frame xsave 0x8000000000000000",
		"frame xsave 0x7fffc0000000", "frame xsave 0x4100003ff0", "frame @0 0xffffffffffffffff @8 0xffffffffffffffff"}
	for _, v := range []string{"0", "3", "0x10", "0x18", "0x23", "0x2b", "0x33", "0xffff", "0xffffffffffff0033"} {
		may = append(may, "frame cs "+v, "frame fs "+v, "frame gs "+v)
	}
	for _, a := range addresses {
		may = append(may, "frame rip "+a, "frame rsp "+a)
	}
	how := each(t, append(harmless, may...))
	for _, a := range harmless {
		if how[a] != `exit status 0: "alive\n"` {
			t.Errorf("%s: %s", a, how[a])
		}
	}
	if a := "frame rip 0x8000000000000000"; !strings.Contains(how[a], "signal") && !strings.Contains(how[a], "exit status 2") {
		t.Errorf("%s: %s", a, how[a])
	}
}

// TestSignalStacks: signals come while the stack pointer, or the alternate stack, is where
// no frame can be, or where only the machine may write.
func TestSignalStacks(t *testing.T) {
	var l []string
	for _, a := range addresses {
		l = append(l, "sigstack pointer "+a, "sigstack alternate "+a)
	}
	for a, h := range each(t, l) {
		if strings.HasPrefix(a, "sigstack pointer") && strings.Contains(h, "alive") && !strings.Contains(a, "0x7fffc000") {
			t.Errorf("%s: %s", a, h)
		}
	}
}

// TestFlags: calls are made with processor flags that kernels dislike.
func TestFlags(t *testing.T) {
	var l []string
	for _, v := range []string{"0", "0x100", "0x400", "0x500", "0x3000", "0x4000", "0x40000", "0x200000", "0x244500", "0xffffffff"} {
		l = append(l, "flags "+v)
	}
	how := each(t, l)
	for _, v := range []string{"0", "0x400", "0x3000", "0x4000", "0x200000"} {
		if h := how["flags "+v]; h != `exit status 0: "alive\n"` {
			t.Errorf("flags %s: %s", v, h)
		}
	}
}

// TestOddInstructions: what only a kernel may do, and what no processor does, ends the
// program by a signal. Those that a user may make are let be.
func TestOddInstructions(t *testing.T) {
	var l []string
	for i := range 21 {
		l = append(l, fmt.Sprintf("odd %d", i))
	}
	for _, v := range []string{"0", "3", "0x10", "0x2b", "0x33", "0x8b", "0xfffb", "0xffff"} {
		l = append(l, "segments "+v)
	}
	how := each(t, l)
	for _, i := range []int{0, 2, 3, 4, 9, 11, 12, 14, 15, 16, 17, 18} {
		if h := how[fmt.Sprintf("odd %d", i)]; strings.Contains(h, "alive") {
			t.Errorf("odd %d: %s", i, h)
		}
	}
}

// TestCompat makes calls from 32-bit code, where the numbers are others: nothing answers.
// A thread that traps there is in a state that the kernel does not resume.
func TestCompat(t *testing.T) {
	var l []string
	for _, gate := range []string{"int80", "sysenter", "syscall"} {
		l = append(l, "compat "+gate+" 20", "compat "+gate+" 1") // getpid, exit
	}
	for a, h := range each(t, l) {
		if strings.Contains(h, "status 77") || strings.Contains(h, "came back") {
			t.Errorf("%s was answered: %s", a, h)
		}
	}
}

// TestStubSweep jumps into the machine's own text at every offset, with registers of its
// choice: what is there was not meant to be entered so, and may do to the program what it
// likes, but to nobody else.
func TestStubSweep(t *testing.T) {
	const size = 0x1000
	step, values := 61, []string{"0", "0x7fffc0000000", "0x4100000000", "0x7fffffe05000", "0x4", "0xffffffffffffffff", "0x8000000000000000", "0x7fffffe01000"}
	if *big {
		step = 1
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var l []string
	for off := rnd.IntN(step); off < size; off += step {
		a := fmt.Sprintf("jump %#x", 0x7fffffe08000+off)
		for range 7 {
			a += " " + values[rnd.IntN(len(values))]
		}
		l = append(l, a)
	}
	for len(l) > 0 {
		n := min(len(l), 16)
		for a, h := range each(t, l[:n]) {
			if strings.Contains(h, "status 77") {
				t.Errorf("%s: %s", a, h) // the host's exit, by number
			}
		}
		l = l[n:]
	}
	well(t)
}
