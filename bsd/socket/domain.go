package socket

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Protosw is a struct protosw: one protocol of a family. Families keep them in
// a list without bound; kernel extensions may add to it.
type Protosw struct {
	Type     int // SOCK_*
	Protocol int // IPPROTO_*; 0 is the local family's only one
	// Any says that a raw socket may ask for any protocol number here.
	Any bool
	// Attach makes the protocol's side of so. It must not sleep.
	Attach func(ctx *sys.Context, so *Socket) (PCB, abi.Errno)
}

// Domain is a struct domain: a protocol family. Its reference count is the
// number of its sockets.
type Domain struct {
	Family int
	Name   string

	mu       sync.Mutex
	protosw  []*Protosw
	refs     atomic.Int64
	layer    *Domains
	pairable bool
}

// Add links a protocol in (net_add_proto). EEXIST if the type and protocol
// are there.
func (d *Domain) Add(p *Protosw) abi.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, q := range d.protosw {
		if q.Type == p.Type && q.Protocol == p.Protocol {
			return abi.EEXIST
		}
	}
	d.protosw = append(d.protosw, p)
	return 0
}

// Del unlinks a protocol (net_del_proto). ENXIO if it is not there, EBUSY while
// the family has sockets.
func (d *Domain) Del(p *Protosw) abi.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, q := range d.protosw {
		if q != p {
			continue
		}
		if d.refs.Load() != 0 {
			return abi.EBUSY
		}
		d.protosw = append(d.protosw[:i:i], d.protosw[i+1:]...)
		return 0
	}
	return abi.ENXIO
}

// Refs is the number of the family's sockets (dom_refs).
func (d *Domain) Refs() int64 { return d.refs.Load() }

// find is pffindproto and pffindtype: the protocol for a type, a zero
// protocol meaning the first of that type.
func (d *Domain) find(typ, proto int) (*Protosw, abi.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := false
	for _, p := range d.protosw {
		if proto != 0 && p.Protocol == proto {
			known = true
		}
		if p.Type == typ && (proto == 0 || p.Protocol == proto || p.Any) {
			return p, 0
		}
	}
	if known {
		return nil, abi.EPROTOTYPE
	}
	if proto == 0 {
		for _, p := range d.protosw {
			if p.Type == typ {
				return p, 0
			}
		}
		return nil, abi.EPROTOTYPE
	}
	return nil, abi.EPROTONOSUPPORT
}

// Domains is the list of protocol families of one machine.
type Domains struct {
	// Names gives local sockets their place in the file system. It may be nil:
	// then binding and finding answer EAFNOSUPPORT. Set it before use.
	Names Namespace
	// SIGIO posts that signal to a process (above 0) or a process group (below)
	// when a socket with FIOASYNC has news. It is called with protocols' locks
	// held and must not wait for them. It may be nil. Set it before use.
	SIGIO func(pgrp int32)
	// Controls is the family AF_SYSTEM.
	Controls *Controls

	mu      sync.Mutex
	domains map[int]*Domain
	local   *local
	ino     atomic.Uint64
}

// NewDomains makes the list with the local family and the one of kernel controls in it.
func NewDomains() *Domains {
	ds := &Domains{domains: map[int]*Domain{}}
	ds.local = newLocal(ds)
	ds.Controls = &Controls{}
	for _, d := range []*Domain{ds.local.domain(), ds.Controls.domain()} {
		if e := ds.Add(d); e != 0 {
			panic("socket: an empty list has a family")
		}
	}
	return ds
}

// Add links a family in (net_add_domain). EEXIST if there is one with its
// number.
func (ds *Domains) Add(d *Domain) abi.Errno {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.domains[d.Family] != nil {
		return abi.EEXIST
	}
	d.layer = ds
	ds.domains[d.Family] = d
	return 0
}

// Del unlinks a family (net_del_domain). EBUSY while it has sockets, ENXIO if
// it is not there.
func (ds *Domains) Del(d *Domain) abi.Errno {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.domains[d.Family] != d {
		return abi.ENXIO
	}
	if d.refs.Load() != 0 {
		return abi.EBUSY
	}
	delete(ds.domains, d.Family)
	return 0
}

// Lookup is pffinddomain; nil when there is no such family.
func (ds *Domains) Lookup(family int) *Domain {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.domains[family]
}

// New is socket(2): it makes a socket, without a descriptor.
//
// EAFNOSUPPORT for an unknown family, EPROTONOSUPPORT for an unknown protocol,
// EPROTOTYPE when the protocol has another type; or what the protocol says
// (EPERM and EACCES for raw sockets, ENOBUFS).
func (ds *Domains) New(ctx *sys.Context, family, typ, proto int) (*Socket, abi.Errno) {
	d := ds.Lookup(family)
	if d == nil {
		return nil, abi.EAFNOSUPPORT
	}
	p, e := d.find(typ, proto)
	if e != 0 {
		return nil, e
	}
	so := newSocket(d, p, typ, proto)
	pcb, e := p.Attach(ctx, so)
	if e != 0 {
		sockets.Add(-1)
		return nil, e
	}
	so.pcb = pcb
	so.setCreator(ctx)
	d.refs.Add(1)
	return so, 0
}

// Pair is socketpair(2): two sockets connected to each other. EOPNOTSUPP for a
// family other than the local one.
func (ds *Domains) Pair(ctx *sys.Context, family, typ, proto int) (a, b *Socket, e abi.Errno) {
	if a, e = ds.New(ctx, family, typ, proto); e != 0 {
		return nil, nil, e
	}
	if b, e = ds.New(ctx, family, typ, proto); e != 0 {
		a.Close(ctx)
		return nil, nil, e
	}
	pa, ok := a.pcb.(*unixPCB)
	if !ok {
		e = abi.EOPNOTSUPP
	} else {
		e = ds.local.pair(pa, b.pcb.(*unixPCB))
	}
	if e != 0 {
		a.Close(ctx)
		b.Close(ctx)
		return nil, nil, e
	}
	return a, b, 0
}

// Adopt makes the socket of a connection that a protocol has accepted: same
// family, protocol and inheritable options as its listener, without a
// descriptor.
func (so *Socket) Adopt(pcb func(*Socket) PCB) *Socket {
	n := newSocket(so.domain, so.proto, so.typ, so.protocol)
	so.mu.Lock()
	n.options = so.options &^ abi.SO_ACCEPTCONN
	n.noSigpipe = so.noSigpipe
	n.sndTimeo, n.rcvTimeo = so.sndTimeo, so.rcvTimeo
	n.lingerTicks = so.lingerTicks
	n.sndHiwat, n.rcvHiwat = so.sndHiwat, so.rcvHiwat
	n.sndLowat, n.rcvLowat = so.sndLowat, so.rcvLowat
	n.creatorPID, n.creator = so.creatorPID, so.creator
	so.mu.Unlock()
	n.pcb = pcb(n)
	so.domain.refs.Add(1)
	return n
}
