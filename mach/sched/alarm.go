package sched

import (
	"container/heap"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// coarse is from what length on a wait is timed by Go's own timers. When nothing
// else is to be done these are late by up to a millisecond, which is how epoll_wait
// counts; shorter waits go by a timerfd, which the poller sees as any descriptor.
const coarse = 4 * time.Millisecond

// alarm is one short wait.
type alarm struct {
	until Deadline
	rang  chan struct{} // capacity 1
	place int           // in the heap; -1 when it is not there
}

// alarms is a heap of short waits, the next first, and the one timer that all
// processor sets share. Its lock is a leaf.
type alarms struct {
	mu    sync.Mutex
	heap  alarmHeap
	timer *os.File // nil until first needed, and where the host has none
	fd    int
	tried bool
	set   Deadline // what the timer is set to; 0 when it is not
}

var shortWaits alarms

// add gives an alarm that rings at until; nil if there is no timer. It must be taken
// back with remove, rung or not.
func (l *alarms) add(until Deadline) *alarm {
	a := &alarm{until: until, rang: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.tried {
		l.tried = true
		l.open()
	}
	if l.timer == nil {
		return nil
	}
	heap.Push(&l.heap, a)
	if a.place == 0 {
		l.arm()
	}
	return a
}

func (l *alarms) remove(a *alarm) {
	l.mu.Lock()
	if a.place >= 0 {
		heap.Remove(&l.heap, a.place) // a timer that is too early does no harm
	}
	l.mu.Unlock()
}

// open makes the timer and has a goroutine serve it, with l.mu held.
func (l *alarms) open() {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return
	}
	l.fd, l.timer = fd, os.NewFile(uintptr(fd), "timer")
	go l.serve()
}

// arm sets the timer to the first alarm, with l.mu held.
func (l *alarms) arm() {
	if len(l.heap) == 0 || l.set == l.heap[0].until {
		return
	}
	l.set = l.heap[0].until
	// Deadlines count as the host's monotonic clock does.
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, int64(l.set)))}
	unix.TimerfdSettime(l.fd, unix.TFD_TIMER_ABSTIME, &spec, nil)
}

// serve rings those whose time has come.
func (l *alarms) serve() {
	var n [8]byte
	for {
		if _, err := l.timer.Read(n[:]); err != nil {
			return
		}
		l.mu.Lock()
		l.set = 0
		for now := Now(); len(l.heap) > 0 && l.heap[0].until <= now; {
			heap.Pop(&l.heap).(*alarm).rang <- struct{}{}
		}
		l.arm()
		l.mu.Unlock()
	}
}

// alarmHeap is container/heap's view.
type alarmHeap []*alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].until < h[j].until }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	a.place = len(*h)
	*h = append(*h, a)
}

func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	a.place = -1
	return a
}
