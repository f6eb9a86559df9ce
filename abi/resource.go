package abi

import (
	"encoding/binary"
	"time"
)

// Resource limits (<sys/resource.h>).
const (
	RLIMIT_CPU     = 0
	RLIMIT_FSIZE   = 1
	RLIMIT_DATA    = 2
	RLIMIT_STACK   = 3
	RLIMIT_CORE    = 4
	RLIMIT_AS      = 5
	RLIMIT_RSS     = 5
	RLIMIT_MEMLOCK = 6
	RLIMIT_NPROC   = 7
	RLIMIT_NOFILE  = 8
	RLIM_NLIMITS   = 9

	// RLIMIT_POSIX_FLAG is set in the number by POSIX-conforming callers.
	RLIMIT_POSIX_FLAG = 0x1000

	RLIM_INFINITY uint64 = 1<<63 - 1
)

// Who, of getrusage; which, of getpriority and of setitimer.
const (
	RUSAGE_SELF     = 0
	RUSAGE_CHILDREN = -1

	PRIO_PROCESS = 0
	PRIO_PGRP    = 1
	PRIO_USER    = 2

	ITIMER_REAL    = 0
	ITIMER_VIRTUAL = 1
	ITIMER_PROF    = 2
)

// Rlimit is struct rlimit.
type Rlimit struct{ Cur, Max uint64 }

// Rusage is struct rusage; Maxrss is in bytes, as Darwin has it.
type Rusage struct {
	Utime, Stime     time.Duration
	Maxrss           int64
	Minflt, Majflt   int64
	Inblock, Oublock int64
	Msgsnd, Msgrcv   int64
	Nsignals         int64
	Nvcsw, Nivcsw    int64
}

// RusageSize is the size of struct rusage.
const RusageSize = 144

// Add adds o, as a parent does with a child it has waited for.
func (r *Rusage) Add(o *Rusage) {
	r.Utime += o.Utime
	r.Stime += o.Stime
	r.Maxrss = max(r.Maxrss, o.Maxrss)
	r.Minflt += o.Minflt
	r.Majflt += o.Majflt
	r.Inblock += o.Inblock
	r.Oublock += o.Oublock
	r.Msgsnd += o.Msgsnd
	r.Msgrcv += o.Msgrcv
	r.Nsignals += o.Nsignals
	r.Nvcsw += o.Nvcsw
	r.Nivcsw += o.Nivcsw
}

// Marshal writes the guest's layout: two struct timeval, then fourteen longs.
func (r *Rusage) Marshal(b *[RusageSize]byte) {
	clear(b[:])
	PutTimeval(b[0:], r.Utime)
	PutTimeval(b[16:], r.Stime)
	for i, v := range [...]int64{r.Maxrss, 0, 0, 0, r.Minflt, r.Majflt, 0, r.Inblock,
		r.Oublock, r.Msgsnd, r.Msgrcv, r.Nsignals, r.Nvcsw, r.Nivcsw} {
		binary.LittleEndian.PutUint64(b[32+8*i:], uint64(v))
	}
}

// TimevalSize is the size of a 64-bit struct timeval: seconds, then
// microseconds in 32 bits and padding.
const TimevalSize = 16

// PutTimeval writes d as a struct timeval.
func PutTimeval(b []byte, d time.Duration) {
	binary.LittleEndian.PutUint64(b[0:], uint64(d/time.Second))
	binary.LittleEndian.PutUint64(b[8:], uint64(d%time.Second/time.Microsecond))
}

// GetTimeval reads a struct timeval; false if it is not canonical or beyond
// 100 million seconds, which is where Darwin's itimerfix draws the line.
func GetTimeval(b []byte) (time.Duration, bool) {
	sec := int64(binary.LittleEndian.Uint64(b[0:]))
	usec := int32(binary.LittleEndian.Uint32(b[8:]))
	if sec < 0 || sec > 100000000 || usec < 0 || usec >= 1000000 {
		return 0, false
	}
	return time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond, true
}
