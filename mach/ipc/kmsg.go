package ipc

import (
	"encoding/binary"
	"math"
	"sync"

	"puggle/abi"
	"puggle/machine"
)

// Copy is out-of-line memory on its way: a vm_map_copy. Whoever holds it
// either has it placed (OOL.CopyOutOOL) or discards it, once.
type Copy interface {
	Size() uint64
	Discard()
}

// UserMem reads and writes the caller's memory; vm.Map satisfies it. Both move
// everything or fail.
type UserMem interface {
	CopyIn(dst []byte, a machine.Addr) abi.KernReturn
	CopyOut(a machine.Addr, src []byte) abi.KernReturn
}

// OOL moves out-of-line memory between a map and a message.
type OOL interface {
	// CopyInOOL takes size > 0 bytes at a. With deallocate the range is gone
	// from the map afterwards, if the call succeeds. physical asks for a real
	// copy now (MACH_MSG_PHYSICAL_COPY).
	CopyInOOL(a machine.Addr, size uint64, deallocate, physical bool) (Copy, abi.KernReturn)
	// CopyOutOOL places c in fresh memory and consumes it if it succeeds.
	CopyOutOOL(c Copy) (machine.Addr, abi.KernReturn)
	// AllocateOOL gives fresh memory with b in it (arrays of port names).
	AllocateOOL(b []byte) (machine.Addr, abi.KernReturn)
	// DeallocateOOL is vm_deallocate.
	DeallocateOOL(a machine.Addr, size uint64) abi.KernReturn
}

// Desc is a descriptor inside the kernel. Exactly the fields of its Type are
// set. It owns its Port, Ports or Mem.
type Desc struct {
	Type    uint8
	Copy    uint8 // MACH_MSG_PHYSICAL_COPY or VIRTUAL_COPY
	Dealloc bool
	Disp    abi.MsgType // as received: PORT_RECEIVE, PORT_SEND, PORT_SEND_ONCE
	Flags   uint16      // guarded
	Port    *Port
	Ports   []*Port
	Mem     Copy // nil for no bytes
	Size    uint32
	Context uint64
	off     int // Mach 2.5: where its data is in the body
}

// Kmsg is an ipc_kmsg. body has the receiver's layout, header included; the
// header's ports and the descriptors are filled in at copyout.
type Kmsg struct {
	next          *Kmsg
	bits          uint32
	id            int32
	remote, local *Port // destination and reply, naked rights of the types in bits
	voucher       *Port // a naked send right to a voucher, or nil
	desc          []Desc
	body          []byte
	aux           []byte
	old           bool // Mach 2.5 form, see mach25_msg.go
	circular      bool // must not be queued: see Port.arrive
	sec           SecurityToken
	audit         AuditToken
	charged       int64
	from          sendThread // who sends it to a kernel object, nil for the kernel
	spare         *Kmsg      // for the reply to a call of a kernel object; empty
	small         [256 + abi.MaxTrailerSize]byte
}

// SecurityToken and AuditToken are security_token_t and audit_token_t.
type (
	SecurityToken [2]uint32
	AuditToken    [8]uint32
)

// kernelSecurity is KERNEL_SECURITY_TOKEN; the kernel's audit token is zero.
var kernelSecurity = SecurityToken{0, 1}

// Limits on inline data. MaxBody is one message's (bytes, header included);
// beyond it a send fails with MACH_SEND_TOO_LARGE. MaxKmsgBytes is all
// messages' together, beyond it with MACH_SEND_NO_BUFFER.
const MaxBody = 48<<20 - abi.MaxTrailerSize

var MaxKmsgBytes int64 = 512 << 20

var kmsgPool = sync.Pool{New: func() any { return new(Kmsg) }}

// kmsgOverhead is what one message costs beside its bytes, roughly.
const kmsgOverhead = 512

// allocKmsg makes a message of size bytes; nil if memory for messages is used up.
func allocKmsg(size int) *Kmsg {
	charge := int64(size) + kmsgOverhead
	if kmsgBytes.Add(charge) > MaxKmsgBytes {
		kmsgBytes.Add(-charge)
		return nil
	}
	return chargedKmsg(size, charge)
}

func chargedKmsg(size int, charge int64) *Kmsg {
	k := kmsgPool.Get().(*Kmsg)
	k.dropSpare()
	liveKmsgs.Add(1)
	k.charged = charge
	k.shape(size)
	return k
}

// shape gives k a body of size bytes, of no known content, and room for a trailer.
func (k *Kmsg) shape(size int) {
	if size <= len(k.small)-abi.MaxTrailerSize {
		k.body = k.small[:size]
	} else {
		k.body = make([]byte, size, size+abi.MaxTrailerSize)
	}
}

// uncountedKmsg makes a message of size bytes, if it is a small one, that does not count
// yet: it must not outlive the call that it is made in.
func uncountedKmsg(size int) *Kmsg {
	if size > len(Kmsg{}.small)-abi.MaxTrailerSize {
		return nil
	}
	k := kmsgPool.Get().(*Kmsg)
	k.body = k.small[:size]
	return k
}

// count has k count, if it does not yet; false, and it does not, if memory for messages
// is used up.
func (k *Kmsg) count() bool {
	return k.charged != 0 || k.countAlways(MaxKmsgBytes)
}

