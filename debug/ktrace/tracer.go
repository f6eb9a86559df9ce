package ktrace

import (
	"sync"
	"time"

	"puggle/abi"
	"puggle/bsd/syscalls"
)

// Config says what is traced and how it is shown.
type Config struct {
	// Sink takes the lines, without a newline. It is called from many threads.
	Sink func(Line)
	// PIDs are the processes; empty means the first one that makes a call.
	PIDs []int32
	// Follow includes the children of those, and theirs.
	Follow bool
	// All is every process.
	All bool
	// Names are the calls to show, or, with Except, not to show; nil is all.
	Names  map[string]bool
	Except bool
	// Strings is the most bytes of a string or buffer that are shown; 0 is 64.
	Strings int
	// Quiet counts only: Sink is not called.
	Quiet bool
}

// Line is one call.
type Line struct {
	Time     time.Time     `json:"time"` // when it was made
	PID      int32         `json:"pid"`
	TID      uint64        `json:"tid"`
	Comm     string        `json:"comm"`
	Call     string        `json:"call"`
	Args     []string      `json:"args"`
	Result   string        `json:"result"`
	Errno    string        `json:"errno,omitempty"`
	Duration time.Duration `json:"duration"` // nanoseconds
}

// Count is what -c shows of one call.
type Count struct {
	Call   string        `json:"call"`
	Calls  uint64        `json:"calls"`
	Errors uint64        `json:"errors"`
	Time   time.Duration `json:"time"` // nanoseconds, waits included
}

// Tracer is a syscalls.Tracer that shows calls.
type Tracer struct {
	cfg Config

	mu      sync.Mutex
	flying  map[*syscalls.Call]*flight
	procs   map[uint64]bool // by UniqueID: whether it is traced
	first   bool            // the first process has been seen
	counts  map[string]*Count
	stopped bool
}

// flight is a call in progress.
type flight struct {
	line  Line
	args  []syscalls.Argument
	start time.Time
}

// New makes a tracer; Kernel.SetTracer or a Mux puts it to work.
func New(cfg Config) *Tracer {
	if cfg.Strings <= 0 {
		cfg.Strings = 64
	}
	return &Tracer{cfg: cfg, flying: map[*syscalls.Call]*flight{}, procs: map[uint64]bool{}, counts: map[string]*Count{}}
}

// Enter notes a call that is about to be made.
func (t *Tracer) Enter(c *syscalls.Call) {
	row := c.Row()
	if t.cfg.Names != nil && t.cfg.Names[row.Name] == t.cfg.Except {
		return
	}
	t.mu.Lock()
	want := !t.stopped && t.wants(c)
	t.mu.Unlock()
	if !want {
		return
	}
	f := &flight{start: time.Now()}
	if !t.cfg.Quiet {
		f.args = c.Arguments()
		f.line = Line{Time: f.start, PID: c.P.PID, TID: c.Th.ID, Comm: c.P.Comm(), Call: row.Name}
		v := &viewer{c: c, max: t.cfg.Strings}
		f.line.Args = v.before(f.args)
		f.start = time.Now() // reading the arguments is not the call's
	} else {
		f.line.Call = row.Name
	}
	t.mu.Lock()
	t.flying[c] = f
	t.mu.Unlock()
}

// wants says whether c's process is traced. mu is held.
func (t *Tracer) wants(c *syscalls.Call) bool {
	if t.cfg.All {
		return true
	}
	id := c.P.UniqueID
	if known, ok := t.procs[id]; ok {
		return known
	}
	w := false
	for _, pid := range t.cfg.PIDs {
		w = w || pid == c.P.PID
	}
	if len(t.cfg.PIDs) == 0 && !t.first {
		w = true
	}
	t.first = true
	if !w && t.cfg.Follow {
		if q := c.P.Parent(); q != nil {
			w = t.procs[q.UniqueID]
		}
	}
	if len(t.procs) > 1<<16 {
		clear(t.procs) // many processes have come and gone
	}
	t.procs[id] = w
	return w
}

// Leave shows the call, or counts it.
func (t *Tracer) Leave(c *syscalls.Call, e abi.Errno) {
	end := time.Now()
	t.mu.Lock()
	f := t.flying[c]
	delete(t.flying, c)
	if f == nil {
		t.mu.Unlock()
		return
	}
	d := end.Sub(f.start)
	n := t.counts[f.line.Call]
	if n == nil {
		n = &Count{Call: f.line.Call}
		t.counts[f.line.Call] = n
	}
	n.Calls++
	n.Time += d
	if failed(c, e) {
		n.Errors++
	}
	t.mu.Unlock()
	if t.cfg.Quiet {
		return
	}
	f.line.Duration = d
	v := &viewer{c: c, max: t.cfg.Strings, done: true, failed: failed(c, e)}
	v.after(f.args, f.line.Args)
	f.line.Result, f.line.Errno = v.result(e)
	t.cfg.Sink(f.line)
}

// Stop ends the tracing: calls in progress are shown as unfinished.
func (t *Tracer) Stop() {
	t.mu.Lock()
	t.stopped = true
	var left []Line
	for _, f := range t.flying {
		f.line.Result = "?"
		f.line.Errno = "unfinished"
		f.line.Duration = time.Since(f.start)
		left = append(left, f.line)
	}
	clear(t.flying)
	t.mu.Unlock()
	if !t.cfg.Quiet {
		for _, l := range left {
			t.cfg.Sink(l)
		}
	}
}

// Counts gives what was counted, in no order.
func (t *Tracer) Counts() []Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	var l []Count
	for _, n := range t.counts {
		l = append(l, *n)
	}
	return l
}
