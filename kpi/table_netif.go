package kpi

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func init() {
	code := func(header string, protos ...[2]string) (rows []Row) {
		for _, p := range protos {
			rows = append(rows, Row{Name: p[0], Header: header, Proto: p[1]})
		}
		return rows
	}
	register("net/netif.h", "1990", "next", code("",
		[2]string{"if_attach", "netif_t if_attach(if_init_func_t init_func, if_input_func_t input_func, if_output_func_t output_func, if_getbuf_func_t getbuf_func, if_control_func_t control_func, const char *name, unsigned int unit, const char *type, unsigned int mtu, unsigned int flags, netif_class_t class, void *private)"},
		[2]string{"if_registervirtual", "void if_registervirtual(if_attach_func_t attach_func, void *private)"},
		[2]string{"if_handle_input", "int if_handle_input(netif_t netif, netbuf_t packet, void *extra)"},
		[2]string{"if_init", "int if_init(netif_t netif)"},
		[2]string{"if_output", "int if_output(netif_t netif, netbuf_t packet, void *address)"},
		[2]string{"if_getbuf", "netbuf_t if_getbuf(netif_t netif)"},
		[2]string{"if_control", "int if_control(netif_t netif, const char *command, void *data)"},
		[2]string{"if_ioctl", "int if_ioctl(netif_t netif, unsigned int command, void *data)"},
		[2]string{"if_flags", "unsigned int if_flags(netif_t netif)"},
		[2]string{"if_flags_set", "void if_flags_set(netif_t netif, unsigned int flags)"},
		[2]string{"if_ipackets", "unsigned int if_ipackets(netif_t netif)"},
		[2]string{"if_ipackets_set", "void if_ipackets_set(netif_t netif, unsigned int ipackets)"},
		[2]string{"if_opackets", "unsigned int if_opackets(netif_t netif)"},
		[2]string{"if_opackets_set", "void if_opackets_set(netif_t netif, unsigned int opackets)"},
		[2]string{"if_ierrors", "unsigned int if_ierrors(netif_t netif)"},
		[2]string{"if_ierrors_set", "void if_ierrors_set(netif_t netif, unsigned int ierrors)"},
		[2]string{"if_oerrors", "unsigned int if_oerrors(netif_t netif)"},
		[2]string{"if_oerrors_set", "void if_oerrors_set(netif_t netif, unsigned int oerrors)"},
		[2]string{"if_collisions", "unsigned int if_collisions(netif_t netif)"},
		[2]string{"if_collisions_set", "void if_collisions_set(netif_t netif, unsigned int collisions)"},
		[2]string{"if_mtu", "unsigned int if_mtu(netif_t netif)"},
		[2]string{"if_name", "const char *if_name(netif_t netif)"},
		[2]string{"if_private", "void *if_private(netif_t netif)"},
		[2]string{"if_type", "const char *if_type(netif_t netif)"},
		[2]string{"if_unit", "unsigned int if_unit(netif_t netif)"},
		[2]string{"inet_queue", "void inet_queue(netif_t netif, netbuf_t netbuf)"},
	))
	register("net/netbuf.h", "1990", "next", code("",
		[2]string{"nb_alloc", "netbuf_t nb_alloc(unsigned int size)"},
		[2]string{"nb_alloc_wrapper", "netbuf_t nb_alloc_wrapper(void *data, unsigned int size, void freefunc(void *), void *freefunc_arg)"},
		[2]string{"nb_free", "void nb_free(netbuf_t nb)"},
		[2]string{"nb_free_wrapper", "void nb_free_wrapper(netbuf_t nb)"},
		[2]string{"nb_grow_bot", "int nb_grow_bot(netbuf_t nb, unsigned int size)"},
		[2]string{"nb_shrink_bot", "int nb_shrink_bot(netbuf_t nb, unsigned int size)"},
		[2]string{"nb_grow_top", "int nb_grow_top(netbuf_t nb, unsigned int size)"},
		[2]string{"nb_shrink_top", "int nb_shrink_top(netbuf_t nb, unsigned int size)"},
		[2]string{"nb_map", "char *nb_map(netbuf_t nb)"},
		[2]string{"nb_read", "int nb_read(netbuf_t nb, unsigned int offset, unsigned int size, void *target)"},
		[2]string{"nb_write", "int nb_write(netbuf_t nb, unsigned int offset, unsigned int size, void *source)"},
		[2]string{"nb_size", "unsigned int nb_size(netbuf_t nb)"},
	))
	// What the runtime's part of this (rt/netif.c) asks the kernel.
	register("net/netif.h", "1990", "next", []Row{
		{Name: "kpi_netif_attach", Proto: "int kpi_netif_attach(netif_t netif, const char *name, unsigned int unit, const char *type, unsigned int mtu, unsigned int flags, netif_class_t class)", Handler: netifAttach},
		{Name: "kpi_netif_virtual", Proto: "int kpi_netif_virtual(void *callback, if_attach_func_t attach_func)", Handler: netifVirtual},
		{Name: "kpi_inet_queue", Proto: "void kpi_inet_queue(netif_t netif, const void *packet, unsigned int size)", Handler: inetQueue},
		{Name: "kpi_ether_address", Proto: "int kpi_ether_address(unsigned char *address)", Handler: etherAddress},
		{Name: "kpi_ether_start", Proto: "int kpi_ether_start(netif_t netif)", Handler: etherStart},
		{Name: "kpi_ether_output", Proto: "int kpi_ether_output(const void *frame, unsigned int size)", Handler: etherOutput},
		{Name: "kpi_netif_output", Proto: "int kpi_netif_output(netif_t netif, void *packet, unsigned int size, struct sockaddr_in *to)", Note: "the kernel calls it"},
		{Name: "kpi_ether_input", Proto: "int kpi_ether_input(netif_t netif, void *frame, unsigned int size)", Note: "the kernel calls it"},
	})
}

