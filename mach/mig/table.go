package mig

import (
	"fmt"
	"sort"
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
)

// Call is one request on its way through a server.
type Call struct {
	Buffer
	// Port is where the request came to, Request the message itself.
	Port    *ipc.Port
	Request *ipc.Kmsg
}

// Routine is one row of a subsystem's table.
type Routine struct {
	ID     int32
	Name   string
	OneWay bool // a simpleroutine
	// Served says whether the server has a function for it.
	Served bool
	// Refused says why not, if somebody has decided so.
	Refused *Refusal
	Serve   func(c *Call) abi.KernReturn
}

// Subsystem is what generated servers are.
type Subsystem interface {
	Subsystem() string
	Routines() []Routine
}

// Table finds routines by message id.
type Table struct {
	list []Routine // by id
	byID map[int32]*Routine

	// failed is called when a routine has failed.
	failed func(c *Call)
}

// NewTable joins subsystems; it panics when two claim one id, which is a
// mistake in the program.
func NewTable(subs ...Subsystem) *Table {
	t := &Table{}
	for _, s := range subs {
		t.list = append(t.list, s.Routines()...)
	}
	sort.Slice(t.list, func(i, j int) bool { return t.list[i].ID < t.list[j].ID })
	for i := 1; i < len(t.list); i++ {
		if t.list[i].ID == t.list[i-1].ID {
			panic(fmt.Sprintf("mig: %s and %s both have id %d", t.list[i-1].Name, t.list[i].Name, t.list[i].ID))
		}
	}
	t.byID = make(map[int32]*Routine, len(t.list))
	for i := range t.list {
		t.byID[t.list[i].ID] = &t.list[i]
	}
	return t
}

// Routines is the whole table, in order of ids.
func (t *Table) Routines() []Routine { return t.list }

// Find gives the routine with an id, nil if there is none.
func (t *Table) Find(id int32) *Routine { return t.byID[id] }

var calls = sync.Pool{New: func() any { return new(Call) }}

// Serve is an ipc.KernelServer.
func (t *Table) Serve(p *ipc.Port, request *ipc.Kmsg) *ipc.Kmsg {
	r := t.Find(request.ID())
	c := calls.Get().(*Call)
	defer c.free()
	c.Port, c.Request = p, request
	c.start(request)
	kr := MIG_BAD_ID
	if r != nil {
		kr = r.Serve(c)
	}
	if kr != abi.KERN_SUCCESS && t.failed != nil {
		t.failed(c)
	}
	if kr == MIG_NO_REPLY || r != nil && r.OneWay {
		c.Discard()
		return nil
	}
	if reply, _ := request.ReplyPort(); !ipc.IsValid(reply) {
		c.Discard()
		return nil
	}
	if kr != abi.KERN_SUCCESS {
		c.Discard()
		c.PutNDR()
		c.PutUint32(uint32(kr))
	}
	return request.NewReply(c.outd, c.out)
}

func (c *Call) free() {
	clear(c.outd[:cap(c.outd)])
	c.Port, c.Request, c.in, c.body = nil, nil, nil, nil
	if cap(c.outd) <= 64 {
		calls.Put(c)
	}
}

// Reply begins the data of a successful reply without descriptors.
func (c *Call) Reply() {
	c.PutNDR()
	c.PutUint32(0)
}
