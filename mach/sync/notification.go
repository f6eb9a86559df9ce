package sync

import (
	gosync "sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// MaxState bounds the state of a notification, in bytes.
const MaxState = 4096

// Notification is a notification object (003 ch. 6, "Notifications"): a post sets
// the one state that there is, and who waits gets the last. Posts that nobody
// waited for are one.
type Notification struct {
	mu     gosync.Mutex
	wq     sched.WaitQueue
	state  []byte
	posted bool
	dead   bool
	sets   watchers
}

// NewNotification makes one whose state has size bytes. KERN_INVALID_ARGUMENT.
func NewNotification(size uint32) (*Notification, abi.KernReturn) {
	if size > MaxState {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	return &Notification{state: make([]byte, size)}, abi.KERN_SUCCESS
}

// Size is the state's, in bytes.
func (n *Notification) Size() int { return len(n.state) }

// Post overwrites the state. KERN_INVALID_ARGUMENT (another size),
// KERN_TERMINATED.
func (n *Notification) Post(state []byte) abi.KernReturn {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.dead:
		return abi.KERN_TERMINATED
	case len(state) != len(n.state):
		return abi.KERN_INVALID_ARGUMENT
	}
	copy(n.state, state)
	n.posted = true
	n.wq.WakeupOne(sched.Awakened)
	n.sets.poke()
	return abi.KERN_SUCCESS
}

// Wait gives the state of the last post, once. KERN_OPERATION_TIMED_OUT,
// KERN_ABORTED, KERN_TERMINATED.
func (n *Notification) Wait(th *sched.Thread, until sched.Deadline) ([]byte, abi.KernReturn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		switch {
		case n.dead:
			return nil, abi.KERN_TERMINATED
		case n.posted:
			n.posted = false
			return append([]byte(nil), n.state...), abi.KERN_SUCCESS
		case until != sched.Forever && until <= sched.Now():
			return nil, abi.KERN_OPERATION_TIMED_OUT
		}
		if sched.Sleep(th, &n.wq, &n.mu, sched.Interruptible, until) == sched.Interrupted {
			return nil, abi.KERN_ABORTED
		}
	}
}

// Destroy ends it.
func (n *Notification) Destroy() {
	n.mu.Lock()
	n.dead = true
	n.wq.WakeupAll(sched.Restart)
	n.mu.Unlock()
}

func (n *Notification) take(*sched.Thread, *Member) (Event, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.posted || n.dead {
		return Event{}, false
	}
	n.posted = false
	return Event{Kind: EventNotification, State: append([]byte(nil), n.state...)}, true
}

func (n *Notification) watch(m *Member) abi.KernReturn {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dead {
		return abi.KERN_TERMINATED
	}
	n.sets.add(m)
	return abi.KERN_SUCCESS
}

func (n *Notification) unwatch(m *Member) {
	n.mu.Lock()
	n.sets.remove(m)
	n.mu.Unlock()
}
