package ipc

import (
	"bytes"
	"encoding/binary"
	"testing"

	"puggle/abi"
)

func msg25(simple bool, local, remote abi.PortName, id int32, items ...[]byte) []byte {
	b := make([]byte, 24)
	if simple {
		b[3] = 1
	}
	put32(b, 12, uint32(local))
	put32(b, 16, uint32(remote))
	put32(b, 20, uint32(id))
	for _, it := range items {
		b = append(b, it...)
	}
	put32(b, 4, uint32(len(b)))
	return b
}

// item25 is a short type word and its data.
func item25(name, size, number uint32, inline bool, data []byte) []byte {
	w := name | size<<8 | number<<16
	if inline {
		w |= 1 << 28
	}
	return append(binary.LittleEndian.AppendUint32(nil, w), data...)
}

func (t *task) send25(b []byte, option uint32) abi.KernReturn {
	t.mem.CopyOut(base, b)
	return t.MsgSend(t.th, t.mem, t.mem, base, option, 0)
}

func (t *task) recv25(n abi.PortName, room, option uint32) ([]byte, abi.KernReturn) {
	b := make([]byte, max(room, 24))
	put32(b, 4, room)
	put32(b, 12, uint32(n))
	t.mem.CopyOut(rcvAt, b)
	kr := t.MsgReceive(t.th, t.mem, t.mem, rcvAt, abi.RCV_TIMEOUT|option, 0)
	t.mem.CopyIn(b, rcvAt)
	return b, kr
}

func name4(n abi.PortName) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

// A size that wraps when it is rounded is too large, not 0.
func TestMach25Size(t *testing.T) {
	leakCheck(t)
	a := newTask()
	defer a.Terminate()
	p, _ := a.PortAllocate()
	for size, kr := range map[uint32]abi.KernReturn{0: abi.SEND_MSG_TOO_SMALL, 23: abi.SEND_MSG_TOO_SMALL, ^uint32(0): abi.SEND_MSG_TOO_LARGE,
		^uint32(2): abi.SEND_MSG_TOO_LARGE, ^uint32(3): abi.SEND_MSG_TOO_LARGE, MaxBody + 1: abi.SEND_MSG_TOO_LARGE} {
		m := msg25(true, 0, p, 1)
		put32(m, 4, size)
		want(t, "msg_send", a.send25(m, 0), kr)
	}
}

