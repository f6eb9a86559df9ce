package net

import (
	"bytes"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// BpfUnits is how many /dev/bpf* there are.
const BpfUnits = 16

// BpfDevices are /dev/bpf0 and so on.
type BpfDevices struct {
	n    *Net
	used [BpfUnits]atomic.Bool
}

// Bpf gives the machine's.
func (n *Net) Bpf() *BpfDevices { return &BpfDevices{n: n} }

// Open is bpfopen: EBUSY while somebody else has the unit, ENXIO for one that is not there.
func (d *BpfDevices) Open(unit int) (sys.FileOps, abi.Errno) {
	if unit < 0 || unit >= BpfUnits {
		return nil, abi.ENXIO
	}
	if !d.used[unit].CompareAndSwap(false, true) {
		return nil, abi.EBUSY
	}
	return &bpfDev{n: d.n, used: &d.used[unit], size: abi.BPF_BUFSIZE, seeSent: true}, 0
}

// bpfDev is an open /dev/bpf* (struct bpf_d). Packets go into store; a read takes hold, which was store
// when it was full, or when somebody asked in immediate mode or waited for as long as timeout.
type bpfDev struct {
	n    *Net
	used *atomic.Bool

	change sync.Mutex // held while index changes; before mu

	mu          sync.Mutex
	size        int
	store, hold []byte
	filter      *bpfFilter
	index       int // of the interface; 0 is none
	timeout     time.Duration
	immediate   bool
	seeSent     bool
	complete    bool // BIOCSHDRCMPLT, kept
	recv, drop  uint32
	arrived     sched.WaitQueue
	list        sys.Klist
}

func (d *bpfDev) Type() sys.DType { return sys.DTypeVnode }

func (d *bpfDev) Stat(*sys.Context, *abi.Stat) abi.Errno { return abi.ENOTSUP }

// Close gives the unit back.
func (d *bpfDev) Close(*sys.Context) abi.Errno {
	d.change.Lock()
	d.detach()
	d.change.Unlock()
	d.used.Store(false)
	return 0
}

// detach leaves the interface; change is held, and mu is not: the stack calls HandlePacket with a lock
// that it takes here, too.
func (d *bpfDev) detach() {
	d.mu.Lock()
	index := d.index
	d.index, d.store, d.hold = 0, nil, nil
	d.mu.Unlock()
	if index != 0 {
		d.n.stack.UnregisterPacketEndpoint(tcpip.NICID(index), header.EthernetProtocolAll, d)
	}
}

// attach is BIOCSETIF: ENXIO for an interface that is not there.
func (d *bpfDev) attach(name string) abi.Errno {
	s := d.n.get()
	f := d.n.ifByName(name)
	if s == nil || f == nil || f.Clone {
		return abi.ENXIO
	}
	d.change.Lock()
	defer d.change.Unlock()
	if d.mu.Lock(); f.Index == d.index {
		d.mu.Unlock()
		return 0
	}
	d.mu.Unlock()
	d.detach()
	if errno(s.RegisterPacketEndpoint(tcpip.NICID(f.Index), header.EthernetProtocolAll, d)) != 0 {
		return abi.ENXIO
	}
	d.mu.Lock()
	d.index = f.Index
	d.mu.Unlock()
	return 0
}

// dlt is what stands before a packet: nothing on Ethernet, whose frames have no header inside the machine.
func (d *bpfDev) dlt() uint32 {
	if d.index == en0 {
		return abi.DLT_RAW
	}
	return abi.DLT_NULL
}

// HandlePacket is bpf_tap. A packet of the loopback goes out and comes in: it is seen once.
func (d *bpfDev) HandlePacket(nic tcpip.NICID, proto tcpip.NetworkProtocolNumber, pkt *stack.PacketBuffer) {
	out := pkt.PktType == tcpip.PacketOutgoing
	if int(nic) == lo0 && !out {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.index != int(nic) || out && !d.seeSent && int(nic) != lo0 {
		return
	}
	var b []byte
	if d.dlt() == abi.DLT_NULL {
		family := uint32(abi.AF_INET)
		if proto == header.IPv6ProtocolNumber {
			family = abi.AF_INET6
		}
		b = binary.LittleEndian.AppendUint32(b, family)
	}
	for _, part := range pkt.AsSlices() {
		b = append(b, part...)
	}
	d.recv++
	if n := d.filter.run(b); n > 0 {
		d.catch(b, int(min(uint64(n), uint64(len(b)))))
	}
}

// bpfAlign is BPF_WORDALIGN.
func bpfAlign(n int) int { return (n + 3) &^ 3 }

// catch is catchpacket, with mu held: struct bpf_hdr and the packet's first n bytes.
func (d *bpfDev) catch(pkt []byte, n int) {
	link := 0
	if d.dlt() == abi.DLT_NULL {
		link = 4
	}
	hlen := bpfAlign(link+abi.SizeofBpfHdr) - link
	n = min(n, d.size-hlen)
	if at := bpfAlign(len(d.store)); at+hlen+n > d.size {
		if d.hold != nil {
			d.drop++
			return
		}
		d.rotate()
	} else {
		d.store = append(d.store, make([]byte, at-len(d.store))...)
	}
	now := time.Now()
	b := binary.LittleEndian.AppendUint32(d.store, uint32(now.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(now.Nanosecond()/1000))
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(pkt)))
	b = binary.LittleEndian.AppendUint16(b, uint16(hlen))
	b = append(b, make([]byte, hlen-abi.SizeofBpfHdr)...)
	d.store = append(b, pkt[:n]...)
	if d.immediate {
		d.wake()
	}
}

// rotate is ROTATE_BUFFERS: what was stored can be read.
func (d *bpfDev) rotate() {
	d.hold, d.store = d.store, nil
	d.wake()
}

func (d *bpfDev) wake() {
	d.arrived.WakeupAll(sched.Awakened)
	d.list.Notify(0)
}

// Read is bpfread: a buffer full of packets. EINVAL unless the caller's is as large as the device's; ENXIO
// without an interface; EAGAIN when nothing is there and the caller would not wait; no bytes after the
// time-out.
func (d *bpfDev) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.index == 0 {
		return abi.ENXIO
	}
	if u.Resid != int64(d.size) {
		return abi.EINVAL
	}
	until := sched.Forever
	if d.timeout > 0 {
		until = sched.After(d.timeout)
	}
	for d.hold == nil {
		if len(d.store) > 0 && (d.immediate || flags&abi.O_NONBLOCK != 0) {
			d.rotate()
			break
		}
		if flags&abi.O_NONBLOCK != 0 {
			return abi.EAGAIN
		}
		switch sched.Sleep(ctx.Thread, &d.arrived, &d.mu, sched.Interruptible, until) {
		case sched.Interrupted:
			return abi.EINTR
		case sched.TimedOut:
			if d.hold == nil && len(d.store) == 0 {
				return 0
			}
			if d.hold == nil {
				d.rotate()
			}
		}
		if d.n.ifByIndex(d.index) == nil {
			return abi.ENXIO
		}
	}
	u.CopyIn(d.hold)
	d.hold = nil
	return 0
}

