package server

import (
	"encoding/binary"
	"slices"
	"sync"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

// Options of io_connect_map_memory_into_task (<IOKit/IOTypes.h>).
const (
	mapAnywhere = 1
	mapReadOnly = 0x1000
	maxMappings = 256
)

// connection is a program's to a user client.
type connection struct {
	s       *Server
	service *iokit.Entry
	uc      iokit.UserClient

	mu       sync.Mutex
	closed   bool
	mappings []mapping
}

type mapping struct {
	task *task.Task
	kind uint32
	addr machine.Addr
	size uint64
}

func (c *connection) end() { c.close(true) }

func (c *connection) close(died bool) {
	c.mu.Lock()
	was := c.closed
	c.closed = true
	c.mu.Unlock()
	if !was {
		c.uc.Close(died)
	}
}

// connect is an open connection, nil for anything else.
func connect(p *ipc.Port) *connection {
	c, _ := object[*connection](p, abi.IKOT_IOKIT_CONNECT)
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	return c
}

// async is the wake port of an asynchronous call, or a notification port that a program has set.
type async struct {
	*wake
	once sync.Once
}

func (a *async) Release() { a.once.Do(a.release) }

// Complete sends OSNotificationHeader64 and IOAsyncCompletionContent; the first word of the
// reference is the kernel's own.
func (a *async) Complete(result abi.KernReturn, args []uint64) abi.KernReturn {
	if len(args) > iokit.MaxScalars {
		return iokit.IOReturnMessageTooLarge
	}
	b := a.header(4+8*len(args), typeAsync)
	clear(b[8:16])
	b = binary.LittleEndian.AppendUint32(b, uint32(result))
	for _, v := range args {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return a.send(nil, nil, b)
}

func (s *Server) connections(t *IokitServer) {
	t.IoServiceOpenExtended = func(c *mig.Call, p *ipc.Port, owner *task.Task, kind uint32, _ [8]byte, m mig.Memory) (kret, *ipc.Port, kret) {
		e := service(p)
		switch {
		case e == nil, owner == nil, owner != caller(c):
			return 0, nil, iokit.IOReturnBadArgument
		case m.Size() > 0:
			return 0, nil, iokit.IOReturnUnsupported
		case e.Object() == nil:
			return iokit.IOReturnUnsupported, nil, abi.KERN_SUCCESS
		case e.State()&iokit.Inactive != 0:
			return iokit.IOReturnNoDevice, nil, abi.KERN_SUCCESS
		}
		by := s.client(c)
		uc, kr := e.Object().NewUserClient(by, kind, nil)
		if kr == abi.KERN_SUCCESS && uc == nil {
			kr = iokit.IOReturnError
		}
		if kr != abi.KERN_SUCCESS {
			return kr, nil, abi.KERN_SUCCESS
		}
		if own := uc.Entry(); own != nil {
			own.SetProperty("IOUserClientCreator", by.Name)
		}
		port, kr := s.give(&connection{s: s, service: e, uc: uc}, abi.IKOT_IOKIT_CONNECT)
		return kr, port, abi.KERN_SUCCESS
	}
	t.IoServiceClose = func(_ *mig.Call, p *ipc.Port) kret {
		c, ok := object[*connection](p, abi.IKOT_IOKIT_CONNECT)
		if !ok {
			return iokit.IOReturnBadArgument
		}
		c.close(false)
		return abi.KERN_SUCCESS
	}
	t.IoConnectGetService = func(_ *mig.Call, p *ipc.Port) (*ipc.Port, kret) {
		c := connect(p)
		if c == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return s.existing(c.service)
	}
	t.IoConnectAddClient = func(_ *mig.Call, p *ipc.Port, to mig.Right) kret {
		c, other := connect(p), connect(to.Port())
		if c == nil || other == nil {
			return iokit.IOReturnBadArgument
		}
		return c.uc.ConnectClient(other.uc)
	}
	t.IoConnectSetProperties = func(_ *mig.Call, p *ipc.Port, m mig.Memory) (kret, kret) {
		c := connect(p)
		if c == nil {
			return 0, iokit.IOReturnBadArgument
		}
		v, kr := read(m)
		if kr == abi.KERN_SUCCESS {
			kr = c.uc.SetProperties(v)
		}
		return kr, abi.KERN_SUCCESS
	}
	t.IoConnectGetNotificationSemaphore = func(_ *mig.Call, p *ipc.Port, _ uint32) (*ipc.Port, kret) {
		if connect(p) == nil {
			return nil, iokit.IOReturnBadArgument
		}
		return nil, iokit.IOReturnUnsupported // as a client that overrides nothing
	}
	t.IoConnectSetNotificationPort = func(_ *mig.Call, p *ipc.Port, kind uint32, port mig.Right, reference uint64) kret {
		c := connect(p)
		if c == nil {
			return iokit.IOReturnBadArgument
		}
		if !ipc.IsValid(port.Port()) {
			return c.uc.SetNotificationPort(kind, nil, reference)
		}
		if !usable(port, nil) {
			return iokit.IOReturnBadArgument
		}
		return c.uc.SetNotificationPort(kind, &async{wake: newWake(port, nil)}, reference)
	}
	t.IoConnectMapMemoryIntoTask = mapMemory
	t.IoConnectUnmapMemoryFromTask = unmapMemory
	s.methods(t)
}

func mapMemory(_ *mig.Call, p *ipc.Port, kind uint32, into *task.Task, at machine.Addr, _ uint64, flags uint32) (machine.Addr, uint64, kret) {
	c, m := connect(p), mapOf(into)
	if c == nil || m == nil {
		return 0, 0, iokit.IOReturnBadArgument
	}
	n, options, kr := c.uc.ClientMemory(kind)
	if kr != abi.KERN_SUCCESS || n == nil {
		return 0, 0, iokit.IOReturnBadArgument
	}
	defer n.Release()
	spec := vm.MapSpec{Addr: at, Size: n.Size(), Cur: abi.VM_PROT_READ, Inherit: abi.VM_INHERIT_SHARE}
	if (options|flags)&mapReadOnly == 0 {
		spec.Cur |= abi.VM_PROT_WRITE
	}
	spec.Max = spec.Cur
	if flags&mapAnywhere != 0 {
		spec.Addr, spec.Flags = 0, abi.VM_FLAGS_ANYWHERE
	}
	c.mu.Lock()
	full := len(c.mappings) >= maxMappings
	c.mu.Unlock()
	if full {
		return 0, 0, iokit.IOReturnNoResources
	}
	at, kr = m.EnterNamed(n, spec)
	if kr != abi.KERN_SUCCESS {
		return 0, 0, iokit.IOReturnBadArgument
	}
	c.mu.Lock()
	c.mappings = append(c.mappings, mapping{into, kind, at, spec.Size})
	c.mu.Unlock()
	return at, spec.Size, abi.KERN_SUCCESS
}

func unmapMemory(_ *mig.Call, p *ipc.Port, kind uint32, from *task.Task, at machine.Addr) kret {
	c, m := connect(p), mapOf(from)
	if c == nil || m == nil {
		return iokit.IOReturnBadArgument
	}
	c.mu.Lock()
	i := slices.IndexFunc(c.mappings, func(x mapping) bool { return x.task == from && x.kind == kind && x.addr == at })
	var x mapping
	if i >= 0 {
		x = c.mappings[i]
		c.mappings = slices.Delete(c.mappings, i, i+1)
	}
	c.mu.Unlock()
	if i < 0 {
		return iokit.IOReturnBadArgument
	}
	return m.Deallocate(x.addr, x.size)
}

// argument is what a method gets; kIOReturnIPCError for structures out of line that should be in it.
func argument(c *mig.Call, selector uint32, scalars []uint64, in []byte, at machine.Addr, size uint64) (*iokit.Arguments, kret) {
	a := &iokit.Arguments{Selector: selector, ScalarInput: slices.Clone(scalars), StructInput: slices.Clone(in)}
	if at != 0 {
		m := callerMap(c)
		if size <= iokit.MaxInband || m == nil {
			return nil, iokit.IOReturnIPCError
		}
		if size > iokit.MaxStruct {
			return nil, iokit.IOReturnMessageTooLarge
		}
		a.StructInput = make([]byte, size)
		if m.CopyIn(a.StructInput, at) != abi.KERN_SUCCESS {
			return nil, iokit.IOReturnVMError
		}
	}
	return a, abi.KERN_SUCCESS
}

// results are a method's own, cut to what the caller has room for.
func results(a *iokit.Arguments, wanted int) ([]byte, []uint64) {
	return a.StructOutput[:min(len(a.StructOutput), a.StructRoom)], a.ScalarOutput[:min(len(a.ScalarOutput), wanted)]
}

func method(c *mig.Call, p *ipc.Port, a *iokit.Arguments, inband, scalars int, at machine.Addr, size uint64) (out []byte, words []uint64, n uint64, kr kret) {
	conn := connect(p)
	if conn == nil {
		return nil, nil, 0, iokit.IOReturnBadArgument
	}
	a.ScalarOutput, a.StructRoom = make([]uint64, scalars), inband
	if at != 0 {
		if size <= iokit.MaxInband {
			return nil, nil, 0, iokit.IOReturnIPCError
		}
		a.StructRoom = int(min(size, iokit.MaxStruct))
	}
	if kr = conn.uc.ExternalMethod(a); kr != abi.KERN_SUCCESS {
		return nil, nil, 0, kr
	}
	out, words = results(a, scalars)
	if at == 0 {
		return out, words, 0, kr
	}
	if m := callerMap(c); m == nil || m.CopyOut(at, out) != abi.KERN_SUCCESS {
		return nil, nil, 0, iokit.IOReturnVMError
	}
	return nil, words, uint64(len(out)), kr
}

func (s *Server) methods(t *IokitServer) {
	t.IoConnectMethod = func(c *mig.Call, p *ipc.Port, selector uint32, scalars []uint64, in []byte, at machine.Addr, size uint64,
		inband, words int, to machine.Addr, room uint64) ([]byte, []uint64, uint64, kret) {
		a, kr := argument(c, selector, scalars, in, at, size)
		if kr != abi.KERN_SUCCESS {
			return nil, nil, 0, kr
		}
		return method(c, p, a, inband, words, to, room)
	}
	t.IoConnectAsyncMethod = func(c *mig.Call, p *ipc.Port, port mig.Right, reference []uint64, selector uint32, scalars []uint64, in []byte,
		at machine.Addr, size uint64, inband, words int, to machine.Addr, room uint64) ([]byte, []uint64, uint64, kret) {
		if !usable(port, reference) || connect(p) == nil {
			return nil, nil, 0, iokit.IOReturnBadArgument
		}
		a, kr := argument(c, selector, scalars, in, at, size)
		if kr != abi.KERN_SUCCESS {
			return nil, nil, 0, kr
		}
		w := &async{wake: newWake(port, reference)}
		a.Async = w
		out, l, n, kr := method(c, p, a, inband, words, to, room)
		if kr != abi.KERN_SUCCESS {
			w.Release() // a call that failed has no completion
		}
		return out, l, n, kr
	}
	t.IoConnectMethodVarOutput = func(c *mig.Call, p *ipc.Port, selector uint32, scalars []uint64, in []byte, at machine.Addr, size uint64,
		inband, words int) ([]byte, []uint64, ipc.Copy, kret) {
		a, kr := argument(c, selector, scalars, in, at, size)
		conn := connect(p)
		switch {
		case kr != abi.KERN_SUCCESS:
			return nil, nil, nil, kr
		case conn == nil:
			return nil, nil, nil, iokit.IOReturnBadArgument
		}
		a.ScalarOutput, a.StructRoom = make([]uint64, words), iokit.MaxStruct
		if kr = conn.uc.ExternalMethod(a); kr != abi.KERN_SUCCESS {
			return nil, nil, nil, kr
		}
		out, l := results(a, words)
		return nil, l, bytesOut(out), kr
	}
}
