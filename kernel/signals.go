package kernel

import (
	"os"
	"os/signal"
	"syscall"

	"puggle/abi"
)

// hostSignals are the host's signals that are passed on to a guest, and what
// they are called there. Those that a terminal sends go to the whole process
// group, as a terminal would send them.
var hostSignals = []struct {
	host  syscall.Signal
	guest abi.Signal
	group bool
}{
	{syscall.SIGINT, abi.SIGINT, true},
	{syscall.SIGQUIT, abi.SIGQUIT, true},
	{syscall.SIGTERM, abi.SIGTERM, false},
	{syscall.SIGHUP, abi.SIGHUP, true},
	{syscall.SIGUSR1, abi.SIGUSR1, false},
	{syscall.SIGUSR2, abi.SIGUSR2, false},
	{syscall.SIGWINCH, abi.SIGWINCH, true},
	{syscall.SIGCONT, abi.SIGCONT, true},
}

// HostSignal passes a signal that the host sent on to the session's first
// process, or to its group; signals that mean nothing to guests are dropped.
func (se *Session) HostSignal(sig syscall.Signal) {
	if sig == syscall.SIGWINCH && se.console != nil {
		se.console.Resize() // it tells the foreground group
		return
	}
	for _, h := range hostSignals {
		if h.host != sig {
			continue
		}
		if h.group {
			se.sys.Procs.SignalPgrp(se.Proc.PID, h.guest)
		} else {
			se.Proc.Signal(h.guest)
		}
	}
}

// HostSignals are the host's signals that HostSignal knows.
func HostSignals() (l []os.Signal) {
	for _, h := range hostSignals {
		l = append(l, h.host)
	}
	return l
}

// relaySignals passes signals that we get on until stop is called.
func (se *Session) relaySignals() (stop func()) {
	ch := make(chan os.Signal, 16)
	signal.Notify(ch, HostSignals()...)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case sig := <-ch:
				se.HostSignal(sig.(syscall.Signal))
			}
		}
	}()
	return func() {
		signal.Stop(ch)
		close(done)
	}
}
