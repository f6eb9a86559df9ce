package kernel

import (
	"os"
	"os/signal"
	"syscall"

	"puggle/abi"
	"puggle/bsd/kern"
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

// relaySignals passes signals that we get on to p until stop is called.
func (s *System) relaySignals(p *kern.Proc) (stop func()) {
	ch := make(chan os.Signal, 16)
	var all []os.Signal
	for _, h := range hostSignals {
		all = append(all, h.host)
	}
	signal.Notify(ch, all...)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case sig := <-ch:
				for _, h := range hostSignals {
					if h.host != sig {
						continue
					}
					if h.group {
						s.Procs.SignalPgrp(p.PID, h.guest)
					} else {
						p.Signal(h.guest)
					}
				}
			}
		}
	}()
	return func() {
		signal.Stop(ch)
		close(done)
	}
}
