package kpi

import (
	"sync"
	"time"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/iokit"
	"puggle/mach/task"
	"puggle/mach/vm"
)

func init() {
	register("-", "2002", "runtime", []Row{
		{Name: "kpi_client_root", Proto: "bool kpi_client_root(void *token)", Handler: clientRoot},
		{Name: "kpi_async_complete", Proto: "IOReturn kpi_async_complete(void *async, IOReturn result, const uint64_t *args, unsigned count)", Handler: asyncComplete},
	})
}

// cxxClient is an IOUserClient of C++.
type cxxClient struct {
	k  *KernelTask
	x  *cxxEntry
	by *iokit.Client

	mu      sync.Mutex
	handles []Addr             // of the task and the token, which end with the connection
	asyncs  map[Addr]*asyncRef // calls without an answer, and notification ports
	closed  bool
}

// asyncRef is a reply port in the hands of code.
type asyncRef struct{ port iokit.Async }

// maxAsyncs bounds those of a connection.
const maxAsyncs = 1024

// NewUserClient is IOService::newUserClient.
func (x *cxxEntry) NewUserClient(by *iokit.Client, kind uint32, properties map[string]any) (iokit.UserClient, abi.KernReturn) {
	k := x.k
	u := &cxxClient{k: k, by: by, asyncs: map[Addr]*asyncRef{}}
	var owner Addr
	if t, _ := by.Task.(*task.Task); t != nil {
		owner = k.handle.ref(t)
	}
	token := k.handle.ref(u)
	u.handles = []Addr{owner, token}
	xml := iokit.SerializeXML(properties)
	if properties == nil {
		xml = nil
	}
	text, free := k.lendBytes(xml)
	defer free()
	at, free2 := k.lendBytes(make([]byte, 8))
	defer free2()
	if token == 0 || text == 0 || at == 0 {
		u.drop()
		return nil, iokit.IOReturnNoMemory
	}
	r, ok := x.up("iok_new_user_client", uint64(owner), uint64(token), uint64(kind), uint64(text), uint64(len(xml)), uint64(at))
	obj, _ := k.U64(at)
	if !ok || int32(r) != 0 || obj == 0 {
		u.drop()
		if !ok {
			return nil, iokit.IOReturnNoDevice
		}
		return nil, abi.KernReturn(int32(r))
	}
	h, err := k.ioCall(x.ext(), "iok_entry_handle", obj)
	e, _ := k.handle.get(Addr(h)).(*iokit.Entry)
	if e != nil && err == nil {
		u.x, _ = e.Object().(*cxxEntry)
	}
	// The registry has a reference of its own for as long as the connection is attached.
	k.ioCall(x.ext(), "iok_release", obj)
	if u.x == nil {
		u.drop()
		return nil, iokit.IOReturnNoDevice
	}
	if by.Name != "" {
		e.SetProperty("IOUserClientCreator", by.Name)
	}
	return u, abi.KERN_SUCCESS
}

// drop ends what code was handed.
func (u *cxxClient) drop() {
	u.mu.Lock()
	u.closed = true
	asyncs, handles := u.asyncs, u.handles
	u.asyncs, u.handles = nil, nil
	u.mu.Unlock()
	k := u.k
	for h, a := range asyncs {
		k.handle.drop(h)
		a.port.Release()
	}
	for _, h := range handles {
		if h != 0 {
			k.handle.unref(h)
		}
	}
}

// async hands a port to code; 0 if there are too many.
func (u *cxxClient) async(p iokit.Async) Addr {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed || len(u.asyncs) >= maxAsyncs {
		return 0
	}
	r := &asyncRef{p}
	h := u.k.handle.put(r)
	if h != 0 {
		u.asyncs[h] = r
	}
	return h
}

func (u *cxxClient) Entry() *iokit.Entry { return u.x.e }

// IOExternalMethodArguments (<IOKit/IOUserClient.h>).
const (
	emSelector        = 4
	emAsyncPort       = 8
	emAsyncReference  = 16
	emAsyncCount      = 24
	emScalarInput     = 32
	emScalarInCount   = 40
	emStructInput     = 48
	emStructInSize    = 56
	emScalarOutput    = 72
	emScalarOutCount  = 80
	emStructOutput    = 88
	emStructOutSize   = 96
	emSize            = 248
	asyncReferenceLen = 8
)

