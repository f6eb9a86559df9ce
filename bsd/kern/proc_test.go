package kern

import (
	"sync"
	"sync/atomic"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// TestGroups walks through the rules of setsid and setpgid.
func TestGroups(t *testing.T) {
	s, p, _, _ := testSystem(t)
	if p.PgrpID() != 1 || p.SessionID() != 1 {
		t.Fatalf("a child of process 1 is in group %d session %d", p.PgrpID(), p.SessionID())
	}
	if id, e := p.Setsid(); e != 0 || id != p.PID || !p.IsSessionLeader() {
		t.Fatalf("setsid: %d %v", id, e)
	}
	if _, e := p.Setsid(); e != abi.EPERM {
		t.Errorf("setsid by a group leader: %v", e)
	}
	if e := p.Setpgid(0, 0); e != abi.EPERM {
		t.Errorf("setpgid by a session leader: %v", e)
	}
	a, _ := testProc(t, s, p)
	b, _ := testProc(t, s, p)
	if e := p.Setpgid(a.PID, 0); e != 0 || a.PgrpID() != a.PID {
		t.Errorf("a child's own group: %v %d", e, a.PgrpID())
	}
	if e := p.Setpgid(b.PID, a.PID); e != 0 || b.PgrpID() != a.PID {
		t.Errorf("a child into its sibling's group: %v", e)
	}
	if e := p.Setpgid(b.PID, 1); e != abi.EPERM {
		t.Errorf("into another session's group: %v", e)
	}
	if e := p.Setpgid(b.PID, -1); e != abi.EINVAL {
		t.Errorf("negative group: %v", e)
	}
	if e := a.Setpgid(b.PID, 0); e != abi.ESRCH {
		t.Errorf("not a child: %v", e)
	}
	b.execed = true
	if e := p.Setpgid(b.PID, 0); e != abi.EACCES {
		t.Errorf("a child that called exec: %v", e)
	}
	if s.PgrpIsOrphaned(a.PID) {
		t.Error("a group with a parent in the session is no orphan")
	}
	if !s.PgrpIsOrphaned(p.PID) {
		t.Error("the session leader's group is an orphan")
	}
}

// TestKill checks whom kill finds and what is done about it.
func TestKill(t *testing.T) {
	s, p, _, _ := testSystem(t)
	q, qt := testProc(t, s, p)
	if e := p.Kill(q.PID, 0); e != 0 {
		t.Error(e)
	}
	if e := p.Kill(q.PID, 32); e != abi.EINVAL {
		t.Errorf("no such signal: %v", e)
	}
	if e := p.Kill(9999, abi.SIGTERM); e != abi.ESRCH {
		t.Errorf("no such process: %v", e)
	}
	if e := p.Kill(-9999, abi.SIGTERM); e != abi.ESRCH {
		t.Errorf("no such group: %v", e)
	}
	q.SetCred(&sys.Cred{UID: 501, RUID: 501, SVUID: 501})
	r, _ := testProc(t, s, p)
	r.SetCred(&sys.Cred{UID: 502, RUID: 502, SVUID: 502})
	if e := r.Kill(q.PID, abi.SIGTERM); e != abi.EPERM {
		t.Errorf("another user's process: %v", e)
	}
	if e := r.Kill(q.PID, abi.SIGCONT); e != 0 {
		t.Errorf("SIGCONT within the session: %v", e)
	}
	// Ignored signals leave no trace; blocked ones wait.
	p.Kill(q.PID, abi.SIGWINCH)
	if q.siglist != 0 || qt.Thread.AST() != 0 {
		t.Errorf("an ignored signal is pending: %#x", q.siglist)
	}
	qt.SetMask(abi.SIG_BLOCK, mask(abi.SIGTERM))
	p.Kill(q.PID, abi.SIGTERM)
	if qt.Pending() != mask(abi.SIGTERM) || qt.Thread.AST() != 0 {
		t.Errorf("blocked: pending %#x ast %#x", qt.Pending(), qt.Thread.AST())
	}
	if sig, e := qt.Sigwait(mask(abi.SIGTERM)); sig != abi.SIGTERM || e != 0 {
		t.Errorf("sigwait: %v %v", sig, e)
	}
	qt.SetMask(abi.SIG_UNBLOCK, mask(abi.SIGTERM))
	p.Kill(q.PID, abi.SIGTERM)
	if qt.Thread.AST()&astBSD == 0 {
		t.Error("a deliverable signal sets no AST")
	}
	if e := q.SetAction(abi.SIGKILL, Sigaction{Handler: abi.SIG_IGN}); e != abi.EINVAL {
		t.Errorf("SIGKILL ignored: %v", e)
	}
}

// TestStopWait stops and continues a child, as the parent sees it by wait.
func TestStopWait(t *testing.T) {
	s, p, pt, _ := testSystem(t)
	c, ct := testProc(t, s, p)
	c.Signal(abi.SIGSTOP)
	s.ast(ct.Thread)
	if c.State() != Stopped || c.Task.SuspendCount() != 1 {
		t.Fatalf("state %v suspended %d", c.State(), c.Task.SuspendCount())
	}
	r, e := pt.Wait(abi.P_ALL, 0, abi.WEXITED|abi.WNOHANG)
	if r.PID != 0 || e != 0 {
		t.Errorf("a stop that was not asked for: %+v %v", r, e)
	}
	r, e = pt.Wait(abi.P_PID, c.PID, abi.WEXITED|abi.WUNTRACED)
	if r.PID != c.PID || r.Status != 0x117f || e != 0 {
		t.Errorf("stopped: %+v %v", r, e)
	}
	c.Signal(abi.SIGCONT)
	r, e = pt.Wait(abi.P_ALL, 0, abi.WEXITED|abi.WCONTINUED)
	if r.PID != c.PID || r.Status != 0x137f || e != 0 || c.Task.SuspendCount() != 0 {
		t.Errorf("continued: %+v %v", r, e)
	}
	c.xstat = abi.WExit(3)
	ct.Thread.Discard()
	c.becomeZombie()
	r, e = pt.Wait(abi.P_ALL, 0, abi.WEXITED)
	if r.PID != c.PID || r.Status != 0x300 || e != 0 {
		t.Errorf("exited: %+v %v", r, e)
	}
	if _, e = pt.Wait(abi.P_ALL, 0, abi.WEXITED); e != abi.ECHILD {
		t.Errorf("no children: %v", e)
	}
	if s.FindAny(c.PID) != nil {
		t.Error("a reaped process is still in the table")
	}
}

// nullFile counts how often it is closed.
type nullFile struct {
	mu     sync.Mutex
	closed int
}

func (*nullFile) Type() sys.DType                              { return sys.DTypePipe }
func (*nullFile) Read(*sys.Context, *sys.Uio, int) abi.Errno   { return 0 }
func (*nullFile) Write(*sys.Context, *sys.Uio, int) abi.Errno  { return 0 }
func (*nullFile) Ioctl(*sys.Context, uint64, []byte) abi.Errno { return abi.ENOTTY }
func (*nullFile) Stat(*sys.Context, *abi.Stat) abi.Errno       { return 0 }
func (*nullFile) Filter(int16) sys.Filter                      { return nil }
func (n *nullFile) Close(*sys.Context) abi.Errno {
	n.mu.Lock()
	n.closed++
	n.mu.Unlock()
	return 0
}

func TestDescriptors(t *testing.T) {
	fd, ctx := NewFileDesc(), &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
	var files []*nullFile
	open := func(min int, limit uint64) (int32, abi.Errno) {
		n := new(nullFile)
		f := sys.NewOpenFile(n, abi.FREAD)
		got, e := fd.Alloc(f, min, 0, limit)
		if e == 0 {
			files = append(files, n)
		}
		return got, e
	}
	for want := int32(0); want < 200; want++ {
		if got, e := open(0, 200); got != want || e != 0 {
			t.Fatalf("descriptor %d %v, want %d", got, e, want)
		}
	}
	if _, e := open(0, 200); e != abi.EMFILE {
		t.Errorf("beyond the limit: %v", e)
	}
	fd.Close(ctx, 130)
	fd.Close(ctx, 7)
	if got, _ := open(0, 200); got != 7 {
		t.Errorf("lowest is %d, want 7", got)
	}
	if got, _ := open(10, 200); got != 130 {
		t.Errorf("lowest from 10 is %d, want 130", got)
	}
	if e := fd.Close(ctx, 500); e != abi.EBADF {
		t.Errorf("close of what is not open: %v", e)
	}
	if e := fd.Dup2(ctx, 3, 300, 0, 1000); e != 0 {
		t.Error(e)
	}
	if e := fd.Dup2(ctx, 3, 1000, 0, 1000); e != abi.EBADF {
		t.Errorf("dup2 beyond the limit: %v", e)
	}
	child := fd.Fork()
	fd.SetFlags(5, FDCloexec)
	fd.CloseExec(ctx, false, nil)
	if _, e := fd.Lookup(5); e != abi.EBADF {
		t.Errorf("close-on-exec stayed: %v", e)
	}
	if f, e := child.Lookup(5); e != 0 {
		t.Errorf("the child's went too: %v", e)
	} else {
		f.Unref(ctx)
	}
	fd.CloseAll(ctx)
	child.CloseAll(ctx)
	for i, n := range files {
		if n.closed != 1 {
			t.Errorf("file %d was closed %d times", i, n.closed)
		}
	}
}

// TestDescriptorRace closes and uses one table from many sides.
func TestDescriptorRace(t *testing.T) {
	fd := NewFileDesc()
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx := &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
			for i := range int32(500) {
				n := new(nullFile)
				got, e := fd.Alloc(sys.NewOpenFile(n, abi.FREAD), 0, 0, 64)
				if e != 0 {
					t.Error(e)
					return
				}
				if f, e := fd.Lookup(i % 8); e == 0 {
					f.Ops.Read(ctx, nil, 0)
					f.Unref(ctx)
				}
				fd.Close(ctx, got)
			}
		}()
	}
	wg.Wait()
	if l := fd.Open(); len(l) != 0 {
		t.Errorf("left open: %v", l)
	}
}

