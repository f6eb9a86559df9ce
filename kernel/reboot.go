package kernel

import (
	"slices"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
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

// shutdownLimit is how long the machine's end waits for what an extension has to do for it: for
// processes' mapped files to be written, and for the mounts to be in use no more.
const shutdownLimit = 30 * time.Second

// unmountAll writes out and unmounts the file systems that mount(2) mounted, the last first. The
// processes end, whose memory is gone already, and with them what they have open; what is in use
// after shutdownLimit is unmounted by force. The others are the host's, which goes on and writes out
// its own, or in memory.
func (s *System) unmountAll() {
	ctx := &sys.Context{Thread: sched.NewThread("unmount"), Cred: &sys.Cred{}}
	mounts := slices.DeleteFunc(s.Tree.Mounts(), func(m *vfs.Mount) bool { return !m.ByCall() })
	if len(mounts) == 0 {
		return
	}
	for _, p := range s.Procs.Procs() {
		if p.Task != nil {
			p.Signal(abi.SIGKILL)
		}
	}
	slices.Reverse(mounts)
	end := time.Now().Add(shutdownLimit)
	for _, m := range mounts {
		m.FS.Sync(ctx)
		e := s.Tree.Unmount(ctx, m.Root, false)
		for e == abi.EBUSY && time.Now().Before(end) {
			time.Sleep(time.Millisecond)
			e = s.Tree.Unmount(ctx, m.Root, false)
		}
		if e != 0 {
			s.Tree.Unmount(ctx, m.Root, true)
		}
	}
}
