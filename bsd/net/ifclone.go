package net

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Interfaces that are made and unmade by root (SIOCIFCREATE, SIOCIFDESTROY). The
// only kind is vlan, which here can't be given a parent or an address: it is in the
// lists, down, and carries nothing.

const (
	cloneName = "vlan"
	maxClones = 256
)

// interfaces are those of now; the list is never changed, but replaced.
func (n *Net) interfaces() []*Ifnet { return *n.ifs.Load() }

// wayOut is the interface by which packets leave, the loopback where none does.
func (n *Net) wayOut() *Ifnet {
	if f := n.ifByIndex(en0); f != nil {
		return f
	}
	return n.ifByIndex(lo0)
}

// cloneUnit takes the number out of an interface's name: none is any, -1.
func cloneUnit(name string) (unit int, ok bool) {
	num, ok := strings.CutPrefix(name, cloneName)
	if !ok || num == "" {
		return -1, ok
	}
	u, err := strconv.ParseUint(num, 10, 15)
	return int(u), err == nil && strconv.FormatUint(u, 10) == num
}

// cloneCreate is SIOCIFCREATE; it writes the name that was chosen. EPERM, EINVAL
// for a name of no such kind, EEXIST, ENOSPC.
func (n *Net) cloneCreate(ctx *sys.Context, name string, out []byte) abi.Errno {
	if ctx.Cred == nil || !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	unit, ok := cloneUnit(name)
	if !ok {
		return abi.EINVAL
	}
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	clones := 0
	for _, f := range n.interfaces() {
		if f.Clone {
			clones++
		}
	}
	if clones >= maxClones {
		return abi.ENOSPC
	}
	for free := 0; unit < 0; free++ {
		if n.ifByName(cloneName+strconv.Itoa(free)) == nil {
			unit = free
		}
	}
	name = cloneName + strconv.Itoa(unit)
	if n.ifByName(name) != nil {
		return abi.EEXIST
	}
	n.attachIf(&Ifnet{Name: name, Type: abi.IFT_L2VLAN, MTU: 1500, Lladdr: make([]byte, 6), Clone: true,
		Flags: abi.IFF_BROADCAST | abi.IFF_SIMPLEX | abi.IFF_MULTICAST})
	clear(out)
	copy(out, name)
	return 0
}

// cloneDestroy is SIOCIFDESTROY. EPERM, ENXIO for no such interface, EOPNOTSUPP for
// one that was not made by SIOCIFCREATE.
func (n *Net) cloneDestroy(ctx *sys.Context, name string) abi.Errno {
	if ctx.Cred == nil || !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	n.cloneMu.Lock()
	defer n.cloneMu.Unlock()
	f := n.ifByName(name)
	switch {
	case f == nil:
		return abi.ENXIO
	case !f.Clone:
		return abi.EOPNOTSUPP
	}
	n.detachIf(f)
	return 0
}

// ifInfo is an RTM_IFINFO message, or an RTM_IFINFO2.
func (n *Net) ifInfo(f *Ifnet, second bool) []byte {
	le := binary.LittleEndian
	typ, size := byte(abi.RTM_IFINFO), abi.IfMsghdrSize
	if second {
		typ, size = abi.RTM_IFINFO2, abi.IfMsghdr2Size
	}
	return rtMessage(typ, size, func(h []byte) {
		le.PutUint32(h[4:], abi.RTA_IFP)
		le.PutUint32(h[8:], f.Flags)
		le.PutUint16(h[12:], uint16(f.Index))
		data := h[16:]
		if second {
			le.PutUint32(h[20:], 128) // longest send queue
			data = h[32:]
		}
		data[0], data[3] = f.Type, byte(len(f.Lladdr))
		if len(f.Lladdr) > 0 {
			data[4] = 14
		}
		le.PutUint32(data[8:], f.MTU)
		n.counters(f, data[16:], second)
	}, f.sockaddrDl())
}

// outgoing is ifa_withroute: the interface whose network has the gateway.
func (n *Net) outgoing(gw netip.Addr) *Ifnet {
	for _, f := range n.interfaces() {
		for _, p := range f.Addrs {
			if p.Contains(gw) {
				return f
			}
		}
	}
	return nil
}
