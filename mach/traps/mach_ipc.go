package traps

import (
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/sync"
	"puggle/mach/task"
)

// The mach_ipc family, as Kernel Programming (2002, ch. 6) describes it; no shipped
// system had it, so its numbers, from 200 on, and structures are ours
// (<mach/mach_ipc.h>). The objects are in mach/sync.

// Kinds of mach_ipc_create.
const (
	ipcKindSet          = 1
	ipcKindNotification = 2
	ipcKindRPC          = 3
)

// ipcCreate makes an object and gives the caller a send right: a set, a
// notification with a state of count bytes, or an RPC object with count formats of
// three words at arg.
func ipcCreate(t *Traps, c *Call) kret {
	var object interface{ Destroy() }
	var kotype uint32
	kr := abi.KERN_SUCCESS
	switch c.i32(0) {
	case ipcKindSet:
		object, kotype = new(sync.EventSet), abi.IKOT_IPC_SET
	case ipcKindNotification:
		object, kr = sync.NewNotification(c.u32(2))
		kotype = abi.IKOT_IPC_NOTIFICATION
	case ipcKindRPC:
		n := c.u32(2)
		if n == 0 || n > sync.MaxFormats {
			return abi.KERN_INVALID_ARGUMENT
		}
		b := make([]byte, 12*n)
		if kr := c.in(c.addr(1), b); kr != abi.KERN_SUCCESS {
			return kr
		}
		l := make([]sync.Format, n)
		for i := range l {
			l[i] = sync.Format{ID: le.Uint32(b[12*i:]), Request: le.Uint32(b[12*i+4:]), Reply: le.Uint32(b[12*i+8:])}
		}
		object, kr = sync.NewRPC(l)
		kotype = abi.IKOT_IPC_RPC
	default:
		kr = abi.KERN_INVALID_ARGUMENT
	}
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	p, kr := t.Kernel.Offer(c.Thread.Task, object, kotype)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	n := c.space.CopyOut(p, abi.MACH_MSG_TYPE_PORT_SEND)
	if n == abi.MACH_PORT_NULL {
		return abi.KERN_NO_SPACE
	}
	if kr := c.out32(c.addr(3), uint32(n)); kr != abi.KERN_SUCCESS {
		c.space.Deallocate(n)
		return kr
	}
	return abi.KERN_SUCCESS
}

// ipcObject finds what argument i names, one of kotypes. KERN_TERMINATED when it
// is gone.
func (c *Call) ipcObject(i int, kotypes ...uint32) (any, kret) {
	p, kr := c.space.Lookup(c.name(i), abi.MACH_PORT_TYPE_SEND)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	if o := kobject(p, kotypes...); o != nil {
		return o, abi.KERN_SUCCESS
	}
	if !p.Active() {
		return nil, abi.KERN_TERMINATED
	}
	return nil, abi.KERN_INVALID_ARGUMENT
}

func (c *Call) ipcSet() (*sync.EventSet, kret) {
	o, kr := c.ipcObject(0, abi.IKOT_IPC_SET)
	if kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	return o.(*sync.EventSet), abi.KERN_SUCCESS
}

// ipcSource finds what argument 1 names: a message queue that the caller receives
// from, or an object. What it returns besides identifies it in the set.
func (c *Call) ipcSource() (sync.Source, any, kret) {
	o, kr := c.ipcObject(1, abi.IKOT_SEMAPHORE, abi.IKOT_LOCK_SET, abi.IKOT_IPC_NOTIFICATION, abi.IKOT_IPC_RPC)
	if s, ok := o.(sync.Source); ok {
		return s, ipcName{c.name(1), s}, abi.KERN_SUCCESS
	}
	if kr == abi.KERN_TERMINATED {
		return nil, nil, kr
	}
	w, wkr := c.space.LookupWatch(c.name(1))
	if wkr != abi.KERN_SUCCESS {
		if kr == abi.KERN_SUCCESS {
			kr = wkr
		}
		return nil, nil, kr
	}
	q := &sync.Queue{
		Ready: func() bool { ready, _, _, _ := w.Peek(); return ready },
		AddPoke: func(poke func()) func() {
			x := &ipc.Watch{Notify: poke}
			w.AddWatch(x)
			return func() { w.RemoveWatch(x) }
		},
	}
	return q, ipcName{c.name(1), w}, abi.KERN_SUCCESS
}

