package mig

import (
	"time"

	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/sync"
	"puggle/mach/task"
)

// deadline of a wait of so many seconds and nanoseconds; false if they are out
// of range.
func deadline(sec uint32, nsec int32) (sched.Deadline, bool) {
	if nsec < 0 || nsec >= 1e9 {
		return 0, false
	}
	return sched.After(time.Duration(sec)*time.Second + time.Duration(nsec)), true
}

// waiter is the thread that calls; the kernel itself can't wait by message.
func waiter(c *Call, s *sync.Semaphore, f func(th *sched.Thread) kret) kret {
	th := c.Request.Thread()
	if s == nil || th == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return f(th)
}

func (k *Kernel) semaphore() *SemaphoreServer {
	on := func(f func(s *sync.Semaphore) kret) func(*Call, *sync.Semaphore) kret {
		return func(_ *Call, s *sync.Semaphore) kret {
			if s == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return f(s)
		}
	}
	return &SemaphoreServer{
		SemaphoreSignal:    on((*sync.Semaphore).Signal),
		SemaphoreSignalAll: on((*sync.Semaphore).SignalAll),
		SemaphoreWait: func(c *Call, s *sync.Semaphore) kret {
			return waiter(c, s, func(th *sched.Thread) kret { return s.Wait(th, sched.Forever) })
		},
		SemaphoreSignalThread: func(_ *Call, s *sync.Semaphore, th *task.Thread) kret {
			if s == nil || th == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return s.SignalThread(&th.Thread)
		},
		SemaphoreTimedwait: func(c *Call, s *sync.Semaphore, t [2]int32) kret {
			d, ok := deadline(uint32(t[0]), t[1])
			if !ok {
				return abi.KERN_INVALID_VALUE
			}
			return waiter(c, s, func(th *sched.Thread) kret { return s.Wait(th, d) })
		},
		SemaphoreWaitSignal: func(c *Call, s, other *sync.Semaphore) kret {
			if other == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return waiter(c, s, func(th *sched.Thread) kret { return s.WaitSignal(other, th, sched.Forever) })
		},
		SemaphoreTimedwaitSignal: func(c *Call, s, other *sync.Semaphore, t [2]int32) kret {
			d, ok := deadline(uint32(t[0]), t[1])
			if !ok {
				return abi.KERN_INVALID_VALUE
			}
			if other == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return waiter(c, s, func(th *sched.Thread) kret { return s.WaitSignal(other, th, d) })
		},
	}
}

func (k *Kernel) lockSet() *LockSetServer {
	on := func(f func(s *sync.LockSet, th *sched.Thread, id int32) kret) func(*Call, *sync.LockSet, int32) kret {
		return func(c *Call, s *sync.LockSet, id int32) kret {
			th := c.Request.Thread()
			if s == nil || th == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			return f(s, th, id)
		}
	}
	return &LockSetServer{
		LockAcquire:       on((*sync.LockSet).Acquire),
		LockRelease:       on((*sync.LockSet).Release),
		LockTry:           on((*sync.LockSet).Try),
		LockMakeStable:    on((*sync.LockSet).MakeStable),
		LockHandoff:       on((*sync.LockSet).Handoff),
		LockHandoffAccept: on((*sync.LockSet).HandoffAccept),
	}
}

// Flavours of clock_get_attributes, and kinds of alarms (<mach/clock_types.h>).
const (
	CLOCK_GET_TIME_RES = 1
	CLOCK_ALARM_CURRES = 3
	CLOCK_ALARM_MINRES = 4
	CLOCK_ALARM_MAXRES = 5
	TIME_ABSOLUTE      = 0
	TIME_RELATIVE      = 1
	maxAlarms          = 4096
)

var alarms = make(chan struct{}, maxAlarms)

func (k *Kernel) clock() *ClockServer {
	return &ClockServer{
		ClockGetTime: func(_ *Call, c *host.Clock) (t [2]int32, kr kret) {
			if c == nil {
				return t, abi.KERN_INVALID_ARGUMENT
			}
			sec, nsec := c.Now()
			return [2]int32{int32(uint32(sec)), int32(nsec)}, abi.KERN_SUCCESS
		},
		ClockGetAttributes: func(_ *Call, c *host.Clock, flavor int32, room int) ([]int32, kret) {
			if c == nil {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			if room != 1 {
				return nil, abi.KERN_FAILURE
			}
			switch flavor {
			case CLOCK_GET_TIME_RES, CLOCK_ALARM_CURRES, CLOCK_ALARM_MINRES, CLOCK_ALARM_MAXRES:
				return []int32{10_000_000}, abi.KERN_SUCCESS // nanoseconds, as XNU says
			}
			return nil, abi.KERN_INVALID_VALUE
		},
		ClockAlarm: clockAlarm,
	}
}

// clockAlarm sends clock_alarm_reply when the time has come. What is late
// already is sent at once. KERN_RESOURCE_SHORTAGE beyond maxAlarms. Until then the
// alarm keeps the right.
func clockAlarm(_ *Call, c *host.Clock, kind int32, t [2]int32, port Right) kret {
	if c == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	if !ipc.IsValid(port.Port()) || port.Type() == abi.MACH_MSG_TYPE_PORT_RECEIVE {
		return abi.KERN_INVALID_CAPABILITY // a message can't be sent by a receive right
	}
	d := time.Duration(uint32(t[0]))*time.Second + time.Duration(t[1])
	code := abi.KERN_SUCCESS
	switch {
	case t[1] < 0 || t[1] >= 1e9 || kind != TIME_ABSOLUTE && kind != TIME_RELATIVE:
		code, d = abi.KERN_INVALID_VALUE, 0
	case kind == TIME_ABSOLUTE:
		sec, nsec := c.Now()
		d = time.Duration(uint32(t[0]))*time.Second + time.Duration(t[1]) - time.Duration(sec*1e9+nsec)
	}
	select {
	case alarms <- struct{}{}:
	default:
		return abi.KERN_RESOURCE_SHORTAGE
	}
	p, disp := port.Take(), port.Type()
	time.AfterFunc(max(d, 0), func() {
		<-alarms
		m := (&Client{}).New(3125107)
		m.PutNDR()
		m.PutUint32(uint32(code))
		m.PutUint32(uint32(kind))
		sec, nsec := c.Now()
		m.PutUint32(uint32(sec))
		m.PutUint32(uint32(nsec))
		m.Send(p, disp)
	})
	return abi.KERN_SUCCESS
}
