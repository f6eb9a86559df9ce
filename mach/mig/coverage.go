package mig

import (
	"puggle/mach/host"
	"puggle/mach/task"
)

// Coverage is every routine of the kernel's interfaces, in order of ids, and whether
// it is served: for tools that have no machine. More are the subsystems of rooms above.
func Coverage(more ...Subsystem) []Routine {
	return NewKernel(&task.System{}, host.Config{Processors: 1}, more...).Table().Routines()
}
