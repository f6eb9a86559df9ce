package kernserv

import (
	"sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// LogSize is how many messages a server's log keeps for whoever collects them; the
// oldest go first.
const LogSize = 500

// LogEntry is a message of kern_serv_log.
type LogEntry struct {
	Level int32
	Text  string
}

// serverLog is a server's log. It belongs to the server, not to one load of it.
type serverLog struct {
	mu      sync.Mutex
	level   int32 // 0: nothing is logged
	entries []LogEntry
	lost    int
	closed  bool
	wait    sched.WaitQueue
}

// put keeps a message of at least the log level. It doesn't block.
func (l *serverLog) put(level int32, text string) {
	l.mu.Lock()
	if l.level > 0 && level >= l.level {
		if len(l.entries) == LogSize {
			l.entries = append(l.entries[:0], l.entries[1:]...)
			l.lost++
		}
		l.entries = append(l.entries, LogEntry{level, text})
	}
	l.mu.Unlock()
	l.wait.WakeupAll(sched.Awakened)
}

func (l *serverLog) wants(level int32) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level > 0 && level >= l.level
}

func (l *serverLog) setLevel(level int32) {
	l.mu.Lock()
	l.level = max(level, 0)
	l.mu.Unlock()
	l.wait.WakeupAll(sched.Awakened)
}

// close ends the waiting of collectors; what was logged is lost.
func (l *serverLog) close() {
	l.mu.Lock()
	l.closed, l.level, l.entries, l.lost = true, 0, nil, 0
	l.mu.Unlock()
	l.wait.WakeupAll(sched.Awakened)
}

func (l *serverLog) reopen() {
	l.mu.Lock()
	l.closed = false
	l.mu.Unlock()
}

// get waits for messages on th and takes them; lost is how many found no room since
// the last time. KERN_SERVER_NOTLOGGING, KERN_ABORTED if the wait is
// interrupted, KERN_OPERATION_TIMED_OUT.
func (l *serverLog) get(th *sched.Thread, until sched.Deadline) (e []LogEntry, lost int, kr abi.KernReturn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if len(l.entries) > 0 {
			e, lost = l.entries, l.lost
			l.entries, l.lost = nil, 0
			return e, lost, abi.KERN_SUCCESS
		}
		if l.closed || l.level == 0 {
			return nil, 0, KERN_SERVER_NOTLOGGING
		}
		switch sched.Sleep(th, &l.wait, &l.mu, sched.Interruptible, until) {
		case sched.Interrupted, sched.Restart:
			return nil, 0, abi.KERN_ABORTED
		case sched.TimedOut:
			return nil, 0, abi.KERN_OPERATION_TIMED_OUT
		}
	}
}
