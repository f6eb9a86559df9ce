package control

import (
	"encoding/json"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"puggle/kernel"
)

// ExecArgs are the arguments of "exec". The descriptors that come with the request
// are the program's, in the order of Fds.
type ExecArgs struct {
	Args []string `json:"argv"`
	Env  []string `json:"env"`
	Dir  string   `json:"dir"`
	// Fds says which of 0, 1 and 2 the descriptors are.
	Fds []int `json:"fds"`
	// Terminal says that a terminal among them is the caller's to lend.
	Terminal bool `json:"terminal,omitempty"`
	// Login asks for a bootstrap context of the program's own.
	Login bool `json:"login,omitempty"`
}

// ExecStarted is the event when the program runs.
type ExecStarted struct {
	PID int32 `json:"pid"`
}

// ExecSignal is what the caller may say meanwhile: a signal of the host's, by
// the host's number.
type ExecSignal struct {
	Signal int `json:"signal"`
}

// ExecResult is the program's end: the exit status as a shell would give it.
type ExecResult struct {
	Status int `json:"status"`
}

func execProgram(r *request) (any, error) {
	var a ExecArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	if len(a.Args) == 0 || a.Args[0] == "" {
		return nil, &RemoteError{"no program was named", 125}
	}
	if len(a.Fds) > 3 || len(a.Fds) != len(r.conn.files) {
		return nil, &RemoteError{"descriptors are missing", 125}
	}
	h := kernel.HostFiles{Fd: [3]int{-1, -1, -1}, Owned: true, NoTerminal: !a.Terminal}
	for i, n := range a.Fds {
		if n < 0 || n > 2 || h.Fd[n] >= 0 {
			return nil, &RemoteError{"bad list of descriptors", 125}
		}
		// The session owns a descriptor of its own; the one that came goes
		// with the connection.
		fd, err := unix.FcntlInt(r.conn.files[i].Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			for _, fd := range h.Fd {
				unix.Close(fd)
			}
			return nil, fmt.Errorf("out of descriptors: %v", err)
		}
		h.Fd[n] = fd
	}
	// Nobody may wait for the end of a pipe because of ours.
	for _, f := range r.conn.files {
		f.Close()
	}
	if !r.Sys.WaitRunning(r.stop) {
		return nil, &RemoteError{"a debugger stops the machine", 125}
	}
	se, err := r.Sys.OpenSession(h)
	if err != nil {
		return nil, err
	}
	defer se.Close()
	se.Login = a.Login
	if err := se.Start(a.Args, a.Env, a.Dir); err != nil {
		return nil, err
	}
	if err := r.event(ExecStarted{se.Proc.PID}); err != nil {
		se.Hangup()
	}
	ended := make(chan struct{})
	go func() {
		for {
			l, err := r.conn.line()
			if err != nil {
				select {
				case <-ended:
				default:
					se.Hangup()
				}
				return
			}
			var s ExecSignal
			if json.Unmarshal(l, &s) == nil && s.Signal > 0 {
				se.HostSignal(syscall.Signal(s.Signal))
			}
		}
	}()
	status := se.Wait()
	close(ended)
	se.Close() // the terminal is as it was before the caller hears of the end
	return ExecResult{status}, nil
}
