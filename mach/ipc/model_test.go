package ipc

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"puggle/abi"
)

// The model: what each name of each space stands for, in plain counts.
type mEntry struct {
	port int // 0 for a dead name
	send uint32
	recv bool
	once bool
	dead uint32
}

type model struct {
	t     *testing.T
	rng   *rand.Rand
	tasks []*task
	names []map[abi.PortName]*mEntry
	box   []abi.PortName // each task's mailbox, and
	boxOf [][]abi.PortName
	next  int
}

func (e *mEntry) typ() abi.PortType {
	var t abi.PortType
	if e.send > 0 {
		t |= abi.MACH_PORT_TYPE_SEND
	}
	if e.recv {
		t |= abi.MACH_PORT_TYPE_RECEIVE
	}
	if e.once {
		t |= abi.MACH_PORT_TYPE_SEND_ONCE
	}
	if e.dead > 0 {
		t |= abi.MACH_PORT_TYPE_DEAD_NAME
	}
	return t
}

// settle removes an entry that stands for nothing.
func (m *model) settle(i int, n abi.PortName) {
	if e := m.names[i][n]; e != nil && e.typ() == 0 {
		delete(m.names[i], n)
	}
}

// kill is the death of a port's receive right.
func (m *model) kill(port int) {
	for _, names := range m.names {
		for _, e := range names {
			if e.port != port {
				continue
			}
			if e.send > 0 || e.once {
				e.dead = max(e.send, 1)
			}
			*e = mEntry{dead: e.dead}
		}
	}
	for i := range m.names {
		for n := range m.names[i] {
			m.settle(i, n)
		}
	}
}

// gain puts a right of port into task k under name n, which the kernel chose.
func (m *model) gain(k, port int, t abi.MsgType, n abi.PortName) {
	var have abi.PortName
	for x, e := range m.names[k] {
		if e.port == port && (e.send > 0 || e.recv) {
			have = x
		}
	}
	e := m.names[k][n]
	if t == moveOnce {
		if e != nil {
			m.t.Fatalf("send-once right under a used name %#x", n)
		}
		m.names[k][n] = &mEntry{port: port, once: true}
		return
	}
	if have != 0 && have != n || have == 0 && e != nil {
		m.t.Fatalf("right of port %d under %#x, had %#x, entry %v", port, n, have, e)
	}
	if e == nil {
		e = &mEntry{port: port}
		m.names[k][n] = e
	}
	if t == moveRecv {
		e.recv = true
	} else {
		e.send++
	}
}

// transfer sends a right of n from task i to task k.
func (m *model) transfer(i, k int, n abi.PortName, t abi.MsgType) {
	e := m.names[i][n]
	port, dead, bad := e.port, e.dead > 0, false
	switch t {
	case copySend:
		bad = !dead && e.send == 0
	case moveSend:
		if bad = !dead && e.send == 0; dead {
			e.dead--
		} else if !bad {
			e.send--
		}
	case moveOnce:
		if bad = !dead && !e.once; dead {
			e.dead--
		}
		e.once = false || e.once && bad
	case makeSend, makeOnce:
		bad, dead = !e.recv, false
	case moveRecv:
		bad, dead = !e.recv, false
		e.recv = false
	}
	a, b := m.tasks[i], m.tasks[k]
	kr := a.send(msg{bits: hbits(copySend, 0), remote: m.boxOf[i][k], id: 1, descs: [][]byte{portDesc(n, t)}}, 0, 0)
	if bad {
		want(m.t, fmt.Sprintf("bad transfer %d of %#x", t, n), kr, abi.MACH_SEND_INVALID_RIGHT)
		return
	}
	want(m.t, fmt.Sprintf("transfer %d of %#x (%+v)", t, n, *e), kr, 0)
	m.settle(i, n)
	in, kr := b.poll(m.box[k])
	want(m.t, "receive", kr, 0)
	got := abi.PortName(get32(in, 28))
	if dead {
		if got != abi.MACH_PORT_DEAD {
			m.t.Fatalf("dead right arrived as %#x", got)
		}
		return
	}
	m.gain(k, port, t.Received(), got)
}

