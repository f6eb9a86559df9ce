package net

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"sync"

	"puggle/abi"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
)

// Kernel events (<sys/kern_event.h>): raw sockets of the system family from which
// programs read what happens, here to interfaces. A socket gets nothing until it has
// said what it wants (SIOCSKEVFILT).

const (
	kevSendSpace    = 4 << 10
	kevReceiveSpace = 32 << 10
)

// kevSockets are a machine's sockets for events.
type kevSockets struct {
	mu   sync.Mutex
	all  map[*kevPCB]bool
	last uint32 // the number of the last event
}

// kevPCB is a struct kern_event_pcb. What it wants is guarded by kevSockets.mu: a
// vendor, class and subclass, 0 for any.
type kevPCB struct {
	unusable
	messages
	n     *Net
	wants [3]uint32
}

func (n *Net) attachEvent(_ *sys.Context, so *socket.Socket) (socket.PCB, abi.Errno) {
	p := &kevPCB{n: n, messages: messages{so: so}, wants: [3]uint32{0xffffffff}}
	so.Reserve(kevSendSpace, kevReceiveSpace)
	n.kev.mu.Lock()
	defer n.kev.mu.Unlock()
	if n.kev.all == nil {
		n.kev.all = map[*kevPCB]bool{}
	}
	n.kev.all[p] = true
	return p, 0
}

func (p *kevPCB) Close(*sys.Context) {
	p.n.kev.mu.Lock()
	delete(p.n.kev.all, p)
	p.n.kev.mu.Unlock()
}

// Send: nobody posts events from outside the kernel.
func (p *kevPCB) Send(*sys.Context, *socket.Msg) abi.Errno { return abi.EOPNOTSUPP }

func (p *kevPCB) PeerName() ([]byte, abi.Errno) { return nil, abi.ENOTCONN }

// Ioctl is kev_control. SIOCGKEVVENDOR is ENOENT: no vendor but Apple posts events, and
// that has no name.
func (p *kevPCB) Ioctl(_ *sys.Context, cmd uint64, data []byte) abi.Errno {
	le := binary.LittleEndian
	p.n.kev.mu.Lock()
	defer p.n.kev.mu.Unlock()
	switch {
	case cmd == abi.SIOCGKEVID && len(data) >= 4:
		le.PutUint32(data, p.n.kev.last)
	case cmd == abi.SIOCSKEVFILT && len(data) >= 12:
		for i := range p.wants {
			p.wants[i] = le.Uint32(data[4*i:])
		}
	case cmd == abi.SIOCGKEVFILT && len(data) >= 12:
		for i, w := range p.wants {
			le.PutUint32(data[4*i:], w)
		}
	case cmd == abi.SIOCGKEVVENDOR:
		return abi.ENOENT
	default:
		return abi.ENOTSUP
	}
	return 0
}

// post is kev_post_msg for an event of the network.
func (n *Net) post(subclass, code uint32, data []byte) {
	b := n.PostEvent(abi.KEV_VENDOR_APPLE, abi.KEV_NETWORK_CLASS, subclass, code, data)
	if subclass == abi.KEV_DL_SUBCLASS && len(data) >= 24 { // a struct net_event_data
		name, _, _ := bytes.Cut(data[8:24], []byte{0})
		if f := n.ifByName(string(name) + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(data[4:])), 10)); f != nil {
			n.tellFilters(f.Index, b)
		}
	}
}

// PostEvent has the sockets that want it read an event, and gives what they read.
func (n *Net) PostEvent(vendor, class, subclass, code uint32, data []byte) []byte {
	k := &n.kev
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last++
	b := make([]byte, 0, abi.KevHeaderSize+len(data))
	what := [3]uint32{vendor, class, subclass}
	for _, v := range [...]uint32{uint32(cap(b)), what[0], what[1], what[2], k.last, code} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = append(b, data...)
next:
	for p := range k.all {
		for i, w := range p.wants {
			if w != 0 && w != what[i] {
				continue next
			}
		}
		p.deliver(b) // nobody changes b any more
	}
	return b
}