// Write is bpfwrite: the packet goes out by the interface, with what stands before it there.
func (d *bpfDev) Write(_ *sys.Context, u *sys.Uio, _ int) abi.Errno {
	d.mu.Lock()
	index, raw := d.index, d.dlt() == abi.DLT_RAW
	d.mu.Unlock()
	f := d.n.ifByIndex(index)
	if f == nil {
		return abi.ENXIO
	}
	if u.Resid == 0 {
		return 0
	}
	if u.Resid > int64(f.MTU)+4 {
		return abi.EMSGSIZE
	}
	b := make([]byte, u.Resid)
	u.CopyOut(b)
	if !raw {
		if len(b) < 4 {
			return abi.EMSGSIZE
		}
		b = b[4:]
	}
	if len(b) == 0 {
		return abi.EMSGSIZE
	}
	proto := header.IPv4ProtocolNumber
	if b[0]>>4 == 6 {
		proto = header.IPv6ProtocolNumber
	}
	return errno(d.n.stack.WriteRawPacket(tcpip.NICID(index), proto, buffer.MakeWithData(b)))
}

// copier is the caller's memory, as ctx.Proc has it.
type copier interface {
	CopyIn(b []byte, addr uint64) abi.Errno
}

// setFilter is bpf_setf.
func (d *bpfDev) setFilter(ctx *sys.Context, data []byte) abi.Errno {
	n, addr := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint64(data[8:])
	if n > abi.BPF_MAXINSNS {
		return abi.EINVAL
	}
	code := make([]byte, n*abi.SizeofBpfInsn)
	if n > 0 {
		p, ok := ctx.Proc.(copier)
		if !ok {
			return abi.EFAULT
		}
		if e := p.CopyIn(code, addr); e != 0 {
			return e
		}
	}
	f, e := newBpfFilter(code)
	if e != 0 {
		return e
	}
	d.mu.Lock()
	d.filter = f
	d.mu.Unlock()
	return 0
}

