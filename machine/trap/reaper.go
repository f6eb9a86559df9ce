package trap

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// reaper notices that shells have died: it polls their pidfds, collects their
// statuses, and tells their Spaces.
type reaper struct {
	epfd int
	mu   sync.Mutex
	by   map[int32]*Space // by pidfd
}

func newReaper() (*reaper, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	r := &reaper{epfd: ep, by: make(map[int32]*Space)}
	go r.loop()
	return r, nil
}

func (r *reaper) watch(s *Space) error {
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	r.mu.Lock()
	r.by[int32(fd)] = s
	r.mu.Unlock()
	return unix.EpollCtl(r.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (r *reaper) loop() {
	var ev [64]unix.EpollEvent
	for {
		n, err := unix.EpollWait(r.epfd, ev[:], -1)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, e := range ev[:max(n, 0)] {
			r.mu.Lock()
			s := r.by[e.Fd]
			delete(r.by, e.Fd)
			r.mu.Unlock()
			unix.Close(int(e.Fd)) // leaves the epoll set with it
			if s == nil {
				continue
			}
			var ws unix.WaitStatus
			for {
				if _, err := unix.Wait4(s.pid, &ws, 0, nil); err != unix.EINTR {
					break
				}
			}
			s.died(ws)
		}
	}
}
