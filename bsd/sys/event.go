package sys

import "sync"

// Event filters (<sys/event.h>).
const (
	EVFILT_READ     int16 = -1
	EVFILT_WRITE    int16 = -2
	EVFILT_AIO      int16 = -3
	EVFILT_VNODE    int16 = -4
	EVFILT_PROC     int16 = -5
	EVFILT_SIGNAL   int16 = -6
	EVFILT_TIMER    int16 = -7
	EVFILT_MACHPORT int16 = -8
	EVFILT_FS       int16 = -9
	EVFILT_USER     int16 = -10
	EVFILT_VM       int16 = -12
	EVFILT_EXCEPT   int16 = -15
)

// Readiness is a filter's answer: whether the event is there, and what goes
// into the kevent with it.
type Readiness struct {
	Ready  bool
	Data   int64  // bytes to read, room to write, connections to accept, exit status ...
	EOF    bool   // EV_EOF
	Fflags uint32 // socket error with EV_EOF; NOTE_* otherwise
}

// Filter is struct filterops for one object and one filter.
//
// Attach puts kn on the object's Klist and is followed by a call of Ready by
// the kqueue, so that nothing is lost between the two. The object then calls
// Klist.Notify at each change that may make the event true. Ready is the
// level: it is asked when the kqueue is scanned, without locks held.
type Filter interface {
	Attach(kn *Knote)
	Detach(kn *Knote)
	Ready(kn *Knote) Readiness
}

// Knote is what a kqueue (or a select or poll in progress) hangs on an object.
type Knote struct {
	Filter int16
	Ident  uint64
	// Sfflags and Sdata are the fflags and data asked for; a filter may read
	// them in Ready (NOTE_LOWAT, NOTE_* masks).
	Sfflags uint32
	Sdata   int64
	// Flags are the EV_* asked for. With EV_POLL (select and poll) a regular
	// file is always ready; with EV_OOBAND urgent data makes READ ready.
	Flags uint16
	// Activate is called by Notify with the hint, the Klist's lock held and
	// perhaps the object's: it must only note the hint, mark and wake.
	Activate func(hint uint32)
	// Owner is the maker's own.
	Owner any
	// at is the place in the list that it hangs on.
	at int
}

// Klist is the list of knotes on an object (struct klist). The zero value is
// ready. A knote hangs on one list at a time: a guest may hang hundreds of thousands
// on one process, so it knows its place, and leaving takes no search.
type Klist struct {
	mu   sync.Mutex
	list []*Knote
}

// Add hangs kn on the list.
func (l *Klist) Add(kn *Knote) {
	l.mu.Lock()
	kn.at = len(l.list)
	l.list = append(l.list, kn)
	l.mu.Unlock()
}

// Remove takes kn off; it is no error if it is not there. After Remove returns
// kn is not activated any more from here.
func (l *Klist) Remove(kn *Knote) {
	l.mu.Lock()
	if i := kn.at; i < len(l.list) && l.list[i] == kn {
		last := len(l.list) - 1
		l.list[i] = l.list[last]
		l.list[i].at = i
		l.list[last] = nil
		l.list = l.list[:last]
	}
	l.mu.Unlock()
}

// Notify is KNOTE(): it tells every knote that the object changed. hint is 0,
// or the NOTE_* bits that happened.
func (l *Klist) Notify(hint uint32) {
	l.mu.Lock()
	for _, kn := range l.list {
		kn.Activate(hint)
	}
	l.mu.Unlock()
}

// Empty says whether nobody listens.
func (l *Klist) Empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.list) == 0
}
