package kpi

import (
	"math/bits"
	"time"

	"puggle/mach/sched"
)

// Clock ticks: hz is 100.
const (
	hz     = 100
	tickNS = int64(time.Second) / hz
)

func init() {
	register("kern/clock.h", "2002", "mach unsupported", []Row{
		{Name: "mach_absolute_time", Header: "mach/mach_time.h", KPI: "mach", Since: "2006", Proto: "uint64_t mach_absolute_time(void)", Handler: func(*Call) uint64 { return uint64(sched.Now()) }},
		{Name: "clock_get_uptime", KPI: "mach", Proto: "void clock_get_uptime(uint64_t *result)", Handler: clockGetUptime},
		{Name: "clock_get_system_value", Proto: "mach_timespec_t clock_get_system_value(void)", Handler: func(c *Call) uint64 { return timespec32(c.K.uptime()) }},
		{Name: "clock_get_calendar_value", Proto: "mach_timespec_t clock_get_calendar_value(void)", Handler: func(c *Call) uint64 { return timespec32(time.Now().UnixNano()) }},
		{Name: "clock_get_calendar_offset", Proto: "mach_timespec_t clock_get_calendar_offset(void)", Handler: func(c *Call) uint64 { return timespec32(time.Now().UnixNano() - c.K.uptime()) }},
		{Name: "clock_get_system_microtime", KPI: "mach", Since: "2006", Proto: "void clock_get_system_microtime(uint32_t *secs, uint32_t *microsecs)", Handler: clockPair((*KernelTask).uptime, 1000)},
		{Name: "clock_get_system_nanotime", KPI: "mach", Since: "2006", Proto: "void clock_get_system_nanotime(uint32_t *secs, uint32_t *nanosecs)", Handler: clockPair((*KernelTask).uptime, 1)},
		{Name: "clock_get_calendar_microtime", KPI: "mach", Since: "2006", Proto: "void clock_get_calendar_microtime(uint32_t *secs, uint32_t *microsecs)", Handler: clockPair(calendar, 1000)},
		{Name: "clock_get_calendar_nanotime", KPI: "mach", Since: "2006", Proto: "void clock_get_calendar_nanotime(uint32_t *secs, uint32_t *nanosecs)", Handler: clockPair(calendar, 1)},
		{Name: "clock_interval_to_deadline", KPI: "mach", Proto: "void clock_interval_to_deadline(uint32_t interval, uint32_t scale, uint64_t *result)", Handler: intervalTo(true)},
		{Name: "clock_interval_to_absolutetime_interval", KPI: "mach", Proto: "void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale, uint64_t *result)", Handler: intervalTo(false)},
		{Name: "clock_absolutetime_interval_to_deadline", KPI: "mach", Proto: "void clock_absolutetime_interval_to_deadline(uint64_t abstime, uint64_t *result)", Handler: absToDeadline},
		{Name: "nanoseconds_to_absolutetime", KPI: "mach", Proto: "void nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *result)", Handler: sameTime},
		{Name: "absolutetime_to_nanoseconds", KPI: "mach", Proto: "void absolutetime_to_nanoseconds(uint64_t abstime, uint64_t *result)", Handler: sameTime},
		{Name: "clock_delay_until", Proto: "void clock_delay_until(uint64_t deadline)", Handler: func(c *Call) uint64 { return c.delay(sched.Deadline(c.Arg(0))) }},
		{Name: "clock_delay_for_interval", Proto: "void clock_delay_for_interval(uint32_t interval, uint32_t scale)", Handler: func(c *Call) uint64 { return c.delay(deadline(int64(c.U32(0)) * int64(c.U32(1)))) }},
		{Name: "delay", Proto: "void delay(int microseconds)", Handler: func(c *Call) uint64 { return c.delay(deadline(int64(c.U32(0)) * 1000)) }},
		{Name: "delay_for_interval", Since: "2006", Proto: "void delay_for_interval(uint32_t interval, uint32_t scale)", Handler: func(c *Call) uint64 { return c.delay(deadline(int64(c.U32(0)) * int64(c.U32(1)))) }},
	})
	register("IOKit/IOLib.h", "2002", "iokit", []Row{
		{Name: "IODelay", Proto: "void IODelay(unsigned microseconds)", Handler: func(c *Call) uint64 { return c.delay(deadline(int64(c.U32(0)) * 1000)) }},
		{Name: "IOSleep", Proto: "void IOSleep(unsigned milliseconds)", Handler: func(c *Call) uint64 { return c.pause(int64(c.U32(0)) * 1e6) }},
	})
	register("sys/kernel.h", "2002", "bsd", []Row{
		{Name: "time", Proto: "struct timeval time", Data: true, Note: "a tick behind at most"},
	})
	register("sys/time.h", "2006", "bsd", []Row{
		{Name: "microtime", Since: "1990", Proto: "void microtime(struct timeval *tv)", Handler: bsdTime(calendar, 1000)},
		{Name: "microuptime", Proto: "void microuptime(struct timeval *tv)", Handler: bsdTime((*KernelTask).uptime, 1000)},
		{Name: "microboot", Since: "1990", Proto: "void microboot(struct timeval *tv)", Handler: bsdTime((*KernelTask).uptime, 1000)},
		{Name: "nanotime", Proto: "void nanotime(struct timespec *ts)", Handler: bsdTime(calendar, 1)},
		{Name: "nanouptime", Proto: "void nanouptime(struct timespec *ts)", Handler: bsdTime((*KernelTask).uptime, 1)},
	})
}