// ipcName is a registered object as the caller knows it.
type ipcName struct {
	name   name
	object any
}

// ipcRegister puts an object into a set.
func ipcRegister(_ *Traps, c *Call) kret {
	set, kr := c.ipcSet()
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	src, id, kr := c.ipcSource()
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return set.Insert(src, c.i32(2), c.Arg[3], id)
}

func ipcUnregister(_ *Traps, c *Call) kret {
	set, kr := c.ipcSet()
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	_, id, kr := c.ipcSource()
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return set.Remove(id, c.i32(2))
}

// Layout of struct mach_ipc_next: the end of the last transaction, where data may
// be stored, how long to wait, and then the event.
const (
	nextResult    = 0
	nextReplySize = 4
	nextReply     = 8
	nextData      = 16
	nextRoom      = 24
	nextTimeout   = 28 // milliseconds; see ipcForever and ipcOnlyEnd
	nextSize      = 32
	eventSize     = 48

	ipcForever  = ^uint32(0)
	ipcOnlyEnd  = ipcForever - 1 // complete the transaction and take no event
	ipcUnstable = 1
)

func ipcDeadline(ms uint32) sched.Deadline {
	if ms == ipcForever {
		return sched.Forever
	}
	return sched.After(time.Duration(ms) * time.Millisecond)
}

// ipcNext completes the caller's transaction, if it has one, and waits for the next
// event. What the completion met is returned in place of waiting.
func ipcNext(t *Traps, c *Call) kret {
	set, kr := c.ipcSet()
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	var b [nextSize + eventSize]byte
	at := c.addr(1)
	if kr := c.in(at, b[:nextSize]); kr != abi.KERN_SUCCESS {
		return kr
	}
	if tr := c.Thread.Transaction; tr != nil {
		var reply []byte
		if n := le.Uint32(b[nextReplySize:]); n > sync.MaxBlock {
			return abi.KERN_INVALID_ARGUMENT
		} else if n > 0 {
			reply = make([]byte, n)
			if kr := c.in(addr(le.Uint64(b[nextReply:])), reply); kr != abi.KERN_SUCCESS {
				return kr
			}
		}
		c.Thread.Transaction = nil
		if kr := tr.End(&c.Thread.Thread, reply, kret(le.Uint32(b[nextResult:]))); kr != abi.KERN_SUCCESS {
			return kr
		}
	}
	if le.Uint32(b[nextTimeout:]) == ipcOnlyEnd {
		return abi.KERN_SUCCESS
	}
	ev, kr := set.Next(&c.Thread.Thread, ipcDeadline(le.Uint32(b[nextTimeout:])))
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	kr = t.tell(c, &ev, &b)
	if kr != abi.KERN_SUCCESS && ev.Transaction != nil {
		ev.Transaction.End(&c.Thread.Thread, nil, abi.KERN_FAILURE)
		ev.Transaction = nil
	}
	c.Thread.Transaction = ev.Transaction
	return kr
}

// tell writes an event to the caller. KERN_NO_SPACE when its data has no room.
func (t *Traps) tell(c *Call, ev *sync.Event, b *[nextSize + eventSize]byte) kret {
	e := b[nextSize:]
	clear(e)
	data := ev.State
	index := uint32(ev.Member.Index)
	if x := ev.Call; x != nil {
		data, index = x.Args, x.Format.ID
		le.PutUint32(e[28:], x.Format.Reply)
		if th := threadOf(x.Client); th != nil {
			if f := t.Kernel.Hooks.Tokens; f != nil {
				s, a := f(th.Task)
				le.PutUint32(e[32:], s[0])
				le.PutUint32(e[36:], s[1])
				le.PutUint32(e[40:], a[5]) // the process, as in an audit token
			}
		}
	}
	if uint32(len(data)) > le.Uint32(b[nextRoom:]) {
		return abi.KERN_NO_SPACE
	}
	id, _ := ev.Member.Object.(ipcName)
	le.PutUint32(e[0:], uint32(ev.Kind))
	le.PutUint32(e[4:], uint32(id.name))
	le.PutUint64(e[8:], ev.Member.Cookie)
	le.PutUint32(e[16:], index)
	le.PutUint32(e[20:], uint32(len(data)))
	if ev.Unstable {
		le.PutUint32(e[24:], ipcUnstable)
	}
	if len(data) > 0 {
		if kr := c.out(addr(le.Uint64(b[nextData:])), data); kr != abi.KERN_SUCCESS {
			return kr
		}
	}
	return c.out(c.addr(1)+nextSize, e)
}

