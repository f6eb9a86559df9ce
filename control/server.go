package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"puggle/debug/ktrace"
	"puggle/kernel"
)

// maxConns bounds the requests in progress.
const maxConns = 256

// firstLine is how long a caller may take to say what it wants.
const firstLine = 10 * time.Second

// Server is a machine's end of the socket.
type Server struct {
	Name string
	Sys  *kernel.System // once booted is closed

	booted         chan struct{}
	sock, lockName string
	lock           *os.File
	l              *net.UnixListener
	tracers        ktrace.Mux
	bus            bus
	stop           chan struct{} // closed when somebody asked for the end
	idle           sync.WaitGroup

	mu        sync.Mutex
	conns     map[*conn]bool
	accepting bool
	asked     bool // for the end: stop is closed
	again     bool // it starts again, and can't be asked for its end any more
	done      bool

	debuggers map[net.Conn]bool // connections that speak gdb's protocol
}

// Listen takes a machine's name and makes its socket, before the machine is
// booted. It fails if a machine of that name runs.
func Listen(name string) (*Server, error) {
	sock, lock, err := place(name)
	if err != nil {
		return nil, err
	}
	f, err := hold(lock)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("a machine named %q runs already (puggle shutdown -n %s ends it)", name, name)
	}
	if err != nil {
		return nil, err
	}
	os.Remove(sock) // whoever made it is dead: we have the lock
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: sock, Net: "unix"})
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Server{Name: name, sock: sock, lockName: lock, lock: f, l: l, booted: make(chan struct{}), stop: make(chan struct{}), conns: map[*conn]bool{}}, nil
}

// Path is the socket's.
func (s *Server) Path() string { return s.sock }

// Stopped is closed when a caller has asked for the machine's end.
func (s *Server) Stopped() <-chan struct{} { return s.stop }

// Serve answers callers until Close; if ServeMonitor does that, it returns.
func (s *Server) Serve(sys *kernel.System) {
	s.Sys = sys
	close(s.booted)
	s.ServeMonitor()
}

// ServeMonitor is Serve before there is a system, while somebody is at the ROM monitor: until
// Serve, callers get what says so, and may ask for the end.
func (s *Server) ServeMonitor() {
	s.mu.Lock()
	already := s.accepting
	s.accepting = true
	s.mu.Unlock()
	if already {
		return
	}
	for {
		c, err := s.l.AcceptUnix()
		if err != nil {
			s.mu.Lock()
			done := s.done
			s.mu.Unlock()
			if done {
				return
			}
			time.Sleep(10 * time.Millisecond) // out of descriptors: let some go
			continue
		}
		cn := &conn{UnixConn: c}
		s.mu.Lock()
		full := len(s.conns) >= maxConns || s.done
		if !full {
			s.conns[cn] = true
			s.idle.Add(1)
		}
		s.mu.Unlock()
		if full {
			cn.send(Reply{Error: "too many requests at once"})
			cn.close()
			continue
		}
		go s.serve(cn)
	}
}

// StartsAgain is for who would start the machine anew in place of this one, at its end. It says
// false if a caller has asked for its end; from a true on such callers are refused.
func (s *Server) StartsAgain() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = !s.asked
	return s.again
}

// Close removes the socket and ends all requests.
func (s *Server) Close() {
	s.mu.Lock()
	s.done = true
	for c := range s.conns {
		c.CloseRead()
	}
	for c := range s.debuggers {
		c.Close()
	}
	s.mu.Unlock()
	s.l.Close()
	os.Remove(s.sock)
	os.Remove(s.lockName)
	idle := make(chan struct{})
	go func() { s.idle.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(2 * time.Second):
	}
	s.lock.Close()
}

// serve is one request.
func (s *Server) serve(c *conn) {
	defer s.idle.Done()
	defer func() {
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		c.close()
	}()
	uid, err := c.peerUID()
	if err != nil || uid != uint32(os.Getuid()) && uid != 0 {
		c.send(Reply{Error: "this machine belongs to another user", Status: 125})
		return
	}
	c.SetReadDeadline(time.Now().Add(firstLine))
	l, err := c.line()
	if err != nil {
		if errors.Is(err, errLong) {
			c.send(Reply{Error: err.Error(), Status: 125})
		}
		return
	}
	c.SetReadDeadline(time.Time{})
	var req Request
	if err := json.Unmarshal(l, &req); err != nil {
		c.send(Reply{Error: "malformed request: " + err.Error(), Status: 125})
		return
	}
	h, ok := ops[req.Op]
	if !ok {
		c.send(Reply{Error: fmt.Sprintf("this machine knows no operation %q (is it of another version?)", req.Op), Status: 125})
		return
	}
	select {
	case <-s.booted:
	default:
		if h = unbooted[req.Op]; h == nil {
			c.send(Reply{Error: fmt.Sprintf("machine %q has not booted: it is at the ROM monitor", s.Name), Status: 125})
			return
		}
	}
	r := &request{Server: s, conn: c, args: req.Args, ended: make(chan struct{})}
	defer close(r.ended)
	v, err := h(r)
	if err != nil {
		rep := Reply{Error: err.Error(), Status: 1}
		var re *RemoteError
		var se *kernel.StartError
		switch {
		case errors.As(err, &re):
			rep.Status = re.Status
		case errors.As(err, &se):
			rep.Status = se.Status
		}
		c.send(rep)
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		c.send(Reply{Error: err.Error(), Status: 125})
		return
	}
	c.send(Reply{Result: b})
}

// request is a request in progress.
type request struct {
	*Server
	conn  *conn
	args  json.RawMessage
	ended chan struct{} // closed when the request has been answered
}

// decode reads the arguments; what they don't know is an error.
func (r *request) decode(v any) error {
	if len(r.args) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(r.args))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return &RemoteError{"malformed arguments: " + err.Error(), 125}
	}
	return nil
}

// event tells the caller something before the end.
func (r *request) event(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return r.conn.send(Reply{Event: b})
}
