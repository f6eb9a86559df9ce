package kpi

import (
	"net/netip"
	"slices"
	"sync"

	"puggle/abi"
	"puggle/bsd/net"
	"puggle/mach/sched"
)

// The kernel's side of network modules: packets wait in queues, for in the stack and in interrupt
// handlers nobody may wait for them.

// modules are the network modules of the machine.
type modules struct {
	mu     sync.Mutex
	count  int
	links  map[Addr]*netLink
	queues []*packetQueue
	closed bool
}

func (m *modules) add() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count >= maxNetifs {
		return false
	}
	m.count++
	return true
}

func (m *modules) remove() {
	m.mu.Lock()
	m.count--
	m.mu.Unlock()
}

func (m *modules) link(at Addr) *netLink {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.links[at]
}

// keep has q closed with the kernel task.
func (m *modules) keep(q *packetQueue) {
	m.mu.Lock()
	closed := m.closed
	m.queues = append(m.queues, q)
	m.mu.Unlock()
	if closed {
		q.close()
	}
}

// close ends the queues' threads.
func (m *modules) close() {
	m.mu.Lock()
	m.closed = true
	l := m.queues
	m.queues = nil
	m.mu.Unlock()
	for _, q := range l {
		q.close()
	}
}

// netLink is the interface of a handler of IP.
type netLink struct {
	k       *KernelTask
	at      Addr // its netif_t
	in, out *packetQueue
	ifp     *net.LinkIf
}

// attachIP gives the handler at an address an interface. Flags are of 1990, which are today's.
func (k *KernelTask) attachIP(at Addr, name string, mtu, flags uint32) (*netLink, abi.Errno) {
	n := k.cfg.Net
	if n == nil {
		return nil, 0 // a kernel without a network
	}
	l := &netLink{k: k, at: at}
	output := k.rtSymbol("_kpi_netif_output")
	l.out = k.newPacketQueue(name, func(th *sched.Thread, p queued) {
		to := make([]byte, 16)
		to[0], to[1] = 16, abi.AF_INET
		a := p.next.As4()
		copy(to[4:], a[:])
		s, ok := k.lend(to)
		if !ok {
			return
		}
		defer k.alloc.put(s)
		k.lendCall(th, output, uint64(at), p.b, uint64(s))
	})
	l.in = k.newPacketQueue(name, func(_ *sched.Thread, p queued) { l.ifp.Input(p.b) })
	const known = abi.IFF_UP | abi.IFF_BROADCAST | abi.IFF_LOOPBACK | abi.IFF_POINTOPOINT
	var e abi.Errno
	if l.ifp, e = n.AttachLink(name, abi.IFT_OTHER, mtu, flags&known|abi.IFF_RUNNING|abi.IFF_MULTICAST, l); e != 0 {
		l.out.close()
		l.in.close()
		return nil, e
	}
	m := &k.next.modules
	m.keep(l.in)
	m.keep(l.out)
	m.mu.Lock()
	if m.links == nil {
		m.links = map[Addr]*netLink{}
	}
	m.links[at] = l
	m.mu.Unlock()
	return l, 0
}

// Output queues a packet of IPv4; others are lost, for the handler's addresses are those.
func (l *netLink) Output(packet []byte, next netip.Addr) {
	if next.Is4() {
		l.out.put(packet, next)
	}
}

// close takes the interface away.
func (l *netLink) close() {
	m := &l.k.next.modules
	m.mu.Lock()
	delete(m.links, l.at)
	m.mu.Unlock()
	l.ifp.Detach()
	l.in.close()
	l.out.close()
}

// lendCall calls fn with first, memory with b in it, b's size, and more.
func (k *KernelTask) lendCall(th *sched.Thread, fn Addr, first uint64, b []byte, more ...uint64) (uint64, error) {
	at, ok := k.lend(b)
	if !ok {
		return 0, ErrNoMemory
	}
	defer k.alloc.put(at)
	return k.Call(th, fn, append([]uint64{first, uint64(at), uint64(len(b))}, more...)...)
}

// queued is a packet, and the next host on its way.
type queued struct {
	b    []byte
	next netip.Addr
}

// packetQueueLen is an interface queue's length in packets (ifq_maxlen was 50).
const packetQueueLen = 256

// packetQueue is a queue with a kernel thread that takes from it; what finds it full is lost.
type packetQueue struct {
	ch   chan queued
	done chan struct{}
	once sync.Once
}

func (k *KernelTask) newPacketQueue(name string, take func(th *sched.Thread, p queued)) *packetQueue {
	q := &packetQueue{ch: make(chan queued, packetQueueLen), done: make(chan struct{})}
	th := new(sched.Thread)
	th.Init("kernel_task/"+name, k.cfg.Tasks.Processors)
	th.SetTaskPriority(sched.BasePriKernel, sched.MaxPriKernel)
	go func() {
		for {
			select {
			case <-q.done:
				k.ThreadGone(th)
				return
			case p := <-q.ch:
				th.Attach()
				take(th, p)
				for more := true; more; {
					select {
					case <-q.done: // what comes may never end
						more = false
					case p := <-q.ch:
						take(th, p)
					default:
						more = false
					}
				}
				th.Detach()
			}
		}
	}()
	return q
}

// put never blocks.
func (q *packetQueue) put(b []byte, next netip.Addr) {
	select {
	case q.ch <- queued{b, next}:
	default:
	}
}

func (q *packetQueue) close() { q.once.Do(func() { close(q.done) }) }

// silence takes the functions of a dead extension's modules away: it is the runtime that calls those, which
// doesn't know of deaths.
func (k *KernelTask) silence(e *Extension) {
	var modules, callbacks []Addr
	k.mu.Lock()
	for _, r := range k.refs {
		at, ok := r.key.(Addr)
		if !ok || !slices.ContainsFunc(r.at, e.Contains) {
			continue
		}
		switch r.Kind {
		case refModule:
			modules = append(modules, at)
		case refCallback:
			callbacks = append(callbacks, at)
		}
	}
	k.mu.Unlock()
	for _, at := range modules {
		k.Write(at+netifFuncs, make([]byte, 8*netifCount))
	}
	for _, at := range callbacks {
		k.Write(at+virtualFunc, make([]byte, 8))
	}
}
