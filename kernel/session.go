package kernel

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bootstrap"
	"puggle/bsd/dev"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
	"puggle/bsd/vfs"
)

// HostFiles are the host's descriptors that become a program's first three; -1
// is a closed one.
type HostFiles struct {
	Fd [3]int
	// Owned says that the descriptors are closed when neither the session nor a
	// guest's file uses them any more.
	Owned bool
	// NoTerminal leaves a terminal among them to the host's line discipline:
	// somebody else is using it.
	NoTerminal bool
}

// Stdio are the process's own standard files. A terminal that has another job
// in its foreground is left alone.
func Stdio() HostFiles {
	h := HostFiles{Fd: [3]int{0, 1, 2}}
	pgid, err := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	h.NoTerminal = err == nil && pgid != unix.Getpgrp()
	return h
}

// Session is a program that was started from outside, with what it was given
// of the host's: files, and a terminal as its console.
type Session struct {
	// Proc is the first process, nil before Start.
	Proc *kern.Proc
	// Login gives the session a bootstrap context of its own, a subset of the startup
	// context, until Close. To be set before Start.
	Login bool

	context *bootstrap.Context
	sys     *System
	host    HostFiles
	files   [3]*sys.OpenFile
	console *tty.Console
	offsets []hostOffset
	toClose []int // host descriptors that no guest file owns
	closed  bool
}

// hostOffset is a host descriptor whose position follows the guest's file.
type hostOffset struct {
	fd int
	f  *sys.OpenFile
}

// OpenSession prepares a session with the host's files. A terminal becomes a
// console of the machine until Close; a regular file that is only read, or only
// appended to, is opened as the file that it is; anything else is a stream that
// stands where the host's stands.
func (s *System) OpenSession(h HostFiles) (*Session, error) {
	se := &Session{sys: s, host: h}
	if isTerminal(h.Fd[0]) && !h.NoTerminal {
		out := h.Fd[0]
		for _, fd := range h.Fd[1:] {
			if isTerminal(fd) {
				out = fd
				break
			}
		}
		c, err := tty.OpenConsole(jobs{s}, dev.Makedev(dev.MajorConsole, 0), h.Fd[0], out)
		if err != nil {
			return nil, err
		}
		se.console = c
		s.ttys.Console = c.Tty
	}
	for i, fd := range h.Fd {
		se.files[i] = se.open(fd)
	}
	return se, nil
}

// open makes the guest's side of one descriptor; nil for a closed one.
func (se *Session) open(fd int) *sys.OpenFile {
	if fd < 0 {
		return nil
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return nil
	}
	mode := abi.FREAD | abi.FWRITE
	switch flags & unix.O_ACCMODE {
	case unix.O_RDONLY:
		mode = abi.FREAD
	case unix.O_WRONLY:
		mode = abi.FWRITE
	}
	if se.console != nil && isTerminal(fd) {
		if f, e := se.console.Open(kernelCtx(), mode|abi.O_NOCTTY); e == 0 {
			se.toClose = append(se.toClose, fd)
			return sys.NewOpenFile(f, mode)
		}
	}
	if f := se.regular(fd, flags); f != nil {
		se.toClose = append(se.toClose, fd)
		return f
	}
	return sys.NewOpenFile(tty.NewHostFile(fd, se.host.Owned), mode)
}

// regular opens the file behind a descriptor in the guests' tree. Others may
// write through the same open file of the host, each where the last one
// stopped; a position of our own would overwrite what they write. So only files
// that are read or appended to qualify.
func (se *Session) regular(fd, flags int) *sys.OpenFile {
	open := 0
	switch {
	case flags&unix.O_ACCMODE == unix.O_RDONLY:
		open = abi.O_RDONLY
	case flags&unix.O_ACCMODE == unix.O_WRONLY && flags&unix.O_APPEND != 0:
		open = abi.O_WRONLY | abi.O_APPEND
	default:
		return nil
	}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil
	}
	path := hostPath(fd)
	if path == "" {
		return nil
	}
	ns, e := se.sys.namespace("")
	if e != 0 {
		return nil
	}
	defer ns.Release()
	ctx := kernelCtx()
	f, e := vfs.Open(ctx, ns, nil, path, open|abi.O_NOCTTY|abi.O_NONBLOCK, 0)
	if e != 0 {
		return nil
	}
	f.SetFlags(0, abi.O_NONBLOCK)
	var got abi.Stat
	off, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	if f.Ops.Stat(ctx, &got) != 0 || got.Ino != st.Ino || got.Size != st.Size || err != nil {
		f.Unref(ctx) // something else by that name, or the host's file has none
		return nil
	}
	f.Offset = off
	se.offsets = append(se.offsets, hostOffset{fd, f.Ref()})
	return f
}

// Start starts the program in a session of its own, whose terminal is the
// console if there is one.
func (se *Session) Start(args, env []string, dir string) error {
	prog := &Program{Args: args, Env: env, Dir: dir, Files: se.files, Terminal: se.console != nil}
	se.files = [3]*sys.OpenFile{}
	if se.Login {
		c, kr := se.sys.Bootstrap.Startup().Subset(nil)
		if kr != abi.KERN_SUCCESS {
			return fmt.Errorf("login context: kern_return_t %d", kr)
		}
		se.context = c
	}
	p, err := se.sys.start(prog, func(p *kern.Proc) {
		if se.context != nil {
			p.Task.SetSpecialPort(abi.TASK_BOOTSTRAP_PORT, se.context.Port())
		}
		if se.console != nil {
			ctx := kernelCtx()
			ctx.Proc, ctx.PID, ctx.Cred = p, p.PID, p.Cred()
			se.console.Acquire(ctx) // it can't fail: the session is new, and so is the console
		}
	})
	se.Proc = p
	return err
}

// Wait waits for the first process and gives its exit status as a shell would.
func (se *Session) Wait() int { return ExitStatus(se.sys.Wait(se.Proc.PID)) }

// Hangup tells the first process's group that the other side has gone.
func (se *Session) Hangup() {
	if se.Proc != nil {
		se.sys.Procs.SignalPgrp(se.Proc.PID, abi.SIGHUP)
		se.sys.Procs.SignalPgrp(se.Proc.PID, abi.SIGCONT)
	}
}

// Close gives the host back what is its: the terminal as it was, positions in
// files that were read. Processes of the session that are left find their
// terminal hung up. It may be called twice.
func (se *Session) Close() {
	if se.closed {
		return
	}
	se.closed = true
	if se.context != nil {
		se.context.Destroy()
	}
	if se.console != nil {
		se.console.Close()
		se.console.Hangup()
		if se.sys.ttys.Console == se.console.Tty {
			se.sys.ttys.Console = nil
		}
	}
	ctx := kernelCtx()
	for _, o := range se.offsets {
		o.f.OffMu.Lock()
		unix.Seek(o.fd, o.f.Offset, unix.SEEK_SET)
		o.f.OffMu.Unlock()
		o.f.Unref(ctx)
	}
	for _, f := range se.files {
		if f != nil {
			f.Unref(ctx)
		}
	}
	if se.host.Owned {
		for _, fd := range se.toClose {
			unix.Close(fd)
		}
	}
}

// hostPath is the name of the file behind a descriptor of ours, "" if it has none.
func hostPath(fd int) string {
	path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil || !strings.HasPrefix(path, "/") {
		return ""
	}
	return path
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
