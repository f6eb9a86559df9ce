package sync

import (
	"bytes"
	gosync "sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

func next(t *testing.T, s *EventSet, th *sched.Thread) Event {
	t.Helper()
	ev, kr := s.Next(th, sched.After(20*time.Second))
	eq(t, "next", kr, 0)
	return ev
}

// Members take turns, whatever is pending; each event comes once.
func TestEventSet(t *testing.T) {
	me, you := sched.NewThread("me"), sched.NewThread("you")
	set := new(EventSet)
	sem, _ := NewSemaphore(SYNC_POLICY_FIFO, 2)
	note, _ := NewNotification(3)
	locks, _ := NewLockSet(2, SYNC_POLICY_FIFO)
	prepost, _ := NewSemaphore(SYNC_POLICY_PREPOST, 0)
	eq(t, "semaphore", set.Insert(sem, 0, 1, sem), 0)
	eq(t, "notification", set.Insert(note, 0, 2, note), 0)
	eq(t, "lock", set.Insert(locks, 1, 3, locks), 0)
	eq(t, "lock that there is not", set.Insert(locks, 2, 3, locks), abi.KERN_INVALID_ARGUMENT)
	eq(t, "twice", set.Insert(sem, 0, 1, sem), abi.KERN_NAME_EXISTS)
	eq(t, "prepost", set.Insert(prepost, 0, 1, prepost), abi.KERN_INVALID_ARGUMENT)
	eq(t, "post", note.Post([]byte("abc")), 0)
	eq(t, "post", note.Post([]byte("xyz")), 0)
	eq(t, "acquire", locks.Acquire(you, 1), 0)
	eq(t, "release", locks.Release(you, 1), 0)
	eq(t, "size", note.Post([]byte("x")), abi.KERN_INVALID_ARGUMENT)

	var kinds []EventKind
	for range 4 {
		ev := next(t, set, me)
		kinds = append(kinds, ev.Kind)
		switch ev.Kind {
		case EventNotification:
			if string(ev.State) != "xyz" {
				t.Errorf("state %q", ev.State)
			}
		case EventLock:
			eq(t, "held meanwhile", locks.Try(you, 1), abi.KERN_LOCK_OWNED)
			eq(t, "end", ev.Transaction.End(me, nil, 0), 0)
			eq(t, "free afterwards", locks.Try(you, 1), 0)
		}
	}
	want := []EventKind{EventSemaphore, EventNotification, EventLock, EventSemaphore}
	for i := range want {
		if kinds[i] != want[i] {
			t.Fatalf("events %v, want %v", kinds, want)
		}
	}
	_, kr := set.Next(me, sched.After(0))
	eq(t, "nothing more", kr, abi.KERN_OPERATION_TIMED_OUT)
	// The transaction's own release gave no event; another thread's does.
	eq(t, "release", locks.Release(you, 1), 0)
	ev := next(t, set, me)
	if ev.Kind != EventLock || ev.Member.Cookie != 3 {
		t.Fatalf("event %+v", ev)
	}
	// A thread that dies leaves the lock unstable.
	eq(t, "end by death", ev.Transaction.End(me, nil, abi.KERN_TERMINATED), 0)
	if ev = next(t, set, you); ev.Kind != EventLock || !ev.Unstable {
		t.Fatalf("event %+v", ev)
	}
	eq(t, "remove", set.Remove(locks, 1), 0)
	eq(t, "remove again", set.Remove(locks, 1), abi.KERN_NOT_IN_SET)

	// Post-all gives one event to a set in which somebody waits.
	done := make(chan Event)
	go func() { done <- next(t, set, sched.NewThread("waiter")) }()
	var got Event
	for ok := false; !ok; {
		sem.SignalAll()
		select {
		case got = <-done:
			ok = true
		case <-time.After(time.Millisecond):
		}
	}
	if got.Kind != EventSemaphore {
		t.Errorf("event %+v", got)
	}
	eq(t, "nothing saved", sem.Wait(me, sched.After(0)), abi.KERN_OPERATION_TIMED_OUT)

	ended := make(chan abi.KernReturn)
	go func() {
		_, kr := set.Next(sched.NewThread("last"), sched.Forever)
		ended <- kr
	}()
	set.Destroy()
	eq(t, "destroyed", <-ended, abi.KERN_TERMINATED)
	eq(t, "insert", set.Insert(note, 0, 1, note), abi.KERN_TERMINATED)
	if len(sem.sets)+len(note.sets) != 0 {
		t.Error("objects remember a set that is gone")
	}
}

// RPC objects: what matches no format is refused; the reply, the server's error,
// its death and the client's are told.
func TestRPC(t *testing.T) {
	if _, kr := NewRPC([]Format{{1, 4, 4}, {1, 8, 8}}); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("two formats of one number: %d", kr)
	}
	if _, kr := NewRPC([]Format{{1, MaxBlock + 1, 4}}); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("too long a block: %d", kr)
	}
	r, kr := NewRPC([]Format{{1, 4, 2}, {2, 0, 0}})
	eq(t, "create", kr, 0)
	set := new(EventSet)
	eq(t, "insert", set.Insert(r, 0, 0, r), 0)
	server := sched.NewThread("server")
	type answer struct {
		b  []byte
		kr abi.KernReturn
	}
	call := func(id uint32, args string) (*sched.Thread, chan answer) {
		th, ch := sched.NewThread("client"), make(chan answer, 1)
		go func() {
			b, kr := r.Call(th, id, []byte(args))
			ch <- answer{b, kr}
		}()
		return th, ch
	}
	for _, bad := range []struct {
		id   uint32
		args string
	}{{1, "abc"}, {2, "x"}, {3, ""}} {
		if _, ch := call(bad.id, bad.args); (<-ch).kr != abi.KERN_INVALID_ARGUMENT {
			t.Errorf("format %d with %q is not refused", bad.id, bad.args)
		}
	}
	th, ch := call(1, "abcd")
	ev := next(t, set, server)
	if ev.Call == nil || string(ev.Call.Args) != "abcd" || ev.Call.Client != th || server.Serving() != th {
		t.Fatalf("event %+v", ev)
	}
	eq(t, "end", ev.Transaction.End(server, []byte("ok"), 0), 0)
	if a := <-ch; a.kr != 0 || !bytes.Equal(a.b, []byte("ok")) || server.Serving() != nil {
		t.Errorf("answer %+v", a)
	}
	_, ch = call(1, "abcd")
	eq(t, "wrong length", next(t, set, server).Transaction.End(server, []byte("long"), 0), abi.KERN_INVALID_ARGUMENT)
	eq(t, "client of it", (<-ch).kr, abi.KERN_FAILURE)
	_, ch = call(2, "")
	eq(t, "error", next(t, set, server).Transaction.End(server, nil, abi.KERN_NO_ACCESS), 0)
	eq(t, "client of it", (<-ch).kr, abi.KERN_NO_ACCESS)
	_, ch = call(2, "")
	next(t, set, server).Transaction.End(server, nil, abi.KERN_TERMINATED)
	eq(t, "the server died", (<-ch).kr, abi.KERN_TERMINATED)
	// A client that is interrupted while it is served.
	th, ch = call(2, "")
	ev = next(t, set, server)
	for !th.Interrupt() {
		time.Sleep(time.Millisecond)
	}
	eq(t, "interrupted", (<-ch).kr, abi.KERN_ABORTED)
	eq(t, "its reply goes nowhere", ev.Transaction.End(server, nil, 0), 0)
	// And one that still waits.
	th, ch = call(2, "")
	for !th.Interrupt() {
		time.Sleep(time.Millisecond)
	}
	eq(t, "interrupted", (<-ch).kr, abi.KERN_ABORTED)
	_, kr = set.Next(server, sched.After(0))
	eq(t, "withdrawn", kr, abi.KERN_OPERATION_TIMED_OUT)
	th, ch = call(2, "")
	for !th.IsWaiting() {
		time.Sleep(time.Millisecond)
	}
	r.Destroy()
	eq(t, "destroyed", (<-ch).kr, abi.KERN_TERMINATED)
}

