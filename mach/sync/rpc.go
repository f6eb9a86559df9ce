package sync

import (
	gosync "sync"

	"puggle/abi"
	"puggle/mach/sched"
)

// Limits of RPC objects: formats of one, bytes of an argument block, and clients
// that wait for one.
const (
	MaxFormats = 256
	MaxBlock   = 64 << 10
	maxCalls   = 1024
)

// Format is an argument block's: its number, and the lengths of request and reply
// in bytes.
type Format struct{ ID, Request, Reply uint32 }

// RPC is an RPC object (003 ch. 6, "Remote Procedure Call (RPC) Objects"). A call
// queues an argument block in one of the formats that were given when the object
// was made; a thread that dispatches takes it as a transaction, and when that ends
// the reply goes to the client. Meanwhile the server's thread runs on the client's
// resources: see sched.Thread.ServeFor.
type RPC struct {
	formats map[uint32]Format

	mu    gosync.Mutex
	queue []*RPCCall
	dead  bool
	sets  watchers
}

// RPCCall is a call in progress, and the transaction of who serves it.
type RPCCall struct {
	Format Format
	Args   []byte
	Client *sched.Thread

	rpc       *RPC
	wq        sched.WaitQueue
	done      bool
	abandoned bool // the client does not wait any more
	reply     []byte
	kr        abi.KernReturn
}

// NewRPC makes an RPC object. KERN_INVALID_ARGUMENT: no formats, too many, two
// of one number, or blocks that are too long.
func NewRPC(formats []Format) (*RPC, abi.KernReturn) {
	if len(formats) == 0 || len(formats) > MaxFormats {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	r := &RPC{formats: map[uint32]Format{}}
	for _, f := range formats {
		if _, twice := r.formats[f.ID]; twice || f.Request > MaxBlock || f.Reply > MaxBlock {
			return nil, abi.KERN_INVALID_ARGUMENT
		}
		r.formats[f.ID] = f
	}
	return r, abi.KERN_SUCCESS
}

// Format finds a format by its number.
func (r *RPC) Format(id uint32) (Format, bool) {
	f, ok := r.formats[id]
	return f, ok
}

// Call makes a call and waits for the reply. KERN_INVALID_ARGUMENT when the block
// matches no format; KERN_RESOURCE_SHORTAGE; KERN_ABORTED; KERN_TERMINATED when the
// object, or who served, is gone; else what the server said.
func (r *RPC) Call(th *sched.Thread, id uint32, args []byte) ([]byte, abi.KernReturn) {
	f, ok := r.formats[id]
	if !ok || uint32(len(args)) != f.Request {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	c := &RPCCall{Format: f, Args: args, Client: th, rpc: r}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.dead:
		return nil, abi.KERN_TERMINATED
	case len(r.queue) >= maxCalls:
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	r.queue = append(r.queue, c)
	r.sets.poke()
	for !c.done {
		if sched.Sleep(th, &c.wq, &r.mu, sched.Interruptible, sched.Forever) == sched.Interrupted && !c.done {
			c.abandoned = true
			r.withdraw(c)
			return nil, abi.KERN_ABORTED
		}
	}
	return c.reply, c.kr
}

func (r *RPC) withdraw(c *RPCCall) {
	for i, x := range r.queue {
		if x == c {
			r.queue = append(r.queue[:i:i], r.queue[i+1:]...)
			return
		}
	}
}

// finish answers a client; r.mu is held.
func (c *RPCCall) finish(reply []byte, kr abi.KernReturn) {
	if c.done {
		return
	}
	c.done, c.reply, c.kr = true, reply, kr
	c.wq.WakeupAll(sched.Awakened)
}

// End is Transaction's: the reply is returned to the client.
func (c *RPCCall) End(th *sched.Thread, reply []byte, kr abi.KernReturn) abi.KernReturn {
	th.ServeFor(nil)
	c.rpc.mu.Lock()
	defer c.rpc.mu.Unlock()
	if kr != abi.KERN_SUCCESS {
		c.finish(nil, kr)
		return abi.KERN_SUCCESS
	}
	if uint32(len(reply)) != c.Format.Reply {
		c.finish(nil, abi.KERN_FAILURE)
		return abi.KERN_INVALID_ARGUMENT
	}
	c.finish(reply, abi.KERN_SUCCESS)
	return abi.KERN_SUCCESS
}

// Destroy ends the object; clients whose calls nobody has taken get
// KERN_TERMINATED.
func (r *RPC) Destroy() {
	r.mu.Lock()
	r.dead = true
	for _, c := range r.queue {
		c.finish(nil, abi.KERN_TERMINATED)
	}
	r.queue = nil
	r.mu.Unlock()
}

func (r *RPC) take(th *sched.Thread, _ *Member) (Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		return Event{}, false
	}
	c := r.queue[0]
	r.queue = r.queue[1:]
	th.ServeFor(c.Client)
	return Event{Kind: EventRPC, Call: c, Transaction: c}, true
}

func (r *RPC) watch(m *Member) abi.KernReturn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return abi.KERN_TERMINATED
	}
	r.sets.add(m)
	return abi.KERN_SUCCESS
}

func (r *RPC) unwatch(m *Member) {
	r.mu.Lock()
	r.sets.remove(m)
	r.mu.Unlock()
}
