package kern

import (
	"time"

	"puggle/abi"
)

// itimer is one interval timer. Guarded by Proc.mu.
type itimer struct {
	interval time.Duration
	at       time.Time     // ITIMER_REAL: when it fires next
	cpu      time.Duration // the others: at how much CPU time
	t        *time.Timer   // nil when disarmed
	gen      uint64        // changes with each setting: an old timer's shot is dropped
}

// cpuLimitTimer is RLIMIT_CPU's, which no call sets by itself.
const cpuLimitTimer = abi.ITIMER_PROF + 1

var itimerSignals = [...]abi.Signal{abi.ITIMER_REAL: abi.SIGALRM, abi.ITIMER_VIRTUAL: abi.SIGVTALRM,
	abi.ITIMER_PROF: abi.SIGPROF, cpuLimitTimer: abi.SIGXCPU}

// Getitimer gives the interval and the time to the next expiry. EINVAL.
func (p *Proc) Getitimer(which uint32) (interval, left time.Duration, err abi.Errno) {
	if which > abi.ITIMER_PROF {
		return 0, 0, abi.EINVAL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	interval, left = p.itimerLeft(which)
	return interval, left, 0
}

func (p *Proc) itimerLeft(which uint32) (interval, left time.Duration) {
	it := &p.timers[which]
	if it.t == nil {
		return it.interval, 0
	}
	if which == abi.ITIMER_REAL {
		left = time.Until(it.at)
	} else {
		left = it.cpu - p.CPUTime()
	}
	return it.interval, max(left, time.Microsecond)
}

// Setitimer sets a timer and gives what it was; value 0 disarms it. EINVAL.
func (p *Proc) Setitimer(which uint32, interval, value time.Duration) (oldInterval, oldLeft time.Duration, err abi.Errno) {
	if which > abi.ITIMER_PROF {
		return 0, 0, abi.EINVAL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	oldInterval, oldLeft = p.itimerLeft(which)
	it := &p.timers[which]
	if it.t != nil {
		it.t.Stop()
		it.t = nil
	}
	it.gen++
	it.interval = interval
	if value <= 0 || p.exiting {
		it.interval = 0
		return oldInterval, oldLeft, 0
	}
	it.at = time.Now().Add(value)
	if which != abi.ITIMER_REAL {
		it.cpu = p.CPUTime() + value
	}
	gen := it.gen
	it.t = time.AfterFunc(value, func() { p.itimerFire(which, gen) })
	return oldInterval, oldLeft, 0
}

// itimerFire runs when a timer may have expired. The CPU timers look how much
// has been used, and come again when the rest can have been used at the
// earliest: their resolution is a millisecond.
func (p *Proc) itimerFire(which uint32, gen uint64) {
	p.mu.Lock()
	it := &p.timers[which]
	if it.gen != gen || it.t == nil || p.exiting {
		p.mu.Unlock()
		return
	}
	if which != abi.ITIMER_REAL {
		used := p.CPUTime()
		if left := it.cpu - used; left > 0 {
			it.t.Reset(p.cpuTimerWait(left))
			p.mu.Unlock()
			return
		}
		if it.interval > 0 {
			it.cpu = used + it.interval
			it.t.Reset(p.cpuTimerWait(it.interval))
		} else {
			it.t = nil
		}
	} else if it.interval > 0 {
		// Expiries that were missed are not made up for.
		now := time.Now()
		it.at = it.at.Add(it.interval)
		if it.at.Before(now) {
			it.at = now.Add(it.interval)
		}
		it.t.Reset(it.at.Sub(now))
	} else {
		it.t = nil
	}
	p.mu.Unlock()
	p.Signal(itimerSignals[which])
}

// cpuTimerWait is how long to wait before a look whether left more CPU time has been used: as long
// as all threads at once would need, and a second at most, since there may be more of them soon.
func (p *Proc) cpuTimerWait(left time.Duration) time.Duration {
	return min(max(left/time.Duration(max(p.Task.NumThreads(), 1)), time.Millisecond), time.Second)
}

// stopTimers disarms all; p.mu held.
func (p *Proc) stopTimers() {
	for i := range p.timers {
		it := &p.timers[i]
		it.gen++
		if it.t != nil {
			it.t.Stop()
			it.t = nil
		}
	}
}