// ExternalMethod is IOUserClient::externalMethod. Everything lies in one block of the task's memory.
func (u *cxxClient) ExternalMethod(a *iokit.Arguments) abi.KernReturn {
	if len(a.ScalarInput) > iokit.MaxScalars || len(a.ScalarOutput) > iokit.MaxScalars || len(a.StructInput) > iokit.MaxStruct || a.StructRoom < 0 || a.StructRoom > iokit.MaxStruct {
		return iokit.IOReturnBadArgument
	}
	k := u.k
	ref := emSize
	in := ref + 8*asyncReferenceLen
	out := in + 8*len(a.ScalarInput)
	sin := out + 8*len(a.ScalarOutput)
	sout := (sin + len(a.StructInput) + 15) &^ 15
	b := make([]byte, sout+a.StructRoom)
	at, free := k.lendBytes(b)
	defer free()
	if at == 0 {
		return iokit.IOReturnNoMemory
	}
	pointer := func(field, to, n int) {
		if n > 0 {
			le.PutUint64(b[field:], uint64(at)+uint64(to))
		}
	}
	le.PutUint32(b[emSelector:], a.Selector)
	if a.Async != nil {
		h := u.async(a.Async)
		if h == 0 {
			a.Async.Release()
			return iokit.IOReturnNoResources
		}
		le.PutUint64(b[emAsyncPort:], uint64(h))
		le.PutUint64(b[ref:], uint64(h))
		le.PutUint32(b[emAsyncCount:], asyncReferenceLen)
		pointer(emAsyncReference, ref, 1)
	}
	pointer(emScalarInput, in, len(a.ScalarInput))
	le.PutUint32(b[emScalarInCount:], uint32(len(a.ScalarInput)))
	for i, v := range a.ScalarInput {
		le.PutUint64(b[in+8*i:], v)
	}
	pointer(emStructInput, sin, len(a.StructInput))
	le.PutUint32(b[emStructInSize:], uint32(len(a.StructInput)))
	copy(b[sin:], a.StructInput)
	pointer(emScalarOutput, out, len(a.ScalarOutput))
	le.PutUint32(b[emScalarOutCount:], uint32(len(a.ScalarOutput)))
	pointer(emStructOutput, sout, a.StructRoom)
	le.PutUint32(b[emStructOutSize:], uint32(a.StructRoom))
	if !k.Write(at, b) {
		return iokit.IOReturnNoMemory
	}
	r, ok := u.x.up("iok_external_method", uint64(at))
	if !ok {
		return iokit.IOReturnOffline
	}
	if !k.Read(b, at) {
		return iokit.IOReturnVMError
	}
	n := min(int(le.Uint32(b[emScalarOutCount:])), len(a.ScalarOutput))
	for i := range n {
		a.ScalarOutput[i] = le.Uint64(b[out+8*i:])
	}
	a.ScalarOutput = a.ScalarOutput[:n]
	a.StructOutput = b[sout : sout+int(min(le.Uint32(b[emStructOutSize:]), uint32(a.StructRoom)))]
	return abi.KernReturn(int32(r))
}

// ClientMemory is IOUserClient::clientMemoryForType.
func (u *cxxClient) ClientMemory(kind uint32) (*vm.NamedEntry, uint32, abi.KernReturn) {
	k := u.k
	at, free := k.lendBytes(make([]byte, 32))
	defer free()
	if at == 0 {
		return nil, 0, iokit.IOReturnNoMemory
	}
	r, ok := u.x.up("iok_client_memory", uint64(kind), uint64(at))
	if !ok {
		return nil, 0, iokit.IOReturnOffline
	}
	if int32(r) != 0 {
		return nil, 0, abi.KernReturn(int32(r))
	}
	var out [32]byte
	if !k.Read(out[:], at) {
		return nil, 0, iokit.IOReturnVMError
	}
	where, size, obj := Addr(le.Uint64(out[:])), le.Uint64(out[8:]), le.Uint64(out[24:])
	// The entry names the pages themselves: they stay when the descriptor is freed.
	defer k.ioCall(u.x.ext(), "iok_release", obj)
	if !k.alloc.ownPages(where, size) {
		return nil, 0, iokit.IOReturnUnsupported
	}
	prot := abi.VM_PROT_READ | abi.VM_PROT_WRITE
	options := le.Uint32(out[16:])
	if options&mapReadOnly != 0 {
		prot = abi.VM_PROT_READ
	}
	n, kr := k.Map.MakeMemoryEntry(where, size, prot, abi.MAP_MEM_VM_SHARE)
	return n, options, kr
}

const mapReadOnly = 1 << 12 // kIOMapReadOnly

func (u *cxxClient) SetNotificationPort(kind uint32, port iokit.Async, reference uint64) abi.KernReturn {
	var h Addr
	if port != nil {
		if h = u.async(port); h == 0 {
			port.Release()
			return iokit.IOReturnNoResources
		}
	}
	r, ok := u.x.up("iok_client_port", uint64(h), uint64(kind), reference)
	if !ok {
		return iokit.IOReturnOffline
	}
	return abi.KernReturn(int32(r))
}

func (u *cxxClient) ConnectClient(other iokit.UserClient) abi.KernReturn {
	o, ok := other.(*cxxClient)
	if !ok {
		return iokit.IOReturnUnsupported
	}
	r, ok := u.x.up("iok_connect_client", uint64(o.x.obj))
	if !ok {
		return iokit.IOReturnOffline
	}
	return abi.KernReturn(int32(r))
}

func (u *cxxClient) SetProperties(properties any) abi.KernReturn {
	return u.x.SetProperties(u.by, properties)
}

// Close is clientClose, or clientDied; what the driver leaves of the connection is terminated.
func (u *cxxClient) Close(died bool) {
	d := uint64(0)
	if died {
		d = 1
	}
	u.x.up("iok_client_close", d)
	u.x.e.Terminate(0)
	// The driver's own termination may be under way; it is waited for.
	for start := time.Now(); u.x.ending.Load() > 0 && time.Since(start) < settleLimit; {
		time.Sleep(settlePause)
	}
	u.drop()
}

func clientRoot(c *Call) uint64 {
	root := false
	switch o := c.K.handle.get(c.Addr(0)).(type) {
	case *cxxClient:
		root = o.by.Root
	case *task.Task:
		if p, _ := o.BSD.(*kern.Proc); p != nil {
			root = p.Cred().IsSuser()
		}
	}
	if root {
		return 1
	}
	return 0
}

func asyncComplete(c *Call) uint64 {
	a, ok := c.K.handle.get(c.Addr(0)).(*asyncRef)
	n := c.U32(3)
	if !ok || n > iokit.MaxScalars {
		bad := iokit.IOReturnBadArgument
		return uint64(uint32(bad))
	}
	args := make([]uint64, n)
	for i := range args {
		var ok bool
		if args[i], ok = c.K.U64(c.Addr(2) + Addr(8*i)); !ok {
			return c.Panic("sendAsyncResult64: the arguments can't be read")
		}
	}
	return uint64(uint32(a.port.Complete(abi.KernReturn(c.I32(1)), args)))
}
