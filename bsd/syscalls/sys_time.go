package syscalls

import (
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

func realtimeNs() int64 { return time.Now().UnixNano() }

// timespec reads a struct timespec as nanoseconds: EINVAL unless canonical.
func timespec(b []byte) (int64, abi.Errno) {
	sec, nsec := int64(le.Uint64(b[0:])), int64(le.Uint64(b[8:]))
	if sec < 0 || nsec < 0 || nsec >= 1e9 {
		return 0, abi.EINVAL
	}
	if sec >= 1<<32 {
		return 1 << 62, 0
	}
	return sec*1e9 + nsec, 0
}

// sysGettimeofday also gives the mach_absolute_time of the same moment.
func sysGettimeofday(c *Call) abi.Errno {
	now, abs := time.Now(), sched.Now()
	if c.Addr(0) != 0 {
		var b [16]byte
		le.PutUint64(b[0:], uint64(now.Unix()))
		le.PutUint64(b[8:], uint64(now.Nanosecond()/1000))
		if e := c.CopyOut(c.Addr(0), b[:]); e != 0 {
			return e
		}
	}
	if c.Addr(1) != 0 {
		_, off := now.Zone()
		var b [8]byte
		le.PutUint32(b[0:], uint32(-off/60))
		if e := c.CopyOut(c.Addr(1), b[:]); e != 0 {
			return e
		}
	}
	return c.PutU64(c.Addr(2), uint64(abs))
}

func putItimer(b []byte, interval, left time.Duration) {
	abi.PutTimeval(b[0:], interval)
	abi.PutTimeval(b[16:], left)
}

func sysGetitimer(c *Call) abi.Errno {
	i, l, e := c.P.Getitimer(c.Uint(0))
	if e != 0 {
		return e
	}
	var b [32]byte
	putItimer(b[:], i, l)
	return c.CopyOut(c.Addr(1), b[:])
}

func sysSetitimer(c *Call) abi.Errno {
	if c.Uint(0) > abi.ITIMER_PROF {
		return abi.EINVAL
	}
	if c.Addr(1) == 0 {
		if c.Addr(2) == 0 {
			return 0
		}
		c.Arg[1] = c.Arg[2]
		return sysGetitimer(c)
	}
	var b [32]byte
	if e := c.CopyIn(b[:], c.Addr(1)); e != 0 {
		return e
	}
	interval, ok1 := abi.GetTimeval(b[0:])
	value, ok2 := abi.GetTimeval(b[16:])
	if !ok1 || !ok2 {
		return abi.EINVAL
	}
	i, l, e := c.P.Setitimer(c.Uint(0), interval, value)
	if e != 0 || c.Addr(2) == 0 {
		return e
	}
	putItimer(b[:], i, l)
	return c.CopyOut(c.Addr(2), b[:])
}