func TestMach25(t *testing.T) {
	leakCheck(t)
	a, b := newTask(), newTask()
	defer a.Terminate()
	defer b.Terminate()
	p, kr := b.PortAllocate()
	want(t, "port_allocate", kr, 0)
	s := give(t, b, p, a, copySend)
	mine, _ := a.PortAllocate()

	// Simple, with a reply port.
	want(t, "msg_send", a.send25(msg25(true, mine, s, 5, []byte("four")), 0), 0)
	m, kr := b.recv25(p, 100, 0)
	want(t, "msg_receive", kr, 0)
	if m[3] != 1 || get32(m, 4) != 28 || get32(m, 12) != uint32(p) || get32(m, 20) != 5 || string(m[24:28]) != "four" {
		t.Fatalf("% x", m[:28])
	}
	reply := abi.PortName(get32(m, 16))
	want(t, "reply", b.send25(msg25(true, 0, reply, 6), 0), 0)
	_, kr = a.recv25(mine, 100, 0)
	want(t, "reply received", kr, 0)

	// Ports inline, memory out of line; to both kinds of receiver.
	third, _ := a.PortAllocate()
	ptr := binary.LittleEndian.AppendUint64(nil, uint64(base)+0x100)
	copy(a.mem.b[0x100:], "out of line!")
	body := func() []byte {
		return msg25(false, 0, s, 7, item25(abi.MSG_TYPE_PORT, 32, 1, true, name4(third)),
			item25(abi.MSG_TYPE_BYTE, 8, 12, false, ptr))
	}
	want(t, "complex", a.send25(body(), 0), 0)
	m, kr = b.recv25(p, 100, 0)
	want(t, "complex received", kr, 0)
	got := abi.PortName(get32(m, 28))
	if ty, _ := b.Type(got); ty != abi.MACH_PORT_TYPE_SEND || m[3] != 0 {
		t.Errorf("type %#x", ty)
	}
	if r := b.mem.find(rcvAddr(m[36:]), 12); !bytes.Equal(r, []byte("out of line!")) {
		t.Errorf("memory %q", r)
	}
	want(t, "complex", a.send25(body(), 0), 0)
	m, kr = b.poll(p)
	want(t, "by mach_msg", kr, 0)
	if get32(m, 24) != 2 || abi.PortName(get32(m, 28)) != got || get32(m, 40+12) != 12 {
		t.Errorf("% x", m[:60])
	}
	// And from mach_msg.
	d := [][]byte{portDesc(third, makeSend), oolDesc(base+0x100, 12, 1, 0, 1, false)}
	want(t, "mach_msg", a.send(msg{bits: hbits(copySend, 0), remote: s, descs: d, data: []byte("tail")}, 0, 0), 0)
	m, kr = b.recv25(p, 100, 0)
	want(t, "by msg_receive", kr, 0)
	if abi.PortName(get32(m, 36)) != got || string(m[72:76]) != "tail" || get32(m, 4) != 76 {
		t.Errorf("% x", m[:76])
	}

	// A receive right moves.
	want(t, "move", a.send25(msg25(false, 0, s, 8, item25(abi.MSG_TYPE_PORT_ALL, 32, 1, true, name4(third))), 0), 0)
	m, kr = b.recv25(p, 100, 0)
	want(t, "moved", kr, 0)
	if ty, _ := b.Type(abi.PortName(get32(m, 28))); ty != abi.MACH_PORT_TYPE_SEND_RECEIVE {
		t.Errorf("type %#x", ty)
	}

	// Errors.
	want(t, "port", a.send25(msg25(true, 0, 0x7703, 0), 0), abi.SEND_INVALID_PORT)
	want(t, "reply port", a.send25(msg25(true, 0x7703, s, 0), 0), abi.SEND_INVALID_PORT)
	want(t, "cut", a.send25(msg25(false, 0, s, 0, item25(abi.MSG_TYPE_BYTE, 8, 9, true, name4(0))), 0), abi.SEND_MSG_TOO_SMALL)
	want(t, "memory", a.send25(msg25(false, 0, s, 0, item25(abi.MSG_TYPE_BYTE, 8, 9, false, make([]byte, 8))), 0), abi.SEND_INVALID_MEMORY)
	want(t, "right", a.send25(msg25(false, 0, s, 0, item25(abi.MSG_TYPE_PORT, 32, 1, true, name4(0x7703))), 0), abi.SEND_INVALID_PORT)
	_, kr = b.recv25(p, 100, 0)
	want(t, "empty", kr, abi.RCV_TIMED_OUT)
	_, kr = b.recv25(0x7703, 100, 0)
	want(t, "receive port", kr, abi.RCV_INVALID_PORT)
	want(t, "send", a.send25(body(), 0), 0)
	m, kr = b.recv25(p, 30, abi.RCV_LARGE)
	want(t, "large", kr, abi.RCV_TOO_LARGE)
	if get32(m, 4) != 44 {
		t.Errorf("needs %d", get32(m, 4))
	}
	_, kr = b.recv25(p, 30, 0)
	want(t, "too large", kr, abi.RCV_TOO_LARGE)
	want(t, "backlog", b.PortSetBacklog(p, 1), 0)
	want(t, "backlog range", b.PortSetBacklog(p, 17), abi.KERN_INVALID_ARGUMENT)
	want(t, "send", a.send25(body(), 0), 0)
	want(t, "full", a.send25(body(), abi.SEND_TIMEOUT), abi.SEND_TIMED_OUT)
	k, _ := AllocKernel(nil, abi.IKOT_HOST, func(*Port, *Kmsg) *Kmsg { return nil })
	ks := a.CopyOut(k.MakeSend(), moveSend)
	want(t, "kernel", a.send25(msg25(true, mine, ks, 0), 0), abi.SEND_KERNEL_REFUSED)
	k.DestroyKernel()

	// Sets: a port is in one at the most.
	s1, _ := b.PortSetAllocate()
	s2, _ := b.PortSetAllocate()
	want(t, "add", b.PortSetAdd(s1, p), 0)
	want(t, "add elsewhere", b.PortSetAdd(s2, p), 0)
	if in, _ := b.PortSetStatus(s1); len(in) != 0 {
		t.Errorf("still in %v", in)
	}
	if st, kr := b.PortStatus(p); kr != 0 || st != (PortStatus25{s2, 1, 1, true}) {
		t.Errorf("%+v %v", st, kr)
	}
	_, kr = b.recv25(s2, 100, 0)
	want(t, "by set", kr, 0)
	want(t, "remove", b.PortSetRemove(p), 0)
	want(t, "remove again", b.PortSetRemove(p), abi.KERN_NOT_IN_SET)
	want(t, "not receiver", a.PortSetAdd(s, s), abi.KERN_NOT_RECEIVER)
	want(t, "set", b.PortDeallocate(s2), abi.KERN_INVALID_ARGUMENT)
	want(t, "deallocate set", b.PortSetDeallocate(s2), 0)
	want(t, "deallocate", b.PortDeallocate(p), 0)
	want(t, "dead", a.send25(msg25(true, 0, s, 0), 0), abi.SEND_INVALID_PORT)
}
