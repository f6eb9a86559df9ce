package sched

import "golang.org/x/sys/unix"

func hostMonotonic() Deadline {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return Deadline(ts.Nano())
}