// Offsets in struct netif and struct virtual of rt/netif.c: the functions, after the link.
const (
	netifFuncs   = 8
	netifControl = netifFuncs + 4*8
	netifCount   = 5
	virtualFunc  = 8

	netifVirtualClass = 1
	netifTypeIP       = "Internet Protocol"
	maxNetifs         = 1024

	refModule   = "network module"
	refCallback = "network callback"
)

// netifAttach notes a module, which stays for as long as the machine runs: there is no call that
// takes it away. A handler of IP gets an interface. ENOBUFS for too many, others as AttachLink.
func netifAttach(c *Call) uint64 {
	k, at := c.K, c.Addr(0)
	name, ok1 := c.String(1, abi.IFNAMSIZ)
	typ, ok2 := c.String(3, 64)
	if !ok1 || !ok2 {
		return c.Panic("if_attach: a name or type that is no string, or too long")
	}
	name += strconv.FormatUint(uint64(c.U32(2)), 10)
	var b [8 * netifCount]byte
	if !k.Read(b[:], at+netifFuncs) {
		return uint64(abi.ENOBUFS)
	}
	code := make([]Addr, netifCount)
	for i := range code {
		code[i] = Addr(le.Uint64(b[8*i:]))
	}
	if !k.next.modules.add() {
		return uint64(abi.ENOBUFS)
	}
	var link *netLink
	if c.U32(6) == netifVirtualClass && typ == netifTypeIP {
		var e abi.Errno
		if link, e = k.attachIP(at, name, c.U32(4), c.U32(5)); e != 0 {
			k.next.modules.remove()
			return uint64(e)
		}
	}
	k.AddReference(refModule, at, name, func(*sched.Thread) {
		k.Write(at+netifFuncs, make([]byte, 8*netifCount))
		if link != nil {
			link.close()
		}
		k.DropReference(refModule, at)
	}, code...)
	return 0
}