// Ioctl is bpfioctl. ENOTTY for what is not in <net/bpf.h>, or not there.
func (d *bpfDev) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	if cmd == abi.BIOCSETF || cmd == abi.BIOCSETFNR {
		if e := d.setFilter(ctx, data); e != 0 || cmd == abi.BIOCSETFNR {
			return e
		}
		cmd = abi.BIOCFLUSH
	}
	le := binary.LittleEndian
	flag := func(b bool) {
		le.PutUint32(data, 0)
		if b {
			data[0] = 1
		}
	}
	if cmd == abi.BIOCSETIF {
		name, _, _ := bytes.Cut(data[:abi.IFNAMSIZ], []byte{0})
		return d.attach(string(name))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch cmd {
	case abi.BIOCGBLEN:
		le.PutUint32(data, uint32(d.size))
	case abi.BIOCSBLEN:
		if d.index != 0 {
			return abi.EINVAL // too late
		}
		d.size = int(min(max(le.Uint32(data), abi.BPF_MINBUFSIZE), abi.BPF_MAXBUFSIZE))
		le.PutUint32(data, uint32(d.size))
	case abi.BIOCFLUSH:
		d.store, d.hold, d.recv, d.drop = nil, nil, 0, 0
	case abi.BIOCPROMISC:
		if d.index == 0 {
			return abi.EINVAL // all packets there are come anyway
		}
	case abi.BIOCGDLT:
		if d.index == 0 {
			return abi.EINVAL
		}
		le.PutUint32(data, d.dlt())
	case abi.BIOCSDLT:
		if d.index == 0 || le.Uint32(data) != d.dlt() {
			return abi.EINVAL
		}
	case abi.BIOCGETIF:
		f := d.n.ifByIndex(d.index)
		if f == nil {
			return abi.EINVAL
		}
		clear(data)
		copy(data, f.Name)
	case abi.BIOCSRTIMEOUT:
		t, ok := abi.GetTimeval(data)
		if !ok {
			return abi.EINVAL
		}
		d.timeout = t
	case abi.BIOCGRTIMEOUT:
		clear(data)
		le.PutUint64(data, uint64(d.timeout/time.Second))
		le.PutUint32(data[8:], uint32(d.timeout%time.Second/time.Microsecond))
	case abi.BIOCGSTATS:
		le.PutUint32(data, d.recv)
		le.PutUint32(data[4:], d.drop)
	case abi.BIOCIMMEDIATE:
		d.immediate = le.Uint32(data) != 0
	case abi.BIOCVERSION:
		le.PutUint16(data, abi.BPF_MAJOR_VERSION)
		le.PutUint16(data[2:], abi.BPF_MINOR_VERSION)
	case abi.BIOCGHDRCMPLT:
		flag(d.complete)
	case abi.BIOCSHDRCMPLT:
		d.complete = le.Uint32(data) != 0
	case abi.BIOCGSEESENT:
		flag(d.seeSent)
	case abi.BIOCSSEESENT:
		d.seeSent = le.Uint32(data) != 0
	case abi.FIONREAD:
		le.PutUint32(data, uint32(len(d.hold)))
		if d.hold == nil {
			le.PutUint32(data, uint32(len(d.store)))
		}
	default:
		return abi.ENOTTY
	}
	return 0
}

// Filter is bpfkqfilter: reading, which select and poll wait for too. Something can be read when a buffer
// is full, or anything is there in immediate mode or with a time-out, whose length is not waited for.
func (d *bpfDev) Filter(filter int16) sys.Filter {
	if filter != sys.EVFILT_READ {
		return nil
	}
	return bpfReadable{d}
}

type bpfReadable struct{ d *bpfDev }

func (f bpfReadable) Attach(kn *sys.Knote) { f.d.list.Add(kn) }
func (f bpfReadable) Detach(kn *sys.Knote) { f.d.list.Remove(kn) }
func (f bpfReadable) Ready(*sys.Knote) sys.Readiness {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	n := len(f.d.hold)
	if n == 0 && (f.d.immediate || f.d.timeout > 0) {
		n = len(f.d.store)
	}
	return sys.Readiness{Ready: n > 0, Data: int64(n)}
}