// uptime is the time since the machine booted, ns.
func (k *KernelTask) uptime() int64 { return int64(sched.Now() - k.boot) }

func calendar(*KernelTask) int64 { return time.Now().UnixNano() }

// timespec32 is a mach_timespec_t in a register.
func timespec32(ns int64) uint64 { return uint64(uint32(ns/1e9)) | uint64(ns%1e9)<<32 }

// clockGetUptime gives absolute time: the monotonic clock that deadlines are in.
func clockGetUptime(c *Call) uint64 {
	c.Put64(c.Addr(0), uint64(sched.Now()))
	return 0
}

func clockPair(now func(*KernelTask) int64, unit int64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		ns := now(c.K)
		if c.Put32(c.Addr(0), uint32(ns/1e9)) {
			c.Put32(c.Addr(1), uint32(ns%1e9/unit))
		}
		return 0
	}
}

func bsdTime(now func(*KernelTask) int64, unit int64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		ns := now(c.K)
		var b [16]byte
		le.PutUint64(b[:], uint64(ns/1e9))
		n := 16
		if le.PutUint64(b[8:], uint64(ns%1e9/unit)); unit == 1000 {
			n = 12 // suseconds_t is an int
		}
		if !c.K.Write(c.Addr(0), b[:n]) {
			c.Panic("a time can't be stored at " + hex(c.Addr(0)))
		}
		return 0
	}
}

func intervalTo(deadline bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		v := uint64(c.U32(0)) * uint64(c.U32(1))
		if deadline {
			v += uint64(sched.Now())
		}
		c.Put64(c.Addr(2), v)
		return 0
	}
}

func absToDeadline(c *Call) uint64 {
	v, carry := bits.Add64(c.Arg(0), uint64(sched.Now()), 0)
	if carry != 0 {
		v = ^uint64(0)
	}
	c.Put64(c.Addr(1), v)
	return 0
}

// sameTime: absolute time counts nanoseconds.
func sameTime(c *Call) uint64 {
	c.Put64(c.Addr(1), c.Arg(0))
	return 0
}

// delayMost bounds a busy wait: above it the routine counts as hung, as it would
// hang the processor.
const delayMost = time.Second

// delaySpin is how much of a delay, its end, is spent in a loop: that much more exact is it than a
// timer of the host's. What is above that would only keep others from the processor.
const delaySpin = time.Millisecond

// delay waits without sleeping: allowed everywhere. Nothing ends it early.
func (c *Call) delay(until sched.Deadline) uint64 {
	d := time.Duration(until - sched.Now())
	if until == sched.Forever || d <= 0 {
		return 0
	}
	if d > delayMost {
		return c.Panic("a delay of " + d.String() + ": a busy wait is for short times")
	}
	if d > delaySpin {
		time.Sleep(d - delaySpin)
	}
	for sched.Now() < until {
	}
	return 0
}

// pause sleeps for a time.
func (c *Call) pause(ns int64) uint64 {
	if !c.maySleep() || ns <= 0 || !c.assert(uint64(c.T.block), sched.Uninterruptible, deadline(ns)) {
		return 0
	}
	c.T.block_()
	return 0
}

// mutexPause is for loops of tries: a millisecond.
func mutexPause(c *Call) uint64 { return c.pause(1e6) }
