package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// bootWait is how long Dial waits for a machine that is not there yet: it may
// have been started a moment ago.
const bootWait = 300 * time.Millisecond

// RemoteError is the machine's own refusal.
type RemoteError struct {
	Msg    string
	Status int
}

func (e *RemoteError) Error() string { return e.Msg }

// Client is the caller's end of one request.
type Client struct{ c *conn }

// Dial connects to the machine of that name. DefaultName is the only machine that
// runs, if there is none of that name. The error says what to do.
func Dial(name string) (*Client, error) {
	sock, _, err := place(name)
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(bootWait)
	for {
		c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: sock, Net: "unix"})
		switch {
		case err == nil:
			return &Client{&conn{UnixConn: c}}, nil
		case !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ECONNREFUSED):
			return nil, err
		case time.Now().After(until):
			if l, e := Names(); name == DefaultName && e == nil && len(l) == 1 && l[0] != name {
				return Dial(l[0])
			}
			return nil, fmt.Errorf("%w %q: start it with puggle boot --name %s", ErrNoMachine, name, name)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Close ends the request, if it has not ended.
func (c *Client) Close() { c.c.close() }

// Process is a handle (pidfd) of the process that listens, which tells of its end: the
// connection's own where Linux has that (6.5), which holds across PID namespaces, else
// made from its number. The caller closes it. ESRCH: the process is of a PID namespace
// that is not seen from here.
func (c *Client) Process() (fd int, err error) {
	raw, err := c.c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var gerr error
	err = raw.Control(func(sock uintptr) {
		if fd, gerr = unix.GetsockoptInt(int(sock), unix.SOL_SOCKET, unix.SO_PEERPIDFD); gerr == nil {
			return
		}
		var cred *unix.Ucred
		if cred, gerr = unix.GetsockoptUcred(int(sock), unix.SOL_SOCKET, unix.SO_PEERCRED); gerr != nil {
			return
		}
		if cred.Pid <= 0 {
			gerr = unix.ESRCH
			return
		}
		fd, gerr = unix.PidfdOpen(int(cred.Pid), 0)
	})
	if err = errors.Join(err, gerr); err != nil {
		return -1, err
	}
	return fd, nil
}

// Begin sends the request, with the descriptors of files.
func (c *Client) Begin(op string, args any, files ...*os.File) error {
	b, err := json.Marshal(args)
	if err != nil {
		return err
	}
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	return c.c.send(Request{op, b}, fds...)
}

// Send says something more.
func (c *Client) Send(v any) error { return c.c.send(v) }

// Wait reads the answers: event is called for each that is not the last, whose
// content goes into result. A *RemoteError is the machine's.
func (c *Client) Wait(result any, event func(json.RawMessage)) error {
	for {
		l, err := c.c.line()
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
				return errors.New("the machine has ended")
			}
			return err
		}
		var r Reply
		if err := json.Unmarshal(l, &r); err != nil {
			return fmt.Errorf("control: %v", err)
		}
		switch {
		case r.Error != "":
			return &RemoteError{r.Error, r.Status}
		case r.Event != nil:
			if event != nil {
				event(r.Event)
			}
		default:
			if result == nil || r.Result == nil {
				return nil
			}
			return json.Unmarshal(r.Result, result)
		}
	}
}

// Call does a request that is a question and an answer.
func Call(name, op string, args, result any) error {
	c, err := Dial(name)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Begin(op, args); err != nil {
		return err
	}
	return c.Wait(result, nil)
}
