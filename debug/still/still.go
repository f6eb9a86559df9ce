// Package still is a debug.Target that stands still: memory that never runs code. Tests and
// fuzzers of debuggers use it.
package still

import (
	"sort"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// Base is where the memory begins.
const Base machine.Addr = 0x100000000

// Target has Memory at Base and one thread, number 7. What lets it run comes back at once.
// One goroutine at a time may use it.
type Target struct {
	Memory  []byte
	Regs_   machine.Regs
	stop    *debug.Stop
	breaks  map[machine.Addr]bool
	flags   uint64
	Resumed int // how often it was let run
}

// New makes one with n bytes of memory.
func New(n int) *Target {
	return &Target{Memory: make([]byte, n), Regs_: machine.Regs{Rip: uint64(Base), Rsp: uint64(Base) + uint64(n)/2}, breaks: map[machine.Addr]bool{}}
}

func (t *Target) Attach() error { return nil }
func (t *Target) Detach(bool)   {}

func (t *Target) Halt(text string) {
	if t.stop == nil {
		t.stop = &debug.Stop{Text: text, Thread: 7}
	}
}
func (t *Target) Stopped() *debug.Stop             { return t.stop }
func (t *Target) Wait(<-chan struct{}) *debug.Stop { t.Halt("wait"); return t.stop }

func (t *Target) Resume(r debug.Resume) error {
	if t.stop == nil {
		return debug.ErrRunning
	}
	if r.Step && r.Thread != 7 {
		return debug.ErrThread
	}
	t.Resumed++
	t.Regs_.Rip++
	t.stop = &debug.Stop{Reason: debug.Breakpoint, Text: "breakpoint", Thread: 7}
	if r.Step {
		t.stop = &debug.Stop{Reason: debug.Stepped, Text: "step", Thread: 7}
	}
	return nil
}

func (t *Target) Threads() []debug.Thread { return []debug.Thread{{ID: 7, Name: "still"}} }

func (t *Target) Regs(id uint64) (machine.Regs, error) {
	if id != 7 {
		return machine.Regs{}, debug.ErrThread
	}
	return t.Regs_, nil
}

func (t *Target) SetRegs(id uint64, r machine.Regs) error {
	if id != 7 {
		return debug.ErrThread
	}
	t.Regs_ = r
	return nil
}

func (t *Target) Backtrace(id uint64) []machine.Addr {
	if id != 7 {
		return nil
	}
	return []machine.Addr{machine.Addr(t.Regs_.Rip)}
}

func (t *Target) Read(b []byte, a machine.Addr) int {
	if a < Base || uint64(a-Base) >= uint64(len(t.Memory)) {
		return 0
	}
	return copy(b, t.Memory[a-Base:])
}

func (t *Target) Write(a machine.Addr, b []byte) error {
	if a < Base || uint64(a-Base) > uint64(len(t.Memory)) || len(b) > len(t.Memory)-int(a-Base) {
		return debug.ErrAddress
	}
	copy(t.Memory[a-Base:], b)
	return nil
}

func (t *Target) SetBreak(a machine.Addr) error {
	var b [1]byte
	if t.Read(b[:], a) == 0 {
		return debug.ErrBreak
	}
	t.breaks[a] = true
	return nil
}

func (t *Target) ClearBreak(a machine.Addr) error { delete(t.breaks, a); return nil }

func (t *Target) Breaks() []machine.Addr {
	var l []machine.Addr
	for a := range t.breaks {
		l = append(l, a)
	}
	sort.Slice(l, func(i, j int) bool { return l[i] < l[j] })
	return l
}

func (t *Target) Symbolize(machine.Addr) string { return "still`memory" }

func (t *Target) Symbol(name string) (machine.Addr, bool) {
	return Base, strings.TrimPrefix(name, "still`") == "memory"
}

func (t *Target) Extensions() []debug.Extension {
	return []debug.Extension{{ID: "still", Base: Base, Size: uint64(len(t.Memory))}}
}
func (t *Target) Messages() string  { return "one\ntwo\nthree\n" }
func (t *Target) Flags() uint64     { return t.flags }
func (t *Target) SetFlags(v uint64) { t.flags = v }
