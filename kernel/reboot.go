package kernel

import (
	"slices"

	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// rbHalt is RB_HALT (<sys/reboot.h>): the machine is not to start again.
const rbHalt = 0x8

// reboot is what reboot(2) calls; nil if processes may not.
func (s *System) reboot() func(howto int) {
	if s.cfg.Reboot == nil {
		return nil
	}
	return func(howto int) {
		s.restart.Store(howto&rbHalt == 0)
		s.cfg.Reboot()
	}
}

// Restarts says, after Close, whether the machine is to start again: whoever booted it does that.
func (s *System) Restarts() bool { return s.restart.Load() }

// unmountAll writes out and unmounts the file systems that mount(2) mounted, the last first; by
// force, if they are in use. The others are the host's, which goes on and writes out its own, or in
// memory.
func (s *System) unmountAll() {
	ctx := &sys.Context{Thread: sched.NewThread("unmount"), Cred: &sys.Cred{}}
	mounts := s.Tree.Mounts()
	slices.Reverse(mounts)
	for _, m := range mounts {
		if !m.ByCall() {
			continue
		}
		m.FS.Sync(ctx)
		if e := s.Tree.Unmount(ctx, m.Root, false); e != 0 {
			s.Tree.Unmount(ctx, m.Root, true)
		}
	}
}