// ipcPost posts a semaphore (to all that wait, if all) or a notification.
func ipcPost(_ *Traps, c *Call) kret {
	o, kr := c.ipcObject(0, abi.IKOT_SEMAPHORE, abi.IKOT_IPC_NOTIFICATION)
	switch o := o.(type) {
	case *sync.Semaphore:
		if c.i32(3) != 0 {
			return o.SignalAll()
		}
		return o.Signal()
	case *sync.Notification:
		if int(c.u32(2)) != o.Size() || c.i32(3) != 0 {
			return abi.KERN_INVALID_ARGUMENT
		}
		b := make([]byte, o.Size())
		if kr := c.in(c.addr(1), b); kr != abi.KERN_SUCCESS {
			return kr
		}
		return o.Post(b)
	}
	return kr
}

// ipcWait waits for a post, and stores the state of a notification.
func ipcWait(_ *Traps, c *Call) kret {
	o, kr := c.ipcObject(0, abi.IKOT_SEMAPHORE, abi.IKOT_IPC_NOTIFICATION)
	until := ipcDeadline(c.u32(3))
	switch o := o.(type) {
	case *sync.Semaphore:
		return o.Wait(&c.Thread.Thread, until)
	case *sync.Notification:
		if int(c.u32(2)) != o.Size() {
			return abi.KERN_INVALID_ARGUMENT
		}
		b, kr := o.Wait(&c.Thread.Thread, until)
		if kr != abi.KERN_SUCCESS {
			return kr
		}
		return c.out(c.addr(1), b)
	}
	return kr
}

// ipcCall calls an RPC object.
func ipcCall(_ *Traps, c *Call) kret {
	o, kr := c.ipcObject(0, abi.IKOT_IPC_RPC)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	r := o.(*sync.RPC)
	f, ok := r.Format(c.u32(1))
	if !ok || c.u32(3) != f.Request || c.u32(5) < f.Reply {
		return abi.KERN_INVALID_ARGUMENT
	}
	args := make([]byte, f.Request)
	if kr := c.in(c.addr(2), args); kr != abi.KERN_SUCCESS {
		return kr
	}
	reply, kr := r.Call(&c.Thread.Thread, f.ID, args)
	if kr != abi.KERN_SUCCESS || len(reply) == 0 {
		return kr
	}
	return c.out(c.addr(4), reply)
}

// ipcLend makes a receive right come back to the caller's task when the task that
// has it by then ends, or destroys it: with its queue, and with the name that the
// caller has for the port if it keeps a send right. Once.
func ipcLend(_ *Traps, c *Call) kret {
	home := c.space
	back, kr := ipc.AllocKernel(nil, abi.IKOT_NONE+1<<16, func(p *ipc.Port, m *ipc.Kmsg) *ipc.Kmsg {
		if d := m.Descs(); m.ID() == abi.MACH_NOTIFY_PORT_DESTROYED && len(d) == 1 && home.Active() {
			q := d[0].Port
			d[0].Port = nil
			home.CopyOut(q, abi.MACH_MSG_TYPE_PORT_RECEIVE)
		}
		p.DestroyKernel()
		return nil
	})
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	_, kr = home.RequestNotification(c.name(0), abi.MACH_NOTIFY_PORT_DESTROYED, 0, back.MakeSendOnce())
	if kr != abi.KERN_SUCCESS {
		back.DestroyKernel()
	}
	return kr
}

func threadOf(th *sched.Thread) *task.Thread {
	t, _ := th.Owner.(*task.Thread)
	return t
}
