package hostile

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// each runs attacks, one after the other, as children of one program, a few at a time.
// Whatever becomes of them, the program and the kernel go on. It gives how each ended;
// "ended" is what hung for so many seconds, which a verdict may hang on only if they
// are many.
func each(t *testing.T, seconds int, attacks []string) map[string]string {
	t.Helper()
	how := map[string]string{}
	for l := range slices.Chunk(attacks, 6) {
		// All of them may hang.
		d := patience + time.Duration(len(l)*seconds)*time.Second
		o := runFor(t, d, nil, append([]string{guest, "each", strconv.Itoa(seconds)}, l...)...)
		if o.killed || o.status != 0 || !strings.HasSuffix(o.stdout, "parent is well\n") {
			t.Fatalf("%v: %v", l, o)
		}
		for line := range strings.Lines(o.stdout) {
			if a, h, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				how[a] = h
			}
		}
		for _, a := range l {
			if how[a] == "" {
				t.Fatalf("%s was not run: %v", a, o)
			}
			t.Logf("%s: %s", a, how[a])
		}
	}
	return how
}

// Seconds for attacks whose end is a verdict, and for those that may hang.
const (
	judged  = 60
	letLoop = 4
)

// died says that a program was ended by a signal: by its default action, or by Go's own
// handler, after which the status is 2.
func died(how string) bool {
	return strings.HasPrefix(how, "signal: ") && !strings.HasPrefix(how, "signal: killed") || strings.HasPrefix(how, "exit status 2: ")
}

// addresses are those where nobody's stack or code should be.
var addresses = []string{"0", "0x1000", "0x7fffc0000000", "0x7fffc0007ff8", "0x7fffffe00000", "0x7fffffe01000", "0x7fffffe05ff8", "0x7fffffe06000",
	"0x7fffffe08000", "0x7fffffe0a000", "0x7ffffffff000", "0x7fffffffffff", "0x800000000000", "0x8000000000000000", "0xffffffff81000000", "0xfffffffffffffff8"}

// TestFrames: a handler changes what its frame says of the processor, and returns. The
// kernel lets through what a user may have, and nothing else: a program with changed flags
// or selectors goes on as if it had not, or dies of what it did. That the frame counts at
// all is seen by registers that anybody may change.
func TestFrames(t *testing.T) {
	// What the registers are afterwards, as on a Linux host: of the flags only AC, OF, DF,
	// TF, SF, ZF, AF, PF, CF and RF are the frame's. IF is on for every user; PUSHFQ never
	// shows RF.
	const as = "alive: rax %#x rbx %#x flags %#x moved %v %s, handler 1\n"
	flags := func(f int) string { return fmt.Sprintf(as, 0, 0, f, false, "back") }
	controls := map[string]string{
		"frame rax 42":                    fmt.Sprintf(as, 42, 0, 0x202, false, "back"),
		"frame rbx 43":                    fmt.Sprintf(as, 0, 43, 0x202, false, "back"),
		"frame rsp 0x4200007000":          fmt.Sprintf(as, 0, 0, 0x202, true, "back"),
		"frame rip landing":               fmt.Sprintf(as, 0, 0, 0x202, false, "landed"),
		"frame rflags 0x202":              flags(0x202),
		"frame rflags 0x602":              flags(0x602),   // DF
		"frame rflags 0x3202":             flags(0x202),   // IOPL
		"frame rflags 0x4202":             flags(0x202),   // NT
		"frame rflags 0x10202":            flags(0x202),   // RF
		"frame rflags 0x20202":            flags(0x202),   // VM
		"frame rflags 0x40202":            flags(0x40202), // AC
		"frame rflags 0x180202":           flags(0x202),   // VIF and VIP
		"frame rflags 0x200202":           flags(0x202),   // ID
		"frame rflags 0x2":                flags(0x202),   // without IF
		"frame rflags 0xffffffff00000202": flags(0x202),
	}
	how := each(t, judged, append(slices.Sorted(maps.Keys(controls)), "frame rflags 0x302", "frame rip 0x8000000000000000"))
	for a, want := range controls {
		if how[a] != fmt.Sprintf("exit status 0: %q", want) {
			t.Errorf("%s: %s, want %q", a, how[a], want)
		}
	}
	// TF is a SIGTRAP, which Go's handler makes an end; where no code can be, there is none.
	for _, a := range []string{"frame rflags 0x302", "frame rip 0x8000000000000000"} {
		if !died(how[a]) {
			t.Errorf("%s: %s", a, how[a])
		}
	}
	may := []string{"frame rflags 0xffffffffffffffff",
		"frame mxcsr 0xffffffffffffffff", "frame fcw 0xffffffffffffffff", "frame xsave 0x4100001000", "frame xsave 1", "frame xsave 0x8000000000000000",
		"frame xsave 0x7fffc0000000", "frame xsave 0x4100003ff0", "frame @0 0xffffffffffffffff @8 0xffffffffffffffff"}
	for _, v := range []string{"0", "3", "0x10", "0x18", "0x23", "0x2b", "0x33", "0xffff", "0xffffffffffff0033"} {
		may = append(may, "frame cs "+v, "frame fs "+v, "frame gs "+v)
	}
	for _, a := range addresses {
		may = append(may, "frame rip "+a, "frame rsp "+a)
	}
	each(t, letLoop, may)
}

