package ipc

import (
	"sync"

	"puggle/abi"
)

// PortSet is an ipc_pset: ports that are received from together. A port can be
// in several sets.
//
// ready lists the member ports that may have messages, in the order in which
// they are served; a port that was served and still has some goes to the end.
// While a thread waits in receivers, ready is empty.
type PortSet struct {
	mu        sync.Mutex
	active    bool
	name      abi.PortName
	space     *Space
	ready     readyList
	receivers receiverList
	members   map[*Port]*psetLink
	watchers  watchList
}

// psetLink is one port's membership in one set. set and port never change; the
// rest is guarded by set.mu.
type psetLink struct {
	set        *PortSet
	port       *Port
	gone       bool // no member any more
	ready      bool
	next, prev *psetLink
}

type readyList struct{ head, tail *psetLink }

func (l *readyList) push(k *psetLink) {
	k.next, k.prev = nil, l.tail
	if l.tail != nil {
		l.tail.next = k
	} else {
		l.head = k
	}
	l.tail = k
}

func (l *readyList) remove(k *psetLink) {
	if k.prev != nil {
		k.prev.next = k.next
	} else {
		l.head = k.next
	}
	if k.next != nil {
		k.next.prev = k.prev
	} else {
		l.tail = k.prev
	}
	k.next, k.prev = nil, nil
}

func newPortSet(s *Space) *PortSet {
	return &PortSet{active: true, space: s, members: make(map[*Port]*psetLink)}
}

// prepost marks that l's port may have messages. ps.mu is held.
func (ps *PortSet) prepost(l *psetLink) {
	if !l.ready {
		l.ready = true
		ps.ready.push(l)
	}
	ps.watchers.notify()
}

func (ps *PortSet) unready(l *psetLink) {
	if l.ready {
		l.ready = false
		ps.ready.remove(l)
	}
}

// add makes p a member; KERN_ALREADY_IN_SET if it is one. Messages that p has
// go to the set's receivers at once. p.mu is held.
func (ps *PortSet) add(p *Port) abi.KernReturn {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if !ps.active {
		return abi.KERN_INVALID_NAME
	}
	if ps.members[p] != nil {
		return abi.KERN_ALREADY_IN_SET
	}
	l := &psetLink{set: ps, port: p}
	ps.members[p] = l
	p.links = append(p.links, l)
	for p.head != nil && ps.receivers.head != nil {
		k := p.head
		if p.hand(&ps.receivers, k) {
			p.head = k.next
			if p.head == nil {
				p.tail = nil
			}
			k.next = nil
		}
	}
	if p.head != nil {
		ps.prepost(l)
	}
	return abi.KERN_SUCCESS
}

// drop ends p's membership; KERN_NOT_IN_SET if there is none. p.mu is held.
func (ps *PortSet) drop(p *Port) abi.KernReturn {
	ps.mu.Lock()
	l := ps.members[p]
	if l != nil {
		delete(ps.members, p)
		l.gone = true
		ps.unready(l)
	}
	ps.mu.Unlock()
	if l == nil {
		return abi.KERN_NOT_IN_SET
	}
	for i, x := range p.links {
		if x == l {
			p.links = append(p.links[:i], p.links[i+1:]...)
			break
		}
	}
	return abi.KERN_SUCCESS
}

// leaveSets takes p out of every set. p.mu is held.
func (p *Port) leaveSets() int {
	n := len(p.links)
	for _, l := range p.links {
		l.set.mu.Lock()
		delete(l.set.members, p)
		l.gone = true
		l.set.unready(l)
		l.set.mu.Unlock()
	}
	p.links = nil
	return n
}

// destroy ends the set; its ports stay. Receivers get MACH_RCV_PORT_DIED.
func (ps *PortSet) destroy() {
	ps.mu.Lock()
	ps.active = false
	ps.receivers.fail(abi.MACH_RCV_PORT_DIED)
	ps.watchers.notify()
	ports := make([]*Port, 0, len(ps.members))
	for p := range ps.members {
		ports = append(ports, p)
	}
	ps.mu.Unlock()
	for _, p := range ports { // port before set
		p.mu.Lock()
		ps.drop(p)
		p.mu.Unlock()
	}
}

// receive waits for a message of any member and settles r.
func (ps *PortSet) receive(r *receiver, o sendOpts) {
	ps.mu.Lock()
	for {
		if !ps.active {
			r.kr = abi.MACH_RCV_PORT_DIED
			break
		}
		l := ps.ready.head
		if l == nil {
			if o.poll {
				r.kr = abi.MACH_RCV_TIMED_OUT
				break
			}
			ps.receivers.push(r)
			r.await(&ps.mu, o.timed, o.deadline)
			return
		}
		// Lock order is port before set: let go, and look again.
		ps.mu.Unlock()
		p := l.port
		p.mu.Lock()
		ps.mu.Lock()
		if l.gone {
			p.mu.Unlock()
			continue
		}
		took := p.take(r)
		if l.ready {
			ps.unready(l)
			if p.head != nil {
				l.ready = true
				ps.ready.push(l)
			}
		}
		p.mu.Unlock()
		if took {
			break
		}
	}
	ps.mu.Unlock()
}
