package server

import (
	"encoding/binary"
	"testing"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
)

// newNotification is one that waits for a service of a name, armed.
func newNotification(t *testing.T, m *setup, to *ipc.Port) *notification {
	n := &notification{s: m.s, wake: &wake{port: to}, kind: typePublish}
	note, l, kr := m.r.AddNotification(iokit.PublishNotification, iokit.Matching(iokit.NameMatchKey, "none"), n.arrived)
	if kr != 0 || len(l) != 0 {
		t.Fatal(kr, l)
	}
	n.note = note
	if n.next() != nil {
		t.Fatal("something came")
	}
	return n
}

// TestWakeFails is of a message that can't be sent: the notification stays armed for the next one.
func TestWakeFails(t *testing.T) {
	m := boot(t)
	n := newNotification(t, m, ipc.Dead)
	n.arrived(m.r.Root())
	if !n.armed {
		t.Error("the program wasn't told, and would not be told any more")
	}
	n.end()
}

// TestWakeReleased is of a driver that completes a call whose port was given back.
func TestWakeReleased(t *testing.T) {
	p, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != 0 {
		t.Fatal(kr)
	}
	defer p.DestroyKernel()
	a := &async{wake: &wake{port: p.MakeSend()}}
	a.Release()
	a.Release()
	if kr := a.Complete(0, nil); kr != abi.MACH_SEND_INVALID_DEST {
		t.Errorf("a completion after the release: %v", kr)
	}
	if p.HasSenders() {
		t.Error("somebody still has a right")
	}
}

// TestOwnPort is of a connection that is given a right to itself as notification port, which would keep it for ever.
func TestOwnPort(t *testing.T) {
	m := boot(t)
	conn := m.ports[5]
	user, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != 0 {
		t.Fatal(kr)
	}
	defer user.DestroyKernel()
	b := append(append([]byte{}, abi.NDRRecord[:]...), make([]byte, 4+8)...) // kind, reference
	for _, x := range []struct {
		to   *ipc.Port
		want abi.KernReturn
	}{{ipc.CopySend(conn), iokit.IOReturnBadArgument}, {user.MakeSend(), abi.KERN_SUCCESS}} {
		d := []ipc.Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: x.to}}
		r := m.call(t, conn, 2867, d, b)
		if got := abi.KernReturn(binary.LittleEndian.Uint32(r.Body()[8:])); got != x.want {
			t.Errorf("set_notification_port: %#x, not %#x", got, x.want)
		}
		r.Destroy()
	}
}