func TestUlock(t *testing.T) {
	s, p, ut, _ := testSystem(t)
	_ = s
	const word = testStack + 0x1000
	if n, e := ut.UlockWait(UL_COMPARE_AND_WAIT, word, 1, sched.Forever); n != 0 || e != 0 {
		t.Errorf("another value: %d %v", n, e)
	}
	if _, e := ut.UlockWait(UL_COMPARE_AND_WAIT, word+1, 0, sched.Forever); e != abi.EINVAL {
		t.Errorf("misaligned: %v", e)
	}
	if _, e := ut.UlockWait(UL_COMPARE_AND_WAIT, word, 0, sched.After(1)); e != abi.ETIMEDOUT {
		t.Errorf("timeout: %v", e)
	}
	if e := ut.UlockWake(UL_COMPARE_AND_WAIT, word, 0); e != abi.ENOENT {
		t.Errorf("nobody waits: %v", e)
	}
	th, _ := p.Task.NewThread()
	other := p.newUthread(th, 0)
	done := make(chan abi.Errno)
	go func() {
		_, e := other.UlockWait(UL_COMPARE_AND_WAIT, word, 0, sched.Forever)
		done <- e
	}()
	for ut.UlockWake(UL_COMPARE_AND_WAIT, word, 0) == abi.ENOENT {
	}
	if e := <-done; e != 0 {
		t.Errorf("woken: %v", e)
	}
}

