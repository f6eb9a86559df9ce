package hostile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// victim is a booted machine and its socket.
type victim struct {
	t    *testing.T
	sock string
	null *os.File
}

// send connects and writes a request. An error is the machine's hanging up.
func (v *victim) send(r request) (*net.UnixConn, error) {
	v.t.Helper()
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: v.sock, Net: "unix"})
	if err != nil {
		v.t.Fatalf("no connection: %v", err)
	}
	c.SetDeadline(time.Now().Add(patience))
	b := []byte(r.line)
	if r.files > 0 {
		var fds []int
		for range r.files {
			fds = append(fds, int(v.null.Fd()))
		}
		if _, _, err = c.WriteMsgUnix(b[:1], syscall.UnixRights(fds...), nil); err != nil {
			return c, err
		}
		b = b[1:]
	}
	_, err = c.Write(b)
	return c, err
}

// reply is a line of the machine's.
type reply struct {
	Event, Result json.RawMessage
	Error         string
}

// last reads until a result, an error or the end, and says how it went.
func last(c net.Conn) (l reply, err error) {
	for r := bufio.NewReader(c); ; {
		b, err := r.ReadBytes('\n')
		if err != nil {
			return reply{}, err
		}
		l = reply{}
		if err := json.Unmarshal(b, &l); err != nil || l.Error != "" || l.Result != nil {
			return l, err
		}
	}
}

// roundTrip is a whole request.
func (v *victim) roundTrip(r request) (reply, error) {
	v.t.Helper()
	c, werr := v.send(r)
	defer c.Close()
	l, err := last(c)
	if err == nil && werr != nil && len(r.line) < 4<<20 { // a longer line is not read to its end
		err = fmt.Errorf("hung up before the request was there: %w", werr)
	}
	return l, err
}

// result asks for what is to be answered.
func (v *victim) result(r request) string {
	v.t.Helper()
	l, err := v.roundTrip(r)
	if err != nil || l.Error != "" || len(l.Result) < 2 {
		v.t.Errorf("%v: %v %+v", r, err, l)
	}
	return string(l.Result)
}

// TestControlSocket sends what is no request to a machine's socket, or a bad one, from many
// at once and without an end: each gets an error for an answer, and the machine goes on
// answering and holds no more of the host's descriptors.
func TestControlSocket(t *testing.T) {
	dir := t.TempDir()
	env := append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
	puggleCmd := func(args ...string) *exec.Cmd {
		c := exec.Command(puggle, args...)
		c.Env = env
		return c
	}
	boot := puggleCmd("boot", "--name", "victim")
	var out bytes.Buffer
	boot.Stdout, boot.Stderr = &out, &out
	if err := boot.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- boot.Wait() }()
	defer boot.Process.Kill()
	answers := func() bool { return puggleCmd("ps", "--name", "victim").Run() == nil }
	until(t, "an answer", answers)
	socks, _ := filepath.Glob(dir + "/puggle/victim.sock")
	if len(socks) != 1 {
		t.Fatalf("no socket in %s", dir)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	v := &victim{t, socks[0], null}
	good := func() {
		t.Helper()
		for _, op := range without {
			v.result(ask(op, nil, 0))
		}
		if s := v.result(ask("exec", object{"argv": []string{guest, "hello"}, "env": []string{}, "dir": "/", "fds": []int{2, 0, 1}}, 3)); s != `{"status":0}` {
			t.Errorf("hello: %s", s)
		}
		if s := v.result(ask("sysctl", object{"names": []string{"kern.ostype"}}, 0)); !strings.Contains(s, `"Darwin"`) {
			t.Errorf("sysctl: %s", s)
		}
		v.result(ask("lsmp", object{"pid": 1}, 0))
		v.result(ask("vmmap", object{"pid": 1}, 0))
		v.result(ask("tool", object{"name": "kextstat"}, 0))
		v.result(ask("gdb", nil, 0))
	}
	good()
	held := func() int {
		l, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", boot.Process.Pid))
		return len(l)
	}
	before := held()
	requests := refused()
	for _, r := range requests {
		if l, err := v.roundTrip(r); err != nil || l.Error == "" {
			t.Errorf("%v: %v, result %s", r, err, clip(string(l.Result)))
		}
	}
	t.Logf("%d requests were refused", len(requests))
	// What never becomes a line has no answer.
	for _, s := range []string{"", "{", `{"op":"ps"}`} {
		c, err := v.send(request{s, 2 * len(s)})
		c.CloseWrite()
		if l, rerr := last(c); err != nil || rerr != io.EOF {
			t.Errorf("%q: %v, %v, %+v", s, err, rerr, l)
		}
		c.Close()
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	var open []net.Conn
	for i := range 400 {
		r := requests[rnd.IntN(len(requests))]
		if i > 200 {
			b := []byte(r.line[:min(len(r.line), 200)])
			for range 3 {
				b[rnd.IntN(len(b))] = byte(rnd.Uint32())
			}
			r.line = string(b)
		}
		c, err := v.send(r)
		if err != nil && len(r.line) < 4<<20 {
			// Nobody waits for those that were closed, so many may be in progress.
			if l, rerr := last(c); rerr != nil || l.Error != "too many requests at once" {
				t.Errorf("%v: %v, %v %+v", r, err, rerr, l)
			}
		}
		if i%3 == 0 {
			open = append(open, c)
			continue
		}
		c.Close()
	}
	for _, c := range open {
		c.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("the machine has ended: %v\n%s", err, clip(out.String()))
	default:
	}
	until(t, "an answer afterwards", answers)
	good()
	// A few more: the host's own, of threads and polls, come when they are first used.
	now := held()
	for end := time.Now().Add(20 * time.Second); now > before+4 && time.Now().Before(end); now = held() {
		time.Sleep(100 * time.Millisecond)
	}
	if t.Logf("the machine had %d descriptors, and then %d", before, now); now > before+4 {
		t.Errorf("%d descriptors, then %d", before, now)
	}
	if err := puggleCmd("shutdown", "--name", "victim").Run(); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("boot: %v\n%s", err, clip(out.String()))
		}
	case <-time.After(patience):
		t.Error("never ended")
	}
}
