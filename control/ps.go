package control

import (
	"fmt"
	"sort"
	"time"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/tty"
)

// Proc is one process of "ps".
type Proc struct {
	PID     int32         `json:"pid"`
	PPID    int32         `json:"ppid"`
	PGID    int32         `json:"pgid"`
	SID     int32         `json:"sid"`
	UID     uint32        `json:"uid"`
	State   string        `json:"state"` // as ps: I, R, S, T, Z, and s for a session's leader
	TTY     string        `json:"tty"`
	CPU     time.Duration `json:"cpu"`
	VSZ     uint64        `json:"virtual"`  // bytes
	RSS     uint64        `json:"resident"` // bytes
	Threads int           `json:"threads"`
	Calls   uint64        `json:"calls"`
	Faults  uint64        `json:"faults"`
	Start   time.Time     `json:"start"`
	HostPID int           `json:"host_pid"`
	Comm    string        `json:"comm"`
	Args    []string      `json:"argv"`
}

var stateLetters = map[kern.State]string{kern.Idle: "I", kern.Running: "R", kern.Stopped: "T", kern.Zombie: "Z"}

func ps(r *request) (any, error) {
	l := []Proc{}
	for _, p := range r.Sys.Procs.Procs() {
		l = append(l, describe(p))
	}
	sort.Slice(l, func(i, j int) bool { return l[i].PID < l[j].PID })
	return l, nil
}

func describe(p *kern.Proc) Proc {
	d := Proc{PID: p.PID, PPID: p.PPID(), PGID: p.PgrpID(), SID: p.SessionID(), UID: p.Cred().UID,
		Start: p.Start, Comm: p.Comm(), CPU: p.CPUTime()}
	st := p.State()
	d.State = stateLetters[st]
	if p.Task != nil && st == kern.Running {
		asleep := true
		ths := p.Task.Threads()
		for _, th := range ths {
			d.Calls += th.Calls.Load()
			d.Faults += th.Faults.Load()
			asleep = asleep && th.IsWaiting()
		}
		if asleep {
			d.State = "S"
		}
		d.Threads = len(ths)
		d.HostPID = p.Task.Space().HostPID()
	}
	if p.IsSessionLeader() {
		d.State += "s"
	}
	if im := p.Image(); im != nil {
		d.Args = im.Args
	}
	if m := p.Map(); m != nil && st != kern.Zombie {
		d.VSZ, d.RSS = m.VirtualSize(), m.ResidentSize()
	}
	if t, _ := p.TTY().(*tty.Tty); t != nil {
		d.TTY = t.Name()
	}
	return d
}

// KillArgs are the arguments of "kill": a guest's signal number.
type KillArgs struct {
	PID    int32 `json:"pid"`
	Signal int32 `json:"signal"`
}

func kill(r *request) (any, error) {
	var a KillArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	p, err := r.process(a.PID)
	if err != nil {
		return nil, err
	}
	if a.Signal < 0 || a.Signal >= abi.NSIG {
		return nil, fmt.Errorf("%d: no such signal", a.Signal)
	}
	if p.PID == 1 {
		return nil, fmt.Errorf("process 1 is the kernel itself: puggle shutdown ends the machine")
	}
	if a.Signal != 0 {
		p.Signal(abi.Signal(a.Signal))
	}
	return struct{}{}, nil
}

// process finds a process that has a task.
func (r *request) process(pid int32) (*kern.Proc, error) {
	p := r.Sys.Procs.Find(pid)
	if p == nil {
		return nil, fmt.Errorf("%d: no such process (puggle ps lists them)", pid)
	}
	return p, nil
}

// watch gives a channel that is closed when p has ended, or the request has.
func (r *request) watch(p *kern.Proc) <-chan struct{} {
	ch := make(chan struct{})
	go func() {
		defer close(ch)
		for !p.Exiting() && p.State() != kern.Zombie {
			select {
			case <-r.ended:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return ch
}
