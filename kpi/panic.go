package kpi

import (
	"fmt"
	"strings"

	"puggle/libkern"
	"puggle/machine"
)

// Panic is the end of an extension, in place of the machine's.
type Panic struct {
	Reason    string
	Extension *Extension // nil if the fault lay elsewhere
	Report    string     // the whole report, several lines
	Regs      machine.Regs
}

func (p *Panic) Error() string {
	if p.Extension == nil {
		return "panic: " + p.Reason
	}
	return "panic in " + p.Extension.Name + ": " + p.Reason
}

func hex(a Addr) string { return fmt.Sprintf("%#x", uint64(a)) }

// exceptionName says what a processor exception was.
func exceptionName(v uint8) string {
	switch v {
	case 0:
		return "divide error"
	case 1, 3:
		return "breakpoint"
	case 6:
		return "invalid opcode"
	case 13:
		return "general protection fault"
	case 17:
		return "alignment check"
	}
	return fmt.Sprintf("processor exception %d", v)
}

// faulted is the end by an access that nothing resolves.
func (k *KernelTask) faulted(act *activation, t machine.Trap) *Panic {
	what := "reading"
	if t.Write {
		what = "writing"
	} else if t.Exec {
		what = "executing"
	}
	switch {
	case t.Addr < act.stack.lo && t.Addr >= act.stack.lo-machine.PageSize:
		return k.panicAt(act, fmt.Sprintf("kernel stack overflow (%d KB), %s %s", act.stack.size()>>10, what, hex(t.Addr)))
	case t.Addr < machine.PageSize:
		return k.panicAt(act, fmt.Sprintf("null pointer: page fault %s %s", what, hex(t.Addr)))
	case t.Addr >= opaque && t.Addr < opaqueEnd:
		return k.panicAt(act, fmt.Sprintf("an opaque kernel object used as a structure: page fault %s %s", what, hex(t.Addr)))
	}
	return k.panicAt(act, fmt.Sprintf("page fault %s %s%s", what, hex(t.Addr), k.formerly(t.Addr)))
}

// panicAt writes the report and marks the extension.
func (k *KernelTask) panicAt(act *activation, reason string) *Panic {
	r := *act.cpu.Regs()
	p := &Panic{Reason: reason, Regs: r}
	trace := k.backtrace(act, &r)
	for _, a := range trace {
		if p.Extension = k.extensionAt(a); p.Extension != nil {
			break
		}
	}
	if p.Extension == nil {
		p.Extension = act.frames[len(act.frames)-1].ext
	}
	var b strings.Builder
	fmt.Fprintf(&b, "panic: %s\n", reason)
	if e := p.Extension; e != nil {
		fmt.Fprintf(&b, "in extension %s at %#x, size %#x\n", e.Name, e.Image.Base, e.Image.Size)
	}
	fmt.Fprintf(&b, "thread %s", act.thread.th.Name)
	if pr := act.thread.proc(); pr != nil {
		fmt.Fprintf(&b, ", process %d (%s)", pr.PID, pr.Comm())
	}
	b.WriteByte('\n')
	for i, g := range []struct {
		n string
		v uint64
	}{{"rax", r.Rax}, {"rbx", r.Rbx}, {"rcx", r.Rcx}, {"rdx", r.Rdx}, {"rdi", r.Rdi}, {"rsi", r.Rsi}, {"rbp", r.Rbp}, {"rsp", r.Rsp},
		{"r8", r.R8}, {"r9", r.R9}, {"r10", r.R10}, {"r11", r.R11}, {"r12", r.R12}, {"r13", r.R13}, {"r14", r.R14}, {"r15", r.R15},
		{"rip", r.Rip}, {"flags", r.Rflags}} {
		fmt.Fprintf(&b, "%-5s 0x%016x", g.n, g.v)
		if i%4 == 3 {
			b.WriteByte('\n')
		} else {
			b.WriteString("  ")
		}
	}
	b.WriteString("\nbacktrace:\n")
	for _, a := range trace {
		fmt.Fprintf(&b, "  %#x %s\n", uint64(a), k.Symbolize(a))
	}
	for i := len(act.frames) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "  called by the kernel: %s\n", k.Symbolize(act.frames[i].fn))
	}
	p.Report = b.String()
	if p.Extension != nil {
		p.Extension.die(p)
	}
	k.print(p.Report)
	k.dbg.panicked(act, p)
	return p
}

// maxTrace bounds a back-trace.
const maxTrace = 64

// backtrace is where the thread is and what called it, by frame pointers.
func (k *KernelTask) backtrace(act *activation, r *machine.Regs) []Addr {
	l := []Addr{Addr(r.Rip)}
	// In a stub, and at a function's first instruction, the caller is on top.
	if k.inStub(Addr(r.Rip)) || k.extensionAt(l[0]) == nil && !k.inRuntime(l[0]) {
		if v, ok := k.U64(Addr(r.Rsp)); ok {
			l = append(l, Addr(v))
		}
	}
	fp := Addr(r.Rbp)
	for len(l) < maxTrace && fp >= act.stack.lo && fp <= act.stack.top-16 && fp&7 == 0 {
		next, ok := k.U64(fp)
		ret, ok2 := k.U64(fp + 8)
		if !ok || !ok2 || ret == 0 {
			break
		}
		l = append(l, Addr(ret))
		if Addr(next) <= fp {
			break
		}
		fp = Addr(next)
	}
	return l
}

func (k *KernelTask) inStub(a Addr) bool {
	return a >= k.stubs && a < k.stubs+Addr(len(table)+1)*stubSize
}

func (k *KernelTask) inRuntime(a Addr) bool {
	if img := k.iok.image.Load(); img != nil && uint64(a)-img.Base < img.Size {
		return true
	}
	return k.rt != nil && uint64(a)-k.rt.Base < k.rt.Size
}

// Symbolize names an address of kernel code: "extension`symbol+0x10".
func (k *KernelTask) Symbolize(a Addr) string {
	near := func(where string, img *libkern.Image) string {
		if s, ok := img.Nearest(uint64(a)); ok {
			return fmt.Sprintf("%s`%s+%#x", where, strings.TrimPrefix(s.Name, "_"), uint64(a)-s.Addr)
		}
		return where
	}
	switch {
	case a >= k.stubs && a < k.stubs+stubSize:
		return "kernel`upcall"
	case k.inStub(a):
		return "kernel`" + table[(a-k.stubs)/stubSize-1].Name
	case k.inRuntime(a):
		if img := k.iok.image.Load(); img != nil && uint64(a)-img.Base < img.Size {
			return near("iokit", img)
		}
		return near("kernel", k.rt)
	}
	if e := k.extensionAt(a); e != nil {
		return near(e.Name, e.Image)
	}
	return "?" + k.formerly(a)
}
