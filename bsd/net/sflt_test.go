package net

import (
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// sflt is a filter that lets everything through.
type sflt struct {
	attach, detach, unregistered func()
}

func call(fn func()) {
	if fn != nil {
		fn()
	}
}

func (s *sflt) Attach(*sys.Context, *socket.Attached) abi.Errno { call(s.attach); return 0 }
func (s *sflt) Detach(*sys.Context, *socket.Attached)           { call(s.detach) }
func (s *sflt) Unregistered(*sys.Context)                       { call(s.unregistered) }

func (s *sflt) Notify(*sys.Context, *socket.Attached, socket.Event, int)            {}
func (s *sflt) Bind(*sys.Context, *socket.Attached, []byte) abi.Errno               { return 0 }
func (s *sflt) Listen(*sys.Context, *socket.Attached) abi.Errno                     { return 0 }
func (s *sflt) ConnectOut(*sys.Context, *socket.Attached, []byte) abi.Errno         { return 0 }
func (s *sflt) ConnectIn(*sys.Context, *socket.Attached, []byte) abi.Errno          { return 0 }
func (s *sflt) Ioctl(*sys.Context, *socket.Attached, uint64, []byte) abi.Errno      { return 0 }
func (s *sflt) Data(*sys.Context, *socket.Attached, bool, *socket.Packet) abi.Errno { return 0 }

func (s *sflt) Name(_ *sys.Context, _ *socket.Attached, _ bool, name []byte) ([]byte, abi.Errno) {
	return name, 0
}

func (s *sflt) Option(_ *sys.Context, _ *socket.Attached, _ bool, _, _ int, val []byte) ([]byte, abi.Errno) {
	return val, 0
}

// filter registers one for sockets of a type.
func filter(t *testing.T, ds *socket.Domains, typ, flags int, ops *sflt) uint32 {
	t.Helper()
	f := &socket.SocketFilter{Handle: 7, Name: "test", Flags: flags, Family: abi.AF_INET, Type: typ, Ops: ops}
	must(t, ds.RegisterFilter(f))
	return f.Handle
}

// TestUDPRefusedFiltered: that one datagram could not be delivered is not the end of a socket with
// a filter.
func TestUDPRefusedFiltered(t *testing.T) {
	ds, _ := newNet(t, Config{})
	filter(t, ds, abi.SOCK_DGRAM, socket.SfltGlobal, &sflt{})
	a, b := open(t, ds, abi.AF_INET, abi.SOCK_DGRAM), open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, b.Bind(newCtx(), loop4(0)))
	port := portOf(t, b)
	b.Close(newCtx())
	must(t, a.Connect(newCtx(), loop4(port), false))
	must(t, write(a, "x"))
	_, e := read(a, 1, 0)
	want(t, e, abi.ECONNREFUSED)

	b = open(t, ds, abi.AF_INET, abi.SOCK_DGRAM)
	must(t, b.Bind(newCtx(), loop4(port)))
	must(t, b.Connect(newCtx(), loop4(portOf(t, a)), false))
	must(t, write(b, "y"))
	if got, e := read(a, 2, 0); got != "y" {
		t.Errorf("%q, %v", got, e)
	}
}