// TestSignalStacks: signals come while the stack pointer, or the alternate stack, is where
// no frame can be, or where only the machine may write: no handler runs, and the program
// is ended. Where a frame can be the handler runs on that stack.
func TestSignalStacks(t *testing.T) {
	good := map[string]string{
		"sigstack pointer 0x4200007f00":   "alive: handler 1 on the good stack true\n",
		"sigstack alternate 0x4200000000": "sigaltstack: 0\nalive: handler 1 on the good stack true\n",
	}
	l := slices.Sorted(maps.Keys(good))
	for _, a := range addresses {
		l = append(l, "sigstack pointer "+a, "sigstack alternate "+a)
	}
	for a, h := range each(t, judged, l) {
		switch want := good[a]; {
		case want != "":
			if h != fmt.Sprintf("exit status 0: %q", want) {
				t.Errorf("%s: %s, want %q", a, h, want)
			}
		case !died(h):
			t.Errorf("%s: %s", a, h)
		case strings.HasPrefix(a, "sigstack alternate") && !strings.Contains(h, `"sigaltstack: 0\n`):
			t.Errorf("%s: %s: sigaltstack looks at a stack's size only", a, h)
		}
	}
}

// TestFlags: calls are made with processor flags that kernels dislike.
func TestFlags(t *testing.T) {
	var l []string
	for _, v := range []string{"0", "0x100", "0x400", "0x500", "0x3000", "0x4000", "0x40000", "0x200000", "0x244500", "0xffffffff"} {
		l = append(l, "flags "+v)
	}
	how := each(t, judged, l)
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
	how := each(t, judged, l)
	for _, i := range []int{0, 2, 3, 4, 9, 11, 12, 14, 15, 16, 17, 18} {
		if h := how[fmt.Sprintf("odd %d", i)]; !died(h) {
			t.Errorf("odd %d: %s", i, h)
		}
	}
}

// TestCompat makes calls from 32-bit code, where the numbers are others: nothing answers.
// A thread that traps there is in a state that the kernel does not resume. Without a gate
// the same code comes back.
func TestCompat(t *testing.T) {
	const control = "compat none 20"
	l := []string{control}
	for _, gate := range []string{"int80", "sysenter", "syscall"} {
		l = append(l, "compat "+gate+" 20", "compat "+gate+" 1") // getpid, exit
	}
	for a, h := range each(t, judged, l) {
		if a == control {
			if h != `exit status 0: "came back: 20\n"` {
				t.Errorf("%s: %s", a, h)
			}
		} else if !died(h) || strings.Contains(h, "came back") {
			t.Errorf("%s: %s", a, h)
		}
	}
}

// TestStubSweep jumps into the machine's own text at every offset, with registers of its
// choice: what is there was not meant to be entered so, and may do to the program what it
// likes, but to nobody else. The registers of every other jump are for the host's own exit
// or exit_group with 77: neither is made, for the shell would be gone, which the program's
// parent sees as a SIGKILL that nobody sent. The entry itself, with a call of Darwin's,
// answers.
func TestStubSweep(t *testing.T) {
	const text, size = 0x7fffffe08000, 0x1000
	step, values := 61, []string{"0", "0x7fffc0000000", "0x4100000000", "0x7fffffe05000", "0x4", "0xffffffffffffffff", "0x8000000000000000", "0x7fffffe01000"}
	if *big {
		step = 1
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	value := func() string { return values[rnd.IntN(len(values))] }
	control := fmt.Sprintf("jump %#x 0x2000014 0 0 0 0 0 0", text) // getpid
	l, exits := []string{control}, map[string]bool{}
	for off := rnd.IntN(step); off < size; off += step {
		a := fmt.Sprintf("jump %#x", text+off)
		b := fmt.Sprintf("%s %s 77", a, []string{"0x3c", "0xe7"}[rnd.IntN(2)])
		for range 7 {
			a += " " + value()
		}
		for range 5 {
			b += " " + value()
		}
		exits[b] = true
		l = append(l, a, b)
	}
	how := each(t, letLoop, l[1:])
	how[control] = each(t, judged, l[:1])[control]
	for a, h := range how {
		var me, got uint64
		switch {
		case a == control:
			if n, err := fmt.Sscanf(h, `exit status 0: "came back to %v: %v\n"`, &me, &got); n != 2 || me == 0 || got != me {
				t.Errorf("%s: %s: %v", a, h, err)
			}
		case strings.Contains(h, "status 77"), exits[a] && strings.HasPrefix(h, "signal: killed"):
			t.Errorf("%s: %s", a, h)
		}
	}
	well(t)
}
