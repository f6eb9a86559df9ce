package tty

import (
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"puggle/abi"
)

// Console is a Tty on the host's terminal. The host's line discipline is switched
// off while it is there: editing, echo and signals are the Tty's.
type Console struct {
	*Tty
	in, out int // host descriptors; not closed here
	saved   unix.Termios
	stop    [2]int // a pipe: its reading end ends the reader
	winch   chan os.Signal
	wake    *sync.Cond // on Tty.mu: output, room for input, or closing
	closing bool
	idle    bool // the writer has nothing in its hands
	done    sync.WaitGroup
}

// OpenConsole takes over the host's terminal that in and out are descriptors of.
// It fails if in is no terminal.
func OpenConsole(jobs Jobs, dev int32, in, out int) (*Console, error) {
	saved, err := unix.IoctlGetTermios(in, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	c := &Console{Tty: newTty(jobs, "console", dev), in: in, out: out, saved: *saved, idle: true}
	c.Tty.line = c
	c.wake = sync.NewCond(&c.Tty.mu)
	if err := unix.Pipe2(c.stop[:], unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	raw := *saved
	raw.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	raw.Oflag &^= unix.OPOST
	raw.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	raw.Cflag = raw.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(in, unix.TCSETS, &raw); err != nil {
		unix.Close(c.stop[0])
		unix.Close(c.stop[1])
		return nil, err
	}
	c.Resize()
	c.winch = make(chan os.Signal, 1)
	signal.Notify(c.winch, unix.SIGWINCH)
	go func() {
		for range c.winch {
			c.Resize()
		}
	}()
	c.done.Add(2)
	go c.reader()
	go c.writer()
	return c, nil
}

// Close waits a moment for the output to go, and gives the host its terminal
// back as it was.
func (c *Console) Close() {
	deadline := time.Now().Add(time.Second)
	c.mu.Lock()
	c.stopped = false
	c.wake.Broadcast()
	for (len(c.Tty.out) > 0 || !c.idle) && time.Now().Before(deadline) {
		c.mu.Unlock()
		time.Sleep(time.Millisecond)
		c.mu.Lock()
	}
	c.closing = true
	c.wake.Broadcast()
	c.mu.Unlock()
	unix.Write(c.stop[1], []byte{0})
	signal.Stop(c.winch)
	close(c.winch)
	unix.IoctlSetTermios(c.in, unix.TCSETS, &c.saved)
	if time.Now().Before(deadline) {
		c.done.Wait()
		unix.Close(c.stop[0])
		unix.Close(c.stop[1])
	}
}

// Resize takes over the size of the host's window, after a SIGWINCH that came by
// another way.
func (c *Console) Resize() {
	w, err := unix.IoctlGetWinsize(c.in, unix.TIOCGWINSZ)
	if err != nil {
		return
	}
	c.mu.Lock()
	c.setWinsize(abi.Winsize{Row: w.Row, Col: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel})
	c.unlock()
}

// The line of the terminal.
func (c *Console) start()          { c.wake.Broadcast() }
func (c *Console) input()          { c.wake.Broadcast() }
func (c *Console) modes()          {}
func (c *Console) packet(byte)     {}
func (c *Console) connected() bool { return !c.closing }

// reader types what the host's terminal says, as far as there is room.
func (c *Console) reader() {
	defer c.done.Done()
	var b [256]byte
	fds := []unix.PollFd{{Fd: int32(c.in), Events: unix.POLLIN}, {Fd: int32(c.stop[0]), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return
		}
		if fds[1].Revents != 0 {
			return
		}
		if fds[0].Revents == 0 {
			continue
		}
		n, err := unix.Read(c.in, b[:])
		if err == unix.EINTR || err == unix.EAGAIN {
			continue
		}
		c.mu.Lock()
		if n <= 0 {
			c.hangup()
			c.unlock()
			return
		}
		for _, ch := range b[:n] {
			for !c.room() && !c.closing {
				c.wake.Wait()
			}
			if c.closing {
				c.unlock()
				return
			}
			c.Tty.input(ch)
		}
		c.unlock()
	}
}

// writer takes output to the host's terminal.
func (c *Console) writer() {
	defer c.done.Done()
	var b []byte
	c.mu.Lock()
	for {
		for (len(c.Tty.out) == 0 || c.stopped) && !c.closing {
			c.wake.Wait()
		}
		if c.closing {
			c.mu.Unlock()
			return
		}
		b = append(b[:0], c.Tty.out...)
		c.Tty.out = c.Tty.out[:0]
		c.idle = false
		c.mu.Unlock()
		for rest := b; len(rest) > 0; {
			n, err := unix.Write(c.out, rest)
			switch {
			case n > 0:
				rest = rest[n:]
			case err == unix.EINTR:
			case err == unix.EAGAIN:
				unix.Poll([]unix.PollFd{{Fd: int32(c.out), Events: unix.POLLOUT}}, 100)
			default:
				rest = nil // the terminal has gone; the reader sees it, too
			}
		}
		c.mu.Lock()
		c.idle = true
		c.drained()
	}
}
