package tty

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// proc is a process for tests; ctx.Proc.
type proc struct {
	place   Place
	refuses map[abi.Signal]bool
}

// jobs is a world of processes.
type jobs struct {
	mu       sync.Mutex
	groups   map[int32]int32 // session of a group
	orphaned map[int32]bool
	ttys     map[int32]*Tty
	sent     []string
}

func newJobs() *jobs {
	return &jobs{groups: map[int32]int32{10: 10, 11: 10, 12: 10, 20: 20}, orphaned: map[int32]bool{12: true}, ttys: map[int32]*Tty{}}
}

func (j *jobs) Caller(ctx *sys.Context) Place { return ctx.Proc.(*proc).place }
func (j *jobs) Refuses(ctx *sys.Context, sig abi.Signal) bool {
	return ctx.Proc.(*proc).refuses[sig]
}
func (j *jobs) PgrpInSession(pgid int32) int32 { return j.groups[pgid] }
func (j *jobs) PgrpIsOrphaned(pgid int32) bool { return j.orphaned[pgid] }
func (j *jobs) note(format string, args ...any) {
	j.mu.Lock()
	j.sent = append(j.sent, fmt.Sprintf(format, args...))
	j.mu.Unlock()
}
func (j *jobs) SignalPgrp(pgid int32, sig abi.Signal)  { j.note("%v to group %d", sig, pgid) }
func (j *jobs) SignalLeader(sid int32, sig abi.Signal) { j.note("%v to leader %d", sig, sid) }
func (j *jobs) TTY(ctx *sys.Context) *Tty {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ttys[j.Caller(ctx).SID]
}
func (j *jobs) SetTTY(ctx *sys.Context, t *Tty) abi.Errno {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ttys[j.Caller(ctx).SID] = t
	return 0
}

// signals gives what was sent since the last call.
func (j *jobs) signals() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := fmt.Sprint(j.sent)
	j.sent = nil
	return s
}

func member(pgid, sid int32) *sys.Context {
	return &sys.Context{Thread: sched.NewThread("p"), Cred: &sys.Cred{UID: 501, RUID: 501}, PID: pgid,
		Proc: &proc{place: Place{PGID: pgid, SID: sid, Leader: pgid == sid}, refuses: map[abi.Signal]bool{}}}
}

// pair is an open pty whose terminal is session 10's.
type pair struct {
	*testing.T
	j      *jobs
	ctx    *sys.Context // the leader, in the foreground
	outer  *sys.Context // who has the master
	master *Master
	file   *File
}

func newPair(t *testing.T) *pair {
	p := &pair{T: t, j: newJobs(), ctx: member(10, 10), outer: member(20, 20)}
	ptys := NewPtys(p.j, 15, 16)
	m, err := ptys.OpenMaster(p.outer)
	if err != 0 {
		t.Fatal(err)
	}
	p.master = m
	if _, err := ptys.Open(p.ctx, m.Number(), abi.FREAD|abi.FWRITE); err != abi.EAGAIN {
		t.Fatal("opened before unlockpt:", err)
	}
	for _, cmd := range []uint64{abi.TIOCPTYGRANT, abi.TIOCPTYUNLK} {
		if err := m.Ioctl(p.outer, cmd, nil); err != 0 {
			t.Fatal(err)
		}
	}
	if p.file, err = ptys.Open(p.ctx, m.Number(), abi.FREAD|abi.FWRITE); err != 0 {
		t.Fatal(err)
	}
	return p
}

func (p *pair) typed(s string) {
	p.Helper()
	u := sys.NewUio([]byte(s))
	if err := p.master.Write(p.outer, u, abi.O_NONBLOCK); err != 0 || u.Resid != 0 {
		p.Fatalf("typing %q: %v, %d left", s, err, u.Resid)
	}
}

func (p *pair) put(s string) {
	p.Helper()
	u := sys.NewUio([]byte(s))
	if err := p.file.Write(p.ctx, u, abi.O_NONBLOCK); err != 0 || u.Resid != 0 {
		p.Fatalf("writing %q: %v, %d left", s, err, u.Resid)
	}
}

func read(ops sys.FileOps, ctx *sys.Context, n, flags int) (string, abi.Errno) {
	b := make([]byte, n)
	u := sys.NewUio(b)
	err := ops.Read(ctx, u, flags)
	return string(b[:n-int(u.Resid)]), err
}

// reads expects input for the program, "" for EAGAIN.
func (p *pair) reads(want string) {
	p.Helper()
	got, err := read(p.file, p.ctx, 100, abi.O_NONBLOCK)
	if got != want || (want == "") != (err == abi.EAGAIN) {
		p.Fatalf("the program reads %q, %v; want %q", got, err, want)
	}
}

// shows expects what the screen gets.
func (p *pair) shows(want string) {
	p.Helper()
	got, err := read(p.master, p.outer, 1000, abi.O_NONBLOCK)
	if got != want || (want == "") != (err == abi.EAGAIN) {
		p.Fatalf("the screen gets %q, %v; want %q", got, err, want)
	}
}

// stty changes the modes.
func (p *pair) stty(change func(tio *abi.Termios)) {
	p.Helper()
	var b [abi.TermiosSize]byte
	if err := p.file.Ioctl(p.ctx, abi.TIOCGETA, b[:]); err != 0 {
		p.Fatal(err)
	}
	var tio abi.Termios
	tio.Unmarshal(b[:])
	change(&tio)
	tio.Marshal(b[:])
	if err := p.file.Ioctl(p.ctx, abi.TIOCSETA, b[:]); err != 0 {
		p.Fatal(err)
	}
}

func raw(vmin, vtime uint8) func(tio *abi.Termios) {
	return func(tio *abi.Termios) {
		tio.Lflag &^= abi.ICANON | abi.ECHO | abi.ISIG | abi.IEXTEN
		tio.Iflag = 0
		tio.Cc[abi.VMIN], tio.Cc[abi.VTIME] = vmin, vtime
	}
}

func waitFor(cond func() bool) {
	for !cond() {
		time.Sleep(50 * time.Microsecond)
	}
}