// Many posters and many loops: no event is lost and none comes twice.
func TestEventSetRaces(t *testing.T) {
	const objects, posters, each, loops = 20, 4, 500, 4
	set := new(EventSet)
	var sems [objects]*Semaphore
	for i := range sems {
		sems[i], _ = NewSemaphore(SYNC_POLICY_FIFO, 0)
		eq(t, "insert", set.Insert(sems[i], 0, uint64(i), sems[i]), 0)
	}
	r, _ := NewRPC([]Format{{1, 1, 1}})
	eq(t, "insert", set.Insert(r, 0, 99, r), 0)
	var got [objects]int
	var mu gosync.Mutex
	total, calls := 0, 0
	all := make(chan struct{})
	var wg, post gosync.WaitGroup
	for range loops {
		wg.Add(1)
		go func() {
			defer wg.Done()
			th := sched.NewThread("loop")
			for {
				ev, kr := set.Next(th, sched.Forever)
				if kr != 0 {
					return
				}
				mu.Lock()
				if ev.Kind == EventRPC {
					calls++
				} else {
					got[ev.Member.Cookie]++
					if total++; total == posters*each {
						close(all)
					}
				}
				mu.Unlock()
				if ev.Kind == EventRPC {
					ev.Transaction.End(th, []byte{ev.Call.Args[0] + 1}, 0)
				}
			}
		}()
	}
	for p := range posters {
		post.Add(1)
		go func() {
			defer post.Done()
			th := sched.NewThread("client")
			for i := range each {
				sems[(p*7+i)%objects].Signal()
				if i%10 == 0 {
					if b, kr := r.Call(th, 1, []byte{byte(i)}); kr != 0 || b[0] != byte(i)+1 {
						t.Errorf("call: %v %d", b, kr)
					}
				}
			}
		}()
	}
	post.Wait()
	<-all
	set.Destroy()
	wg.Wait()
	for i, n := range got {
		if n != posters*each/objects {
			t.Errorf("object %d: %d events", i, n)
		}
	}
	if calls != posters*each/10 {
		t.Errorf("%d calls", calls)
	}
}