func (k *Kmsg) countAlways(limit int64) bool {
	charge := int64(len(k.body)) + kmsgOverhead
	if kmsgBytes.Add(charge) > limit {
		kmsgBytes.Add(-charge)
		return false
	}
	liveKmsgs.Add(1)
	k.charged = charge
	k.dropSpare()
	return true
}

// dropSpare gives k's spare back: what may wait in a queue has none.
func (k *Kmsg) dropSpare() {
	if s := k.spare; s != nil {
		k.spare = nil
		kmsgPool.Put(s)
	}
}

// charge adds n bytes to what k counts for; false if that is too much.
func (k *Kmsg) charge(n int64) bool {
	if kmsgBytes.Add(n) > MaxKmsgBytes {
		kmsgBytes.Add(-n)
		return false
	}
	k.charged += n
	return true
}

// newKmsg makes a kernel message with n bytes after the header, zero.
// Notifications and replies can't be refused: it ignores MaxKmsgBytes.
func newKmsg(id int32, n int) *Kmsg {
	k := newUncounted(id, n)
	k.countAlways(math.MaxInt64)
	return k
}

// newUncounted is newKmsg, but see uncountedKmsg.
func newUncounted(id int32, n int) *Kmsg {
	return kmsgPool.Get().(*Kmsg).begin(id, n)
}

func (k *Kmsg) begin(id int32, n int) *Kmsg {
	k.shape(abi.MsgHeaderSize + n)
	clear(k.body)
	k.id, k.sec = id, kernelSecurity
	return k
}

// free gives k's memory back; it holds no rights any more.
func (k *Kmsg) free() {
	k.reset()
	kmsgPool.Put(k)
}

func (k *Kmsg) reset() {
	if k.charged != 0 {
		liveKmsgs.Add(-1)
		kmsgBytes.Add(-k.charged)
	}
	clear(k.desc)
	k.next, k.bits, k.id, k.remote, k.local = nil, 0, 0, nil, nil
	k.desc, k.body, k.aux, k.circular, k.old = k.desc[:0], nil, nil, false, false
	k.sec, k.audit, k.charged, k.from = SecurityToken{}, AuditToken{}, 0, nil
	if cap(k.desc) > 8 {
		k.desc = nil
	}
}

func (k *Kmsg) remoteType() abi.MsgType { return abi.MsgType(k.bits & 0x1f) }
func (k *Kmsg) localType() abi.MsgType  { return abi.MsgType(k.bits >> 8 & 0x1f) }

func (k *Kmsg) setRemote(p *Port, t abi.MsgType) {
	k.remote = p
	k.bits = k.bits&^abi.MACH_MSGH_BITS_REMOTE_MASK | uint32(t)
}

func (k *Kmsg) setLocal(p *Port, t abi.MsgType) {
	k.local = p
	k.bits = k.bits&^abi.MACH_MSGH_BITS_LOCAL_MASK | uint32(t)<<8
}

// destroy consumes k and everything that it holds: ipc_kmsg_destroy.
func (k *Kmsg) destroy(c *chores) {
	if IsValid(k.remote) {
		release(k.remote, k.remoteType(), c)
	}
	if IsValid(k.local) {
		release(k.local, k.localType(), c)
	}
	k.dropVoucher(c)
	for i := range k.desc {
		k.desc[i].release(c)
	}
	k.free()
}

// dropVoucher consumes k's voucher.
func (k *Kmsg) dropVoucher(c *chores) {
	if k.voucher != nil {
		releaseSend(k.voucher, c)
		k.voucher = nil
	}
}

// release consumes what d owns.
func (d *Desc) release(c *chores) {
	if d.Port != nil {
		release(d.Port, d.Disp, c)
	}
	for _, p := range d.Ports {
		release(p, d.Disp, c)
	}
	if d.Mem != nil {
		d.Mem.Discard()
	}
	d.Port, d.Ports, d.Mem = nil, nil, nil
}

// eachReceive calls fn for each receive right in d.
func (d *Desc) eachReceive(fn func(p *Port)) {
	if d.Disp != abi.MACH_MSG_TYPE_PORT_RECEIVE {
		return
	}
	if IsValid(d.Port) {
		fn(d.Port)
	}
	for _, p := range d.Ports {
		if IsValid(p) {
			fn(p)
		}
	}
}

// userSize is the size of d in a 64-bit task's message.
func (d *Desc) userSize() int { return descSize(d.Type) }

func descSize(t uint8) int {
	if t == abi.MACH_MSG_PORT_DESCRIPTOR {
		return abi.MsgPortDescSize
	}
	return abi.MsgOOLDescSize
}

// send delivers k to its remote port; see enqueue for who owns k afterwards.
// A kernel object's port calls its server on the spot. No lock is held.
func (k *Kmsg) send(th sendThread, o sendOpts, c *chores) abi.KernReturn {
	if k.circular {
		c.kmsg(k)
		return abi.MACH_MSG_SUCCESS
	}
	p := k.remote
	p.mu.Lock()
	if p.active && p.kserver != nil {
		server := p.kserver
		p.seqno++
		p.mu.Unlock()
		k.from = th
		serve(server, p, k, c)
		return abi.MACH_MSG_SUCCESS
	}
	return p.enqueue(th, k, o, c)
}

func put32(b []byte, off int, v uint32) { binary.LittleEndian.PutUint32(b[off:], v) }
func get32(b []byte, off int) uint32    { return binary.LittleEndian.Uint32(b[off:]) }
