//go:build darwin

package main

import (
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
)

// traps are the actions for signals; EXIT and ERR are the interpreter's.
type traps struct {
	mu     sync.Mutex
	action map[syscall.Signal]string
	came   chan os.Signal
}

// set is the trap builtin for signals. It gives the rest for the interpreter, nil if
// there is none.
func (t *traps) set(args []string) []string {
	a := args[1:]
	if len(a) > 0 && a[0] == "--" {
		a = a[1:]
	}
	if len(a) == 0 || strings.HasPrefix(a[0], "-") && a[0] != "-" {
		return args
	}
	action, names, reset := a[0], a[1:], a[0] == "-"
	if len(names) == 0 {
		action, names, reset = "", a, true
	}
	var rest []string
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range names {
		sig, ok := signalByName(n)
		if !ok || sig == 0 || sig == syscall.SIGKILL || sig == syscall.SIGSTOP || sig == syscall.SIGURG {
			if sig == 0 && ok {
				n = "EXIT"
			}
			rest = append(rest, n)
			continue
		}
		if ignored(sig) {
			continue // POSIX: what was ignored at the start stays so
		}
		delete(t.action, sig)
		switch {
		case reset:
			signal.Reset(sig)
			setDefault(sig)
		case action == "":
			ignoreSignal(sig)
		default:
			if t.came == nil {
				t.came = make(chan os.Signal, 32)
				t.action = map[syscall.Signal]string{}
			}
			t.action[sig] = action
			signal.Notify(t.came, sig)
		}
	}
	switch {
	case rest == nil:
		return nil
	case reset:
		return append([]string{"trap", "-"}, rest...)
	}
	return append([]string{"trap", action}, rest...)
}

// pending takes the actions of the signals that came.
func (t *traps) pending() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := ""
	for t.came != nil {
		select {
		case sig := <-t.came:
			if s, _ := sig.(syscall.Signal); t.action[s] != "" {
				all += t.action[s] + "\n"
			}
		default:
			return all
		}
	}
	return all
}
