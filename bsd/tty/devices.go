package tty

import (
	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
)

// Devices is what of the terminals is in the device switch.
type Devices struct {
	Ptys *Ptys
	// Console is /dev/console; nil (ENXIO) on a machine without one.
	Console *Tty
}

// Install puts ptmx, the ptys' terminals, /dev/tty and the console into the
// character device switch, in place of what was there, and returns them. changed
// is Ptys.Changed: who keeps /dev makes, changes and removes the nodes.
func Install(jobs Jobs, changed func(name string, dev int32, uid, gid uint32, mode uint16)) *Devices {
	d := &Devices{Ptys: NewPtys(jobs, dev.MajorPTMX, dev.MajorTTYS)}
	d.Ptys.Changed = changed
	install(dev.MajorPTMX, func(ctx *sys.Context, _ int32, _ int) (sys.FileOps, abi.Errno) {
		return ops(d.Ptys.OpenMaster(ctx))
	})
	install(dev.MajorTTYS, func(ctx *sys.Context, number int32, flags int) (sys.FileOps, abi.Errno) {
		return ops(d.Ptys.Open(ctx, dev.Minor(number), flags))
	})
	install(dev.MajorTTY, func(ctx *sys.Context, _ int32, flags int) (sys.FileOps, abi.Errno) {
		return ops(OpenControlling(ctx, jobs, flags))
	})
	install(dev.MajorConsole, func(ctx *sys.Context, _ int32, flags int) (sys.FileOps, abi.Errno) {
		if d.Console == nil {
			return nil, abi.ENXIO
		}
		return ops(d.Console.Open(ctx, flags))
	})
	return d
}

func install(major int, open func(*sys.Context, int32, int) (sys.FileOps, abi.Errno)) {
	dev.CdevswSwap(major, &dev.Cdevsw{Clone: open, Type: dev.D_TTY})
}

// ops keeps a failed open from becoming an interface with a nil in it.
func ops[T sys.FileOps](f T, err abi.Errno) (sys.FileOps, abi.Errno) {
	if err != 0 {
		return nil, err
	}
	return f, 0
}