// netifVirtual notes a callback.
func netifVirtual(c *Call) uint64 {
	at, fn := c.Addr(0), c.Addr(1)
	if !c.K.next.modules.add() {
		return uint64(abi.ENOBUFS)
	}
	k := c.K
	k.AddReference(refCallback, at, k.Symbolize(fn), func(*sched.Thread) {
		k.Write(at+virtualFunc, make([]byte, 8))
		k.DropReference(refCallback, at)
	}, fn)
	return 0
}

// inetQueue never blocks: what finds the queue full is lost.
func inetQueue(c *Call) uint64 {
	l := c.K.next.modules.link(c.Addr(0))
	size := c.U32(2)
	if l == nil || size > abi.IF_MAXMTU {
		return 0
	}
	b := make([]byte, size)
	if c.K.Read(b, c.Addr(1)) {
		l.in.put(b, netip.Addr{})
	}
	return 0
}

func etherAddress(c *Call) uint64 {
	if c.K.cfg.Net == nil {
		return uint64(abi.ENXIO)
	}
	a := c.K.cfg.Net.EtherAddress()
	if len(a) != 6 || !c.K.Write(c.Addr(0), a) {
		return uint64(abi.ENXIO)
	}
	return 0
}

// etherStart lets frames come to the module at argument 0.
func etherStart(c *Call) uint64 {
	k, at := c.K, c.Addr(0)
	n := k.cfg.Net
	if n == nil {
		return uint64(abi.ENXIO)
	}
	input := k.rtSymbol("_kpi_ether_input")
	q := k.newPacketQueue("en0", func(th *sched.Thread, p queued) {
		if v, err := k.lendCall(th, input, uint64(at), p.b); err != nil || v != 0 {
			n.EtherInput(p.b)
		}
	})
	e := n.Tap(func(frame []byte) { q.put(frame, netip.Addr{}) })
	if e != 0 {
		q.close()
		return uint64(e)
	}
	k.next.modules.keep(q)
	return uint64(e)
}

func etherOutput(c *Call) uint64 {
	size := c.U32(1)
	switch {
	case c.K.cfg.Net == nil:
		return uint64(abi.ENXIO)
	case size > abi.IF_MAXMTU:
		return uint64(abi.EMSGSIZE)
	}
	b := make([]byte, size)
	if !c.K.Read(b, c.Addr(0)) {
		return uint64(abi.EFAULT)
	}
	return uint64(c.K.cfg.Net.EtherOutput(b))
}

// Ioctl asks the handler of IP: an address by its "setaddr", flags by "setflags", everything else by
// "unix-ioctl". A handler without a control function, or that knows no such command (EINVAL, ENXIO), has nothing against it.
func (l *netLink) Ioctl(ctx *sys.Context, cmd uint64, arg []byte) abi.Errno {
	k := l.k
	fn, ok := k.U64(l.at + netifControl)
	if !ok || fn == 0 {
		return 0
	}
	command, data, must := "unix-ioctl", arg, false
	switch cmd {
	case abi.SIOCSIFADDR, abi.SIOCAIFADDR:
		command, data, must = "setaddr", arg[:16], true
	case abi.SIOCSIFFLAGS:
		command, data = "setflags", binary.LittleEndian.AppendUint32(nil, uint32(binary.LittleEndian.Uint16(arg)))
	}
	name, ok := k.lend(append([]byte(command), 0))
	if !ok {
		return abi.ENOMEM
	}
	defer k.alloc.put(name)
	at, ok := k.lend(data)
	if !ok {
		return abi.ENOMEM
	}
	defer k.alloc.put(at)
	pass := at
	if command == "unix-ioctl" { // an if_ioctl_t
		var b [16]byte
		le.PutUint32(b[:], uint32(cmd))
		le.PutUint64(b[8:], uint64(at))
		if pass, ok = k.lend(b[:]); !ok {
			return abi.ENOMEM
		}
		defer k.alloc.put(pass)
	}
	e := errnoOf(k.CallContext(threaded(ctx), Addr(fn), uint64(l.at), uint64(name), uint64(pass)))
	if !must && (e == abi.EINVAL || e == abi.ENXIO) {
		return 0
	}
	return e
}
