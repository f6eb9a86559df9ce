package ipc

import (
	"bytes"
	"testing"
	"time"

	"puggle/abi"
)

func TestSendReceive(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	defer a.Terminate()
	defer b.Terminate()
	pn := b.newPort(t)
	sn := give(t, b, pn, a, abi.MACH_MSG_TYPE_MAKE_SEND)
	rn := a.newPort(t)
	data := []byte("hello, w")
	want(t, "send", a.send(msg{hbits(abi.MACH_MSG_TYPE_COPY_SEND, abi.MACH_MSG_TYPE_MAKE_SEND_ONCE), sn, rn, 7, nil, data}, 0, 0), 0)
	m, kr := b.poll(pn)
	want(t, "receive", kr, 0)
	if get32(m, 0) != hbits(abi.MACH_MSG_TYPE_PORT_SEND_ONCE, abi.MACH_MSG_TYPE_PORT_SEND) {
		t.Errorf("bits %#x", get32(m, 0))
	}
	if get32(m, 4) != 32 || get32(m, 12) != uint32(pn) || get32(m, 20) != 7 || !bytes.Equal(m[24:32], data) {
		t.Errorf("message % x", m[:32])
	}
	reply := abi.PortName(get32(m, 8))
	if ty, _ := b.Type(reply); ty != abi.MACH_PORT_TYPE_SEND_ONCE {
		t.Errorf("reply type %#x", ty)
	}
	want(t, "reply", b.send(msg{bits: hbits(abi.MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), remote: reply, id: 107}, 0, 0), 0)
	want(t, "second reply", b.send(msg{bits: hbits(abi.MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), remote: reply, id: 107}, 0, 0), abi.MACH_SEND_INVALID_DEST)
	m, kr = a.poll(rn)
	want(t, "reply received", kr, 0)
	if get32(m, 20) != 107 || get32(m, 8) != 0 {
		t.Errorf("reply % x", m[:24])
	}
	_, kr = a.poll(rn)
	want(t, "empty", kr, abi.MACH_RCV_TIMED_OUT)
}

func TestBlockingReceive(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	pn := a.newPort(t)
	give(t, a, pn, a, abi.MACH_MSG_TYPE_MAKE_SEND)
	ps, _ := a.Allocate(abi.MACH_PORT_RIGHT_PORT_SET)
	want(t, "insert", a.InsertMember(pn, ps), 0)
	for _, from := range []abi.PortName{pn, ps} {
		r := a.thread()
		done := make(chan abi.KernReturn)
		go func() {
			m, kr := r.recv(from, 0, 0, 100)
			if kr == 0 && get32(m, 20) != 5 {
				kr = abi.KERN_FAILURE
			}
			done <- kr
		}()
		time.Sleep(5 * time.Millisecond)
		want(t, "send", a.send(msg{bits: hbits(abi.MACH_MSG_TYPE_COPY_SEND, 0), remote: pn, id: 5}, 0, 0), 0)
		want(t, "receive", <-done, 0)
	}
}
