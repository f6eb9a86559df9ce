package net

import (
	"bytes"
	"encoding/binary"
	"testing"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// TestSocketInfo reads struct socket_info by the offsets of <sys/proc_info.h>, less
// the 136 bytes of its struct vinfo_stat.
func TestSocketInfo(t *testing.T) {
	ds, _ := newNet(t, Config{})
	l, port := listener(t, ds, loop4(0))
	c := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	must(t, c.Connect(newCtx(), loop4(port), false))
	s, _, e := l.Accept(newCtx(), false)
	must(t, e)
	defer s.Close(newCtx())
	cport := portOf(t, c)
	must(t, write(c, "hello"))
	eventually(t, "the bytes arrive", func() bool { return s.PCB().Ready(sys.EVFILT_READ).Data == 5 })
	be, le := binary.BigEndian, binary.LittleEndian
	for _, x := range []struct {
		name         string
		so           *socket.Socket
		state        uint32
		lport, fport uint16
		cc           uint32
	}{
		{"listener", l, abi.TCPS_LISTEN, port, 0, 0},
		{"client", c, abi.TCPS_ESTABLISHED, cport, port, 0},
		{"server", s, abi.TCPS_ESTABLISHED, port, cport, 5},
	} {
		var st abi.Stat
		must(t, x.so.Stat(newCtx(), &st))
		if st.Size != int64(x.cc) || st.Mode&abi.S_IFMT != abi.S_IFSOCK {
			t.Errorf("%s: size %d, mode %o", x.name, st.Size, st.Mode)
		}
		b := x.so.Info()
		pr := b[104:]
		if kind := le.Uint32(b[96:]); kind != 2 || len(b) != 632 {
			t.Errorf("%s: kind %d, %d bytes", x.name, kind, len(b))
		}
		if lp, fp := be.Uint16(pr[4:]), be.Uint16(pr[0:]); lp != x.lport || fp != x.fport {
			t.Errorf("%s: ports %d and %d, want %d and %d", x.name, lp, fp, x.lport, x.fport)
		}
		if st := le.Uint32(pr[80:]); st != x.state {
			t.Errorf("%s: state %d, want %d", x.name, st, x.state)
		}
		if !bytes.Equal(pr[60:64], []byte{127, 0, 0, 1}) || pr[24] != 1 {
			t.Errorf("%s: local address % x", x.name, pr[48:64])
		}
		if cc := le.Uint32(b[48:]); cc != x.cc {
			t.Errorf("%s: %d bytes to read, want %d", x.name, cc, x.cc)
		}
	}
	u := open(t, ds, abi.AF_INET6, abi.SOCK_DGRAM)
	must(t, u.Bind(newCtx(), abi.SockaddrIn6([16]byte{15: 1}, 0, 0)))
	b := u.Info()
	if le.Uint32(b[96:]) != 1 || b[104+24] != 2 || b[104+63] != 1 || be.Uint16(b[108:]) != portOf(t, u) {
		t.Errorf("UDP: % x", b[96:200])
	}
}
