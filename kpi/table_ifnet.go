package kpi

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/net"
)

func init() {
	register("net/kpi_interface.h", "2006", "bsd", []Row{
		{Name: "ifnet_find_by_name", Proto: "errno_t ifnet_find_by_name(const char *ifname, ifnet_t *interface)", Handler: ifnetFind},
		{Name: "ifnet_reference", Proto: "errno_t ifnet_reference(ifnet_t interface)", Handler: ofIfnet(func(*Call, *ifnet) uint64 { return 0 }), Note: "an ifnet_t stays valid, and answers ENXIO when its interface has gone"},
		{Name: "ifnet_release", Proto: "errno_t ifnet_release(ifnet_t interface)", Handler: ofIfnet(func(*Call, *ifnet) uint64 { return 0 })},
		{Name: "ifnet_name", Proto: "const char *ifnet_name(ifnet_t interface)", Handler: ofIfnet(func(_ *Call, i *ifnet) uint64 { return uint64(i.name) })},
		{Name: "ifnet_unit", Proto: "uint32_t ifnet_unit(ifnet_t interface)", Handler: ofIfnet(func(_ *Call, i *ifnet) uint64 { return uint64(i.unit) })},
		{Name: "ifnet_index", Proto: "uint32_t ifnet_index(ifnet_t interface)", Handler: ofIfnet(func(_ *Call, i *ifnet) uint64 { return uint64(i.index) })},
		{Name: "ifnet_family", Proto: "ifnet_family_t ifnet_family(ifnet_t interface)", Handler: ofLiveIfnet(func(_ *Call, f *net.Ifnet) uint64 { return uint64(f.Family()) })},
		{Name: "ifnet_type", Proto: "uint8_t ifnet_type(ifnet_t interface)", Handler: ofLiveIfnet(func(_ *Call, f *net.Ifnet) uint64 { return uint64(f.Type) })},
		{Name: "ifnet_flags", Proto: "uint16_t ifnet_flags(ifnet_t interface)", Handler: ofLiveIfnet(func(_ *Call, f *net.Ifnet) uint64 { return uint64(uint16(f.Flags)) })},
		{Name: "ifnet_mtu", Proto: "uint32_t ifnet_mtu(ifnet_t interface)", Handler: ofLiveIfnet(func(_ *Call, f *net.Ifnet) uint64 { return uint64(f.MTU) })},
		{Name: "ifnet_hdrlen", Proto: "uint8_t ifnet_hdrlen(ifnet_t interface)", Handler: ofLiveIfnet(func(_ *Call, f *net.Ifnet) uint64 {
			if f.Type == abi.IFT_ETHER {
				return 14
			}
			return 4
		})},
		{Name: "ifnet_addrlen", Proto: "uint8_t ifnet_addrlen(ifnet_t interface)", Handler: ofLiveIfnet(func(_ *Call, f *net.Ifnet) uint64 { return uint64(len(f.Lladdr)) })},
		{Name: "ifnet_lladdr_copy_bytes", Proto: "errno_t ifnet_lladdr_copy_bytes(ifnet_t interface, void *lladdr, size_t length)", Handler: ofIfnet(ifnetLladdr)},
	})
	register("net/kpi_interfacefilter.h", "2006", "bsd", []Row{
		{Name: "iflt_attach", Proto: "errno_t iflt_attach(ifnet_t interface, const struct iff_filter *filter, interface_filter_t *filter_ref)", Handler: ofIfnet(ifltAttach)},
		{Name: "iflt_detach", Proto: "void iflt_detach(interface_filter_t filter_ref)", Handler: ifltDetach},
	})
	register("netinet/kpi_ipfilter.h", "2006", "bsd", []Row{
		{Name: "ipf_addv4", Proto: "errno_t ipf_addv4(const struct ipf_filter *filter, ipfilter_t *filter_ref)", Handler: ipfAdd(abi.AF_INET), Note: "sees the fragments of a packet"},
		{Name: "ipf_addv6", Proto: "errno_t ipf_addv6(const struct ipf_filter *filter, ipfilter_t *filter_ref)", Handler: ipfAdd(abi.AF_INET6), Note: "sees the fragments of a packet"},
		{Name: "ipf_remove", Proto: "errno_t ipf_remove(ipfilter_t filter_ref)", Handler: ipfRemove},
		{Name: "ipf_inject_input", Proto: "errno_t ipf_inject_input(mbuf_t data, ipfilter_t filter_ref)", Handler: ipfInject(false), Note: "ENOBUFS when the queue is full"},
		{Name: "ipf_inject_output", Proto: "errno_t ipf_inject_output(mbuf_t data, ipfilter_t filter_ref, ipf_pktopts_t options)", Handler: ipfInject(true), Note: "ENOBUFS when the queue is full; no options"},
	})
	register("sys/kern_event.h", "2006", "bsd", []Row{
		{Name: "kev_vendor_code_find", Proto: "errno_t kev_vendor_code_find(const char *vendor_string, uint32_t *vendor_code)", Handler: kevVendor},
		{Name: "kev_msg_post", Proto: "errno_t kev_msg_post(struct kev_msg *event_msg)", Handler: kevPost},
	})
}

// ifnet is an interface in the hands of code. Interfaces are few, so that none is forgotten.
type ifnet struct {
	h     Addr
	index int
	unit  uint32
	name  Addr // without the unit
}

