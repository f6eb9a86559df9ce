package kern

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Flags of posix_spawn attributes (<sys/spawn.h>).
const (
	POSIX_SPAWN_RESETIDS        = 0x0001
	POSIX_SPAWN_SETPGROUP       = 0x0002
	POSIX_SPAWN_SETSIGDEF       = 0x0004
	POSIX_SPAWN_SETSIGMASK      = 0x0008
	POSIX_SPAWN_SETEXEC         = 0x0040
	POSIX_SPAWN_START_SUSPENDED = 0x0080
	POSIX_SPAWN_SETSID          = 0x0400
	POSIX_SPAWN_CLOEXEC_DEFAULT = 0x4000
)

// Kinds of file actions (psfa_t).
const (
	PSFA_OPEN          = 0
	PSFA_CLOSE         = 1
	PSFA_DUP2          = 2
	PSFA_INHERIT       = 3
	PSFA_FILEPORT_DUP2 = 4
	PSFA_CHDIR         = 5
	PSFA_FCHDIR        = 6
)

// FileAction is one file action of posix_spawn.
type FileAction struct {
	Type  int32
	Fd    int32
	NewFd int32
	Oflag int32
	Mode  uint16
	Path  string
}

// SpawnAttr is what posix_spawn's attributes ask for.
type SpawnAttr struct {
	Flags      uint16
	SigDefault Sigset
	SigMask    Sigset
	Pgroup     int32
	Actions    []FileAction
}

// Spawn is posix_spawn(2) on values: the child's number. With SETEXEC the
// caller itself becomes the program, as with Exec. Errors are those of fork,
// of the file actions and of Exec; no child is left then.
func (ut *Uthread) Spawn(file string, a *SpawnAttr, args, env []string) (int32, abi.Errno) {
	p := ut.Proc
	s := p.Sys
	if a.Flags&POSIX_SPAWN_SETEXEC != 0 {
		return 0, ut.spawnExec(file, a, args, env)
	}
	c, e := p.newChild()
	if e != 0 {
		return 0, e
	}
	c.Fd = p.Fd.Fork()
	c.NS = p.NS.Fork()
	p.mu.Lock()
	c.acts, c.ignore, c.catch = p.acts, p.ignore, p.catch
	p.mu.Unlock()
	sigmask := ut.sigmask
	if a.Flags&POSIX_SPAWN_SETSIGMASK != 0 {
		sigmask = a.SigMask &^ cantMask
	}
	ctx := ctxOf(c, ut)
	keep, e := c.fileActions(ctx, a)
	var cut *Uthread
	var n *newImage
	if e == 0 {
		cut, n, e = c.spawnImage(ctx, sigmask, file, args, env)
	}
	if e == 0 {
		e = c.spawnGroup(p, a)
	}
	if e != 0 {
		c.abandon()
		return 0, e
	}
	if h := s.Hooks.Forked; h != nil {
		h(p, c)
	}
	c.Task.FreshGuards()
	pid := c.PID
	c.becomeImage(cut, n)
	c.spawnSignals(a)
	c.Fd.CloseExec(ctx, a.Flags&POSIX_SPAWN_CLOEXEC_DEFAULT != 0, keep)
	s.mu.Lock()
	c.state = Running
	s.mu.Unlock()
	if a.Flags&POSIX_SPAWN_START_SUSPENDED != 0 {
		c.stop(abi.SIGSTOP)
	}
	c.execDone(cut, n)
	c.armCPULimit()
	c.launch(cut)
	p.Knotes.Notify(abi.NOTE_FORK | uint32(pid)&abi.NOTE_PDATAMASK)
	return pid, 0
}

// spawnExec is SETEXEC: exec with attributes. The file actions are done before
// it is known whether the exec succeeds.
func (ut *Uthread) spawnExec(file string, a *SpawnAttr, args, env []string) abi.Errno {
	p := ut.Proc
	keep, e := p.fileActions(ut.Context(), a)
	if e != 0 {
		return e
	}
	if e := p.spawnGroup(p, a); e != 0 {
		return e
	}
	if a.Flags&POSIX_SPAWN_SETSIGMASK != 0 {
		ut.SetMask(abi.SIG_SETMASK, a.SigMask)
	}
	if e := ut.Exec(file, args, env); e != 0 {
		return e
	}
	p.spawnSignals(a)
	p.Fd.CloseExec(ut.Context(), a.Flags&POSIX_SPAWN_CLOEXEC_DEFAULT != 0, keep)
	return 0
}

// fileActions performs the actions on p's table, in order, and says which
// descriptors POSIX_SPAWN_CLOEXEC_DEFAULT must leave open.
func (p *Proc) fileActions(ctx *sys.Context, a *SpawnAttr) (map[int32]bool, abi.Errno) {
	keep := make(map[int32]bool)
	for i := range a.Actions {
		x := &a.Actions[i]
		var e abi.Errno
		switch x.Type {
		case PSFA_OPEN:
			var f *sys.OpenFile
			if f, e = vfs.Open(ctx, p.NS, nil, x.Path, int(x.Oflag)&^abi.O_CLOEXEC, x.Mode); e == 0 {
				if e = p.Fd.Install(ctx, x.Fd, f, p.NoFile()); e == 0 {
					keep[x.Fd] = true
				}
			}
		case PSFA_CLOSE:
			e = p.Fd.Close(ctx, x.Fd)
			delete(keep, x.Fd)
		case PSFA_DUP2:
			if e = p.Fd.Dup2(ctx, x.Fd, x.NewFd, 0, p.NoFile()); e == 0 {
				e = p.Fd.SetFlags(x.NewFd, 0)
				keep[x.NewFd] = true
			}
		case PSFA_INHERIT:
			e = p.Fd.SetFlags(x.Fd, 0)
			keep[x.Fd] = true
		case PSFA_CHDIR:
			e = p.NS.Chdir(ctx, x.Path)
		case PSFA_FCHDIR:
			var f *sys.OpenFile
			if f, e = p.Fd.Lookup(x.Fd); e == 0 {
				if v := vfs.VnodeOf(f); v != nil {
					e = p.NS.SetCwd(ctx, v)
				} else {
					e = abi.ENOTDIR
				}
				f.Unref(ctx)
			}
		default:
			e = abi.ENOTSUP
		}
		if e != 0 {
			return nil, e
		}
	}
	return keep, 0
}

// spawnGroup does SETSID, SETPGROUP and RESETIDS for c, a child of p (or p).
func (c *Proc) spawnGroup(p *Proc, a *SpawnAttr) abi.Errno {
	if a.Flags&POSIX_SPAWN_SETSID != 0 {
		if _, e := c.Setsid(); e != 0 {
			return e
		}
	}
	if a.Flags&POSIX_SPAWN_SETPGROUP != 0 {
		if e := c.Setpgid(0, a.Pgroup); e != 0 {
			return e
		}
	}
	if a.Flags&POSIX_SPAWN_RESETIDS != 0 {
		cr := *c.Cred()
		cr.UID, cr.GID = cr.RUID, cr.RGID
		c.SetCred(&cr)
	}
	return 0
}

// spawnSignals does SETSIGDEF.
func (p *Proc) spawnSignals(a *SpawnAttr) {
	if a.Flags&POSIX_SPAWN_SETSIGDEF == 0 {
		return
	}
	p.mu.Lock()
	for sig := abi.Signal(1); sig < abi.NSIG; sig++ {
		if a.SigDefault.Has(sig) {
			p.acts[sig] = Sigaction{}
			p.settle(sig)
		}
	}
	p.mu.Unlock()
}