// TestMaxima: what root sets by sysctl counts.
func TestMaxima(t *testing.T) {
	s, p, _, _ := testSystem(t)
	var procs, uid, files atomic.Int32
	s.Maxima = Maxima{Proc: &procs, ProcPerUID: &uid, FilesPerProc: &files}
	procs.Store(2000)
	uid.Store(40)
	files.Store(20)
	if n := p.NoFile(); n != 20 {
		t.Errorf("%d files, want 20", n)
	}
	for files.Store(MaxFilesPerProc); files.Load() <= 20000; files.Add(20000 - MaxFilesPerProc) {
		if e := p.Setrlimit(abi.RLIMIT_NOFILE, abi.Rlimit{Cur: OpenMax, Max: OpenMax}); e != 0 {
			t.Fatal(e)
		}
		want := uint64(OpenMax) // as it is from the start, it is no bound
		if files.Load() != MaxFilesPerProc {
			want = 20000
		}
		if n := p.NoFile(); n != want {
			t.Errorf("%d files with kern.maxfilesperproc %d, want %d", n, files.Load(), want)
		}
	}
	p.SetCred(&sys.Cred{UID: 501, RUID: 501})
	if e := p.Setrlimit(abi.RLIMIT_NPROC, abi.Rlimit{Cur: 100, Max: 100}); e != 0 || p.limit(abi.RLIMIT_NPROC).Cur != 40 {
		t.Errorf("%v, %v", e, p.limit(abi.RLIMIT_NPROC))
	}
	// It binds who sets a limit, not at fork; and root has the machine's limit alone.
	if e := p.Setrlimit(abi.RLIMIT_NPROC, abi.Rlimit{Cur: 30, Max: 40}); e != 0 {
		t.Fatal(e)
	}
	uid.Store(1)
	if _, e := p.newChild(); e != 0 {
		t.Errorf("below RLIMIT_NPROC, beyond kern.maxprocperuid: %v", e)
	}
	if e := p.Setrlimit(abi.RLIMIT_NPROC, abi.Rlimit{Cur: 30, Max: 40}); e != 0 {
		t.Fatal(e)
	}
	if _, e := p.newChild(); e != abi.EAGAIN {
		t.Errorf("beyond RLIMIT_NPROC, which kern.maxprocperuid has clipped: %v", e)
	}
	p.SetCred(&sys.Cred{})
	if e := p.Setrlimit(abi.RLIMIT_NPROC, abi.Rlimit{Cur: 1, Max: 40}); e != 0 {
		t.Fatal(e)
	}
	if _, e := p.newChild(); e != 0 {
		t.Errorf("root beyond its limit: %v", e)
	}
	procs.Store(int32(s.nproc) + 1)
	p.SetCred(&sys.Cred{UID: 502, RUID: 502})
	if _, e := p.newChild(); e != abi.EAGAIN {
		t.Errorf("the last of kern.maxproc, not by root: %v", e)
	}
	p.SetCred(&sys.Cred{})
	if _, e := p.newChild(); e != 0 {
		t.Errorf("the last of kern.maxproc, by root: %v", e)
	}
	if _, e := p.newChild(); e != abi.EAGAIN {
		t.Errorf("beyond kern.maxproc: %v", e)
	}
}

func TestLimits(t *testing.T) {
	_, p, _, _ := testSystem(t)
	p.SetCred(&sys.Cred{UID: 501, RUID: 501})
	if e := p.Setrlimit(abi.RLIMIT_STACK, abi.Rlimit{Cur: 2, Max: 1}); e != abi.EINVAL {
		t.Errorf("soft above hard: %v", e)
	}
	if e := p.Setrlimit(99, abi.Rlimit{}); e != abi.EINVAL {
		t.Errorf("no such limit: %v", e)
	}
	if e := p.Setrlimit(abi.RLIMIT_NPROC, abi.Rlimit{Cur: 1, Max: 1}); e != 0 {
		t.Fatal(e)
	}
	if e := p.Setrlimit(abi.RLIMIT_NPROC, abi.Rlimit{Cur: 1, Max: 2}); e != abi.EPERM {
		t.Errorf("a raised hard limit: %v", e)
	}
	if _, e := p.newChild(); e != abi.EAGAIN {
		t.Errorf("beyond RLIMIT_NPROC: %v", e)
	}
}
