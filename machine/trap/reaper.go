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
	end  int // an eventfd, readable when the machine is closed; its key is 0
	mu   sync.Mutex
	last int32
	by   map[int32]mourned // by what epoll says of them
}

// mourned is a shell that has not died yet. The pidfd's number would not do as a
// key: while another child of ours is between fork and exec, it has all descriptors,
// and what is closed here can still give events there, when the number is another's.
type mourned struct {
	s     *Space
	pidfd int
}

func newReaper() (*reaper, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	end, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(ep)
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	r := &reaper{epfd: ep, end: end, by: make(map[int32]mourned)}
	if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, end, &unix.EpollEvent{Events: unix.EPOLLIN}); err != nil {
		unix.Close(ep)
		unix.Close(end)
		return nil, fmt.Errorf("epoll_ctl: %w", err)
	}
	go r.loop()
	return r, nil
}

func (r *reaper) watch(s *Space) error {
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	r.mu.Lock()
	r.last++
	key := r.last
	r.by[key] = mourned{s, fd}
	r.mu.Unlock()
	return unix.EpollCtl(r.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: key})
}

// close ends the loop, once all shells have died.
func (r *reaper) close() {
	unix.Write(r.end, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

func (r *reaper) loop() {
	defer unix.Close(r.epfd)
	defer unix.Close(r.end)
	var ev [64]unix.EpollEvent
	for {
		n, err := unix.EpollWait(r.epfd, ev[:], -1)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, e := range ev[:max(n, 0)] {
			if e.Fd == 0 {
				return
			}
			r.mu.Lock()
			d, ok := r.by[e.Fd]
			delete(r.by, e.Fd)
			r.mu.Unlock()
			if !ok {
				continue
			}
			unix.EpollCtl(r.epfd, unix.EPOLL_CTL_DEL, d.pidfd, nil)
			unix.Close(d.pidfd)
			s := d.s
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
