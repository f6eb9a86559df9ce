package kernel

import (
	"bytes"
	"fmt"
	"os"
	"sync"

	"puggle/bsd/kern"
	"puggle/bsd/syscalls"
	"puggle/mach/task"
	"puggle/machine"
)

// panicStatus is what the process exits with when the fault is ours.
const panicStatus = 125

var panicOnce sync.Mutex

// panicked ends the process with a report of what the kernel was doing for whom.
// Locks may be held anywhere, so nothing is closed: the shells end with us. A
// second panic waits for the first one's exit.
func panicked(th *task.Thread, v any, stack []byte) {
	panicOnce.Lock()
	var b bytes.Buffer
	fmt.Fprintf(&b, "\npuggle: kernel panic: %v\n", v)
	fmt.Fprintf(&b, "thread %d (%s) of %s: %s\n", th.ID, th.Thread.Name, th.Task.Name, describe(th))
	r := th.Context().Regs()
	fmt.Fprintf(&b, "guest rip %#x rsp %#x rax %#x rdi %#x rsi %#x rdx %#x r10 %#x\n", r.Rip, r.Rsp, r.Rax, r.Rdi, r.Rsi, r.Rdx, r.R10)
	b.Write(stack)
	b.WriteString("This is a defect of puggle, not of the program: please report it with the lines above.\n")
	os.Stderr.Write(b.Bytes())
	os.Exit(panicStatus)
}

// describe says what th was doing; th may be in a state that nobody foresaw.
func describe(th *task.Thread) (s string) {
	defer func() {
		if recover() != nil {
			s += " (and its state is not sound)"
		}
	}()
	ut, _ := th.BSD.(*kern.Uthread)
	if ut == nil || ut.Proc == nil {
		return "no BSD process"
	}
	s = fmt.Sprintf("process %d", ut.Proc.PID)
	if c, _ := ut.Scratch.(*syscalls.Call); c != nil && th.Trap.Kind == machine.TrapSyscall {
		return s + ", call " + c.Row().Name
	}
	return fmt.Sprintf("%s, trap %+v", s, th.Trap)
}
