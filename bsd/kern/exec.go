package kern

import (
	"fmt"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/task"
	"puggle/machine"
)

// CopyInVector copies in a list of strings that ends with a zero pointer.
// EFAULT, E2BIG.
func (ut *Uthread) CopyInVector(at uint64) ([]string, abi.Errno) {
	if at == 0 {
		return nil, 0
	}
	m := ut.Proc.Map()
	var l []string
	size := 0
	for {
		var b [8]byte
		if m.CopyIn(b[:], machine.Addr(at)) != 0 {
			return nil, abi.EFAULT
		}
		p := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		if p == 0 {
			return l, 0
		}
		s, kr := m.CopyInString(machine.Addr(p), ArgMax)
		switch kr {
		case 0:
		case abi.KERN_INVALID_ADDRESS, abi.KERN_PROTECTION_FAILURE, abi.KERN_MEMORY_ERROR:
			return nil, abi.EFAULT
		default:
			return nil, abi.E2BIG
		}
		if size += len(s) + 9; size > ArgMax {
			return nil, abi.E2BIG
		}
		l = append(l, s)
		at += 8
	}
}

func (p *Proc) stackSize() uint64 {
	n := min(p.limit(abi.RLIMIT_STACK).Cur, StackMax)
	return max(uint64(machine.Addr(n).Round()), 256<<10)
}

// Exec is execve(2) on values: on success the thread is the only one of its
// process, in a new image; its registers are set. Errors as findProgram's, and
// E2BIG, ENOMEM.
func (ut *Uthread) Exec(file string, args, env []string) abi.Errno {
	p := ut.Proc
	s := p.Sys
	if s.Loader == nil {
		return abi.ENOEXEC
	}
	ctx := ut.Context()
	n, e := s.Loader.build(ctx, p.NS, s.Tasks, p.stackSize(), file, args, env)
	if e != 0 {
		return e
	}
	sp := n.space
	// From here on there is no way back.
	if !p.singleThread(ut) {
		n.m.Destroy()
		sp.Destroy()
		ut.Thread.PostAST(task.ASTTerminate)
		return abi.EINTR
	}
	p.Task.TerminateOthers(ut.Thread, false)
	p.aioExit(ctx)
	base := p.CPUTime()
	p.limitWired(n.m)
	old, err := p.Task.ReplaceSpace(ut.Thread, sp, n.m)
	if err != nil {
		p.releaseSingle()
		n.m.Destroy()
		sp.Destroy()
		ut.ExitSignal(abi.SIGKILL)
		return abi.ENOMEM
	}
	p.cpuBase.Store(int64(base))
	p.limitMap(n.m)
	if d, ok := old.(interface{ Destroy() }); ok {
		go d.Destroy() // it waits for the end of the host's process
	}
	p.endShm()
	p.becomeImage(ut, n)
	p.Fd.CloseExec(ctx, false, nil)
	p.releaseSingle()
	p.execDone(ut, n)
	if p.traced.Load() {
		p.Signal(abi.SIGTRAP) // the tracer sees the new program before its first instruction
	}
	return 0
}

func (p *Proc) releaseSingle() {
	p.mu.Lock()
	p.single = nil
	p.mu.Unlock()
}

// becomeImage gives p the identity of the new image.
func (p *Proc) becomeImage(ut *Uthread, n *newImage) {
	s := p.Sys
	p.image.Store(n.image)
	p.Task.Name = n.image.Comm
	ut.Thread.Name = fmt.Sprintf("%s/%d", n.image.Comm, ut.Thread.ID)
	p.execSignals(ut)
	p.mu.Lock()
	p.pth = pthreadInfo{}
	p.mu.Unlock()
	s.mu.Lock()
	p.execed = true
	s.mu.Unlock()
	s.stats.Execs.Add(1)
	if h := s.Hooks.Execed; h != nil {
		h(p)
	}
	ut.setRegs(&n.regs)
}

// execDone announces an exec, and ends a program that could not be bound the
// way its own dynamic linker would have.
func (p *Proc) execDone(ut *Uthread, n *newImage) {
	p.wakeVforkParent()
	p.Knotes.Notify(abi.NOTE_EXEC)
	if n.abort != "" {
		p.complain(ctxOf(p, ut), n.abort)
		p.forceDefault(ut, abi.SIGABRT)
	}
}

// complain writes a line to the process's standard error.
func (p *Proc) complain(ctx *sys.Context, line string) {
	f, e := p.Fd.Lookup(2)
	if e != 0 {
		return
	}
	u := sys.NewUio([]byte(line + "\n"))
	f.Ops.Write(ctx, u, f.Flags())
	f.Unref(ctx)
}

// StartFirst makes a process for the machine's first program, or for one that
// is started from outside: a child of process 1 in a session of its own, with
// the files given as its first descriptors (their references are taken over).
// With leader it leads the session, to have a terminal; else process 1 does, so
// that no terminal it opens becomes its own.
// setup is called before the program is found; ready once the process leads its
// session, before it runs. Both may be nil.
func (s *System) StartFirst(cred *sys.Cred, leader bool, setup, ready func(p *Proc), files []*sys.OpenFile, file string, args, env []string) (*Proc, abi.Errno) {
	p, e := s.init.newChild()
	if e != 0 {
		return nil, e
	}
	p.SetCred(cred)
	p.Fd = NewFileDesc()
	for i, f := range files {
		if f != nil {
			p.Fd.Install(ctxOf(p, nil), int32(i), f, OpenMax)
		}
	}
	p.initSignals()
	if setup != nil {
		setup(p)
	}
	ut, n, e := p.spawnImage(ctxOf(p, nil), 0, file, args, env)
	if e != 0 {
		p.abandon()
		return nil, e
	}
	if h := s.Hooks.Forked; h != nil {
		h(s.init, p)
	}
	s.mu.Lock()
	session := s.init.pgrp.session
	if leader {
		session = &Session{SID: p.PID, leader: p, login: session.login}
	}
	s.enterPgrp(p, p.PID, session)
	p.state = Running
	s.mu.Unlock()
	p.becomeImage(ut, n)
	if ready != nil {
		ready(p)
	}
	p.execDone(ut, n)
	p.armCPULimit()
	p.launch(ut)
	return p, 0
}

// spawnImage makes the task, image and first thread of a process that has none.
func (p *Proc) spawnImage(ctx *sys.Context, sigmask Sigset, file string, args, env []string) (*Uthread, *newImage, abi.Errno) {
	s := p.Sys
	if s.Loader == nil {
		return nil, nil, abi.ENOEXEC
	}
	n, e := s.Loader.build(ctx, p.NS, s.Tasks, p.stackSize(), file, args, env)
	if e != 0 {
		return nil, nil, e
	}
	t := s.Tasks.NewIn(n.space, file)
	p.limitWired(n.m)
	t.SetMap(n.m)
	p.limitMap(n.m)
	p.Task, t.BSD = t, p
	th, err := t.NewThread()
	if err != nil {
		return nil, nil, abi.ENOMEM
	}
	return p.newUthread(th, sigmask), n, 0
}
