package kernel

import (
	"puggle/debug"
	"puggle/kext"
	"puggle/mach/task"
	"puggle/machine"
)

// halted is the processes that a debugger of the kernel has stopped.
type halted map[*task.Task]bool

// haltTasks stops all processes, or lets those go on that it has stopped. It does not wait
// for them to stop: that is when they next leave the kernel, or at once. Callers are
// serialised.
func (s *System) haltTasks(stop bool) {
	if !stop {
		for t := range s.halted {
			t.Resume()
		}
		s.halted = nil
		return
	}
	if s.halted == nil {
		s.halted = halted{}
	}
	// A process may be forked until its parent has stopped.
	for more := true; more; {
		more = false
		for _, p := range s.Procs.Procs() {
			if t := p.Task; t != nil && !s.halted[t] {
				s.halted[t], more = true, true
				t.Suspend()
			}
		}
	}
}

// loadedExtensions lists them for a debugger.
func loadedExtensions(m *kext.Manager) []debug.Extension {
	var l []debug.Extension
	for _, x := range m.Status() {
		e := debug.Extension{ID: x.Bundle.ID, Version: x.Bundle.Version.String(), Index: x.Index, Refs: x.Refs}
		if x.Image != nil {
			e.Base, e.Size = machine.Addr(x.Image.Base), x.Image.Size
		}
		l = append(l, e)
	}
	return l
}

// Debugger is the machine's, for a debugger to attach to. Its error is that of
// Extensions.
func (s *System) Debugger() (debug.Target, error) {
	x, err := s.Extensions()
	if err != nil {
		return nil, err
	}
	return x.Task.Debugger(), nil
}

// WaitRunning waits until no debugger stops the machine; false if cancel was closed before.
func (s *System) WaitRunning(cancel <-chan struct{}) bool {
	if !s.cfg.Debuggable {
		return true
	}
	x, err := s.Extensions()
	return err != nil || x.Task.Debugger().Running(cancel)
}

// startDebugger halts the machine at boot, if the debug flags say so.
func (s *System) startDebugger() error {
	if !s.cfg.Debuggable {
		return nil
	}
	d, err := s.Debugger()
	if err == nil && d.Flags()&debug.DB_HALT != 0 {
		d.Halt("halted at boot (DB_HALT)")
	}
	return err
}
