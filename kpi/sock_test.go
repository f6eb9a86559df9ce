package kpi

import (
	"strings"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
)

// TestSockets: an extension serves datagrams and connections by sockets of its own, and asks; while it has
// one it can't be unloaded.
func TestSockets(t *testing.T) {
	x := newFrames(t)
	x.e = load(t, x.KernelTask, "socks.o")
	const port = 4321
	if v := x.run("serve", port); v != 0 {
		t.Fatalf("serve: %d\n%s", v, x.Messages.String())
	}
	handles := x.Handles()
	if v := x.run("ask", port); v != 0 {
		t.Errorf("ask: %d\n%s", v, x.Messages.String())
	}
	if n := x.Handles(); n != handles {
		t.Errorf("%d handles, were %d", n, handles)
	}
	so := x.socket(abi.AF_INET, abi.SOCK_DGRAM, 0)
	so.Setsockopt(x.ctx(), abi.SOL_SOCKET, abi.SO_RCVTIMEO, []byte{20, 15: 0})
	so.Connect(x.ctx(), local(port), false)
	for _, words := range []string{"one", "two", strings.Repeat("x", 1500)} {
		so.Write(x.ctx(), sys.NewUio([]byte(words)), 0)
		x.receive(so, words)
	}
	for i := range 2 {
		c := x.socket(abi.AF_INET, abi.SOCK_STREAM, 0)
		c.Setsockopt(x.ctx(), abi.SOL_SOCKET, abi.SO_RCVTIMEO, []byte{20, 15: 0})
		if e := c.Connect(x.ctx(), local(port), false); e != 0 {
			t.Fatal(e)
		}
		for _, words := range []string{"hello", "again"} {
			c.Write(x.ctx(), sys.NewUio([]byte(words)), 0)
			x.receive(c, words)
		}
		c.Shutdown(x.ctx(), abi.SHUT_WR)
		x.receive(c, "") // the server's end
		x.until("the end", func() bool { return x.count(1) == i+1 })
	}
	var refs []string
	for _, r := range x.e.References() {
		if r.Kind != "thread" {
			refs = append(refs, r.Kind+" "+r.Name)
		}
	}
	if got := strings.Join(refs, ", "); got != "socket socks.o`accepts+0x0, socket socks.o`echo+0x0" {
		t.Errorf("what holds the extension: %s", got)
	}
	if v := x.run("end"); v != 0 {
		t.Errorf("%d things went wrong\n%s", v, x.Messages.String())
	}
	x.until("references", func() bool { return len(x.e.References()) == 0 })
}
