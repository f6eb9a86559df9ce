package kernel

import (
	"puggle/bsd/fs/devfs"
	"puggle/bsd/tty"
)

// installTerminals puts the ttys behind /dev.
func (s *System) installTerminals() {
	s.ttys = tty.Install(jobs{s}, func(name string, rdev int32, uid, gid uint32, mode uint16) {
		if mode == 0 {
			s.root.devs.Remove(name)
			return
		}
		s.root.devs.Remove(name)
		s.root.devs.Make(devfs.Node{Name: name, Mode: mode, Dev: rdev})
	})
}