// ifnets are those that code has asked for, by index, and the names of vendors.
type ifnets struct {
	mu      sync.Mutex
	all     map[int]*ifnet
	vendors []string
}

// ifnetAt gives the handle of an interface; 0 if there is no memory.
func (k *KernelTask) ifnetAt(f *net.Ifnet) *ifnet {
	x := &k.ifnets
	x.mu.Lock()
	defer x.mu.Unlock()
	if i := x.all[f.Index]; i != nil {
		return i
	}
	name, unit := f.SplitName()
	i := &ifnet{index: f.Index, unit: unit}
	var ok bool
	if i.name, ok = k.lend(append([]byte(name), 0)); !ok {
		return nil
	}
	if i.h = k.handle.put(i); i.h == 0 {
		k.alloc.put(i.name)
		return nil
	}
	if x.all == nil {
		x.all = map[int]*ifnet{}
	}
	x.all[f.Index] = i
	return i
}

// ofIfnet is for what has an interface as its first argument.
func ofIfnet(f func(c *Call, i *ifnet) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		i, ok := c.K.handle.get(c.Addr(0)).(*ifnet)
		if !ok {
			if c.Addr(0) == 0 {
				return uint64(abi.EINVAL)
			}
			return c.Panic(hex(c.Addr(0)) + " is no ifnet_t")
		}
		return f(c, i)
	}
}

// ofLiveIfnet is for what an interface tells: 0 when it has gone.
func ofLiveIfnet(f func(c *Call, f *net.Ifnet) uint64) func(*Call) uint64 {
	return ofIfnet(func(c *Call, i *ifnet) uint64 {
		if x := c.K.cfg.Net.ByIndex(i.index); x != nil {
			return f(c, x)
		}
		return 0
	})
}

// ifnetFind: ENXIO for no such interface.
func ifnetFind(c *Call) uint64 {
	name, ok := c.String(0, abi.IFNAMSIZ+1)
	if !ok {
		return c.Panic("ifnet_find_by_name: the name can't be read")
	}
	if c.K.cfg.Net == nil {
		return uint64(abi.ENXIO)
	}
	for _, f := range c.K.cfg.Net.Interfaces() {
		if f.Name != name {
			continue
		}
		i := c.K.ifnetAt(f)
		if i == nil {
			return uint64(abi.ENOMEM)
		}
		c.Put64(c.Addr(1), uint64(i.h))
		return 0
	}
	return uint64(abi.ENXIO)
}

func ifnetLladdr(c *Call, i *ifnet) uint64 {
	f := c.K.cfg.Net.ByIndex(i.index)
	switch {
	case f == nil:
		return uint64(abi.ENXIO)
	case c.Arg(2) != uint64(len(f.Lladdr)):
		return uint64(abi.EMSGSIZE)
	case !c.K.Write(c.Addr(1), f.Lladdr):
		return c.Panic("ifnet_lladdr_copy_bytes: the address can't be stored")
	}
	return 0
}

// maxVendors bounds the names of vendors. XNU's are bounded by memory.
const maxVendors = 1024

// kevVendor gives a name's number, from 1000 on; Apple's own is 1. EINVAL, ENOMEM for too many.
func kevVendor(c *Call) uint64 {
	name, ok := c.String(0, 256)
	if !ok || name == "" {
		return uint64(abi.EINVAL)
	}
	if name == "com.apple" {
		c.Put32(c.Addr(1), abi.KEV_VENDOR_APPLE)
		return 0
	}
	x := &c.K.ifnets
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for n < len(x.vendors) && x.vendors[n] != name {
		n++
	}
	if n == maxVendors {
		return uint64(abi.ENOMEM)
	}
	if n == len(x.vendors) {
		x.vendors = append(x.vendors, name)
	}
	c.Put32(c.Addr(1), uint32(firstVendor+n))
	return 0
}

const firstVendor = 1000

// struct kev_msg (<sys/kern_event.h>): four words, and vectors of a length and a pointer, as far as
// there are lengths.
const (
	kevVectors = 16
	kevMaxVecs = 5
	kevMaxData = 2048 - abi.KevHeaderSize
)

// kevPost: EINVAL for a vendor that has not been asked for, or Apple, whose events are the kernel's; EMSGSIZE.
func kevPost(c *Call) uint64 {
	k := c.K
	var b [kevVectors + 16*kevMaxVecs]byte
	if !k.Read(b[:], c.Addr(0)) {
		return c.Panic("kev_msg_post: the message can't be read")
	}
	vendor := le.Uint32(b[:])
	k.ifnets.mu.Lock()
	known := vendor >= firstVendor && int(vendor-firstVendor) < len(k.ifnets.vendors)
	k.ifnets.mu.Unlock()
	if !known || k.cfg.Net == nil {
		return uint64(abi.EINVAL)
	}
	var data []byte
	for i := range kevMaxVecs {
		v := b[kevVectors+16*i:]
		n := le.Uint32(v)
		if n == 0 {
			break
		}
		if uint64(n)+uint64(len(data)) > kevMaxData {
			return uint64(abi.EMSGSIZE)
		}
		part := make([]byte, n)
		if !k.Read(part, Addr(le.Uint64(v[8:]))) {
			return c.Panic("kev_msg_post: the event's data can't be read")
		}
		data = append(data, part...)
	}
	k.cfg.Net.PostEvent(vendor, le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint32(b[12:]), data)
	return 0
}
