package traps

import (
	gosync "sync"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// mk_timers: a receive right of the caller's to which the kernel sends one
// message (mk_timer_expire_msg: a header and three empty words of 64 bits) when
// absolute time has come to a value.
type timers struct {
	mu gosync.Mutex
	m  map[*ipc.Port]*timer
}

type timer struct {
	t     *time.Timer
	at    uint64 // 0: not armed
	round uint64 // which arming this is
}

// maxTimers bounds the timers of a machine.
const maxTimers = 64 << 10

func timerCreate(t *Traps, c *Call) uint64 {
	n, kr := c.space.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	if kr != abi.KERN_SUCCESS {
		return 0
	}
	p, kr := c.space.Lookup(n, abi.MACH_PORT_TYPE_RECEIVE)
	if kr != abi.KERN_SUCCESS {
		return 0
	}
	x := &t.timers
	x.mu.Lock()
	if x.m == nil {
		x.m = map[*ipc.Port]*timer{}
	}
	full := len(x.m) >= maxTimers
	if !full {
		x.m[p] = &timer{}
	}
	x.mu.Unlock()
	if full {
		c.space.Destroy(n)
		return 0
	}
	p.OnDeath(func() {
		x.mu.Lock()
		if tm := x.m[p]; tm != nil && tm.t != nil {
			tm.t.Stop()
		}
		delete(x.m, p)
		x.mu.Unlock()
	})
	if !p.Active() { // another thread was quicker
		x.mu.Lock()
		delete(x.m, p)
		x.mu.Unlock()
	}
	return uint64(n)
}

// timer finds the timer that argument 0 receives from.
func (t *Traps) timer(c *Call, fn func(p *ipc.Port, tm *timer) kret) kret {
	p, kr := c.space.Lookup(c.name(0), abi.MACH_PORT_TYPE_RECEIVE)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	t.timers.mu.Lock()
	defer t.timers.mu.Unlock()
	tm := t.timers.m[p]
	if tm == nil {
		return abi.KERN_INVALID_ARGUMENT
	}
	return fn(p, tm)
}

func timerDestroy(t *Traps, c *Call) kret {
	kr := t.timer(c, func(*ipc.Port, *timer) kret { return abi.KERN_SUCCESS })
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return c.space.Destroy(c.name(0))
}

func timerArm(t *Traps, c *Call) kret { return t.arm(c, c.Arg[1]) }

// timerArmLeeway: the flags ask for continuous time or normalised arguments, of
// which there is only one kind; leeway is not used.
func timerArmLeeway(t *Traps, c *Call) kret { return t.arm(c, c.Arg[2]) }

// arm sets the timer to an absolute time in nanoseconds.
func (t *Traps) arm(c *Call, at uint64) kret {
	return t.timer(c, func(p *ipc.Port, tm *timer) kret {
		if tm.t != nil {
			tm.t.Stop()
		}
		tm.round++
		tm.at = at
		round := tm.round
		now := uint64(sched.Now())
		d := time.Duration(0)
		if at > now {
			d = time.Duration(min(at-now, 1<<62))
		}
		tm.t = time.AfterFunc(d, func() { t.expire(p, tm, round) })
		return abi.KERN_SUCCESS
	})
}

func (t *Traps) expire(p *ipc.Port, tm *timer, round uint64) {
	t.timers.mu.Lock()
	ok := t.timers.m[p] == tm && tm.round == round
	if ok {
		tm.at = 0
	}
	t.timers.mu.Unlock()
	if ok {
		ipc.SendFromKernel(ipc.NewMessage(p.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE, 0, nil, make([]byte, 24)))
	}
}

// timerCancel tells for when the timer was armed, 0 if it was not.
func timerCancel(t *Traps, c *Call) kret {
	at := uint64(0)
	kr := t.timer(c, func(_ *ipc.Port, tm *timer) kret {
		if tm.t != nil {
			tm.t.Stop()
		}
		at, tm.at = tm.at, 0
		tm.round++
		return abi.KERN_SUCCESS
	})
	if kr != abi.KERN_SUCCESS || c.addr(1) == 0 {
		return kr
	}
	return c.out(c.addr(1), le.AppendUint64(nil, at))
}
