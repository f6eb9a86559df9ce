package kernel

import (
	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/devfs"
	"puggle/bsd/sys"
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

// hostFiles wraps the process's standard files for a guest: a terminal becomes
// the machine's console, anything else is read and written where it stands.
func (s *System) hostFiles() (files [3]*sys.OpenFile, err error) {
	ctx := kernelCtx()
	for fd := range files {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		if err != nil {
			continue // closed
		}
		mode := abi.FREAD | abi.FWRITE
		switch flags & unix.O_ACCMODE {
		case unix.O_RDONLY:
			mode = abi.FREAD
		case unix.O_WRONLY:
			mode = abi.FWRITE
		}
		if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil && s.console == nil && fd == 0 {
			if c, err := tty.OpenConsole(jobs{s}, dev.Makedev(dev.MajorConsole, 0), 0, 1); err == nil {
				s.console = c
				s.ttys.Console = c.Tty
			}
		}
		if s.console != nil && isTerminal(fd) {
			f, e := s.console.Open(ctx, mode|abi.O_NOCTTY)
			if e == 0 {
				files[fd] = sys.NewOpenFile(f, mode)
				continue
			}
		}
		files[fd] = sys.NewOpenFile(tty.NewHostFile(fd, false), mode)
	}
	return files, nil
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