// step does one random operation.
func (m *model) step() {
	i, k := m.rng.IntN(len(m.tasks)), m.rng.IntN(len(m.tasks))
	a := m.tasks[i]
	if m.rng.IntN(10) == 0 || len(m.names[i]) == 0 {
		n, kr := a.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
		want(m.t, "allocate", kr, 0)
		m.next++
		m.names[i][n] = &mEntry{port: m.next, recv: true}
		return
	}
	var names []abi.PortName
	for n := range m.names[i] {
		names = append(names, n)
	}
	n := names[m.rng.IntN(len(names))]
	e := m.names[i][n]
	switch op := m.rng.IntN(16); op {
	default:
		m.transfer(i, k, n, abi.MsgType(16+m.rng.IntN(6)))
	case 0:
		kr, exp := a.Deallocate(n), abi.KERN_SUCCESS
		switch {
		case e.send > 0:
			e.send--
		case e.once:
			e.once = false
		case e.dead > 0:
			e.dead--
		default:
			exp = abi.KERN_INVALID_RIGHT
		}
		want(m.t, "deallocate", kr, exp)
		m.settle(i, n)
	case 1, 2:
		delta := m.rng.IntN(5) - 2
		right := abi.MACH_PORT_RIGHT_SEND
		c := &e.send
		if op == 2 {
			right, c = abi.MACH_PORT_RIGHT_DEAD_NAME, &e.dead
		}
		exp := abi.KERN_SUCCESS
		switch {
		case *c == 0:
			exp = abi.KERN_INVALID_RIGHT
		case int(*c)+delta < 0:
			exp = abi.KERN_INVALID_VALUE
		default:
			*c = uint32(int(*c) + delta)
		}
		want(m.t, "mod_refs", a.ModRefs(n, right, int32(delta)), exp)
		m.settle(i, n)
	case 3:
		want(m.t, "destroy", a.Destroy(n), 0)
		port, recv := e.port, e.recv
		delete(m.names[i], n)
		if recv {
			m.kill(port)
		}
	case 4:
		exp := abi.KERN_INVALID_RIGHT
		kr := a.ModRefs(n, abi.MACH_PORT_RIGHT_RECEIVE, -1)
		if e.recv {
			exp = 0
			m.kill(e.port)
		}
		want(m.t, "drop receive", kr, exp)
	}
}

// audit compares every name, and the counts inside the ports, with the model.
func (m *model) audit() {
	send, once := map[*Port]uint32{}, map[*Port]uint32{}
	for i, a := range m.tasks {
		for n, e := range m.names[i] {
			ty, kr := a.Type(n)
			want(m.t, fmt.Sprintf("type of %#x in %d", n, i), kr, 0)
			refs, _ := a.GetRefs(n, abi.MACH_PORT_RIGHT_SEND)
			dead, _ := a.GetRefs(n, abi.MACH_PORT_RIGHT_DEAD_NAME)
			if ty != e.typ() || refs != e.send || dead != e.dead {
				m.t.Fatalf("%#x in %d: type %#x, %d, %d; model %+v", n, i, ty, refs, dead, *e)
			}
		}
		if got := a.Count(); got != len(m.names[i])+1+len(m.tasks)-1 {
			m.t.Fatalf("task %d has %d names, model %d", i, got, len(m.names[i]))
		}
		a.table.each(func(n abi.PortName, e *Entry) {
			if e.typ&abi.MACH_PORT_TYPE_SEND != 0 {
				send[e.port]++
			}
			if e.typ&abi.MACH_PORT_TYPE_SEND_ONCE != 0 {
				once[e.port]++
			}
		})
	}
	for p, n := range send {
		if p.active && p.srights != n {
			m.t.Fatalf("port counts %d send rights, there are %d", p.srights, n)
		}
	}
	for p, n := range once {
		for k := p.head; k != nil; k = k.next {
			n++ // its send-once notifications
		}
		if p.active && p.sorights != n {
			m.t.Fatalf("port counts %d send-once rights, there are %d", p.sorights, n)
		}
	}
}

func TestModel(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			leakCheck(t)
			m := &model{t: t, rng: rand.New(rand.NewPCG(seed, 1))}
			for range 3 {
				m.tasks = append(m.tasks, newTask())
				m.names = append(m.names, map[abi.PortName]*mEntry{})
			}
			for _, a := range m.tasks {
				m.box = append(m.box, a.newPort(t))
			}
			for i, a := range m.tasks {
				m.boxOf = append(m.boxOf, nil)
				for k, b := range m.tasks {
					_ = i
					m.boxOf[i] = append(m.boxOf[i], give(t, b, m.box[k], a, makeSend))
				}
			}
			for range 800 {
				m.step()
				m.audit()
			}
			for _, a := range m.tasks {
				a.Terminate()
			}
		})
	}
}
