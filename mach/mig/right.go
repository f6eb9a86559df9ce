package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
)

// Right is a right in a message that was received.
type Right struct{ d *ipc.Desc }

// Right gives the port of descriptor i.
func (b *Buffer) Right(i int) Right { return Right{&b.in.Descs()[i]} }

// Port is the port, on loan: nil, ipc.Dead, or one that may have died.
func (r Right) Port() *ipc.Port { return r.d.Port }

// Type is what kind of right it is: PORT_SEND, PORT_SEND_ONCE or PORT_RECEIVE.
func (r Right) Type() abi.MsgType { return r.d.Disp }

// Take moves the right out of the message: the caller owns it.
func (r Right) Take() *ipc.Port {
	p := r.d.Port
	r.d.Port = nil
	return p
}

// Rights is an array of rights out of line.
type Rights struct{ d *ipc.Desc }

// Rights gives the array of descriptor i.
func (b *Buffer) Rights(i int) Rights { return Rights{&b.in.Descs()[i]} }

// Ports is the array, on loan.
func (r Rights) Ports() []*ipc.Port { return r.d.Ports }

// Type is the kind of all of them.
func (r Rights) Type() abi.MsgType { return r.d.Disp }

// Take moves all rights out of the message.
func (r Rights) Take() []*ipc.Port {
	l := r.d.Ports
	r.d.Ports = nil
	return l
}

// Memory is memory out of line in a message that was received.
type Memory struct{ d *ipc.Desc }

// Memory gives the memory of descriptor i.
func (b *Buffer) Memory(i int) Memory { return Memory{&b.in.Descs()[i]} }

// Size is in bytes.
func (m Memory) Size() int { return int(m.d.Size) }

// Copy is the memory, on loan; nil for none.
func (m Memory) Copy() ipc.Copy { return m.d.Mem }

// Take moves the memory out of the message: the caller places or discards it.
func (m Memory) Take() ipc.Copy {
	c := m.d.Mem
	m.d.Mem = nil
	return c
}

// Bytes reads it all, if it is at most max bytes. KERN_INVALID_ARGUMENT, or
// what reading met.
func (m Memory) Bytes(max int) ([]byte, abi.KernReturn) {
	if m.Size() > max {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	if m.Size() == 0 {
		return nil, abi.KERN_SUCCESS
	}
	r, ok := m.d.Mem.(interface {
		ReadAt(b []byte, off uint64) abi.KernReturn
	})
	if !ok {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	b := make([]byte, m.Size())
	if kr := r.ReadAt(b, 0); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	return b, abi.KERN_SUCCESS
}

// Poly is a right whose kind the server chooses.
type Poly struct {
	Port *ipc.Port
	Type abi.MsgType
}

// takeRight takes descriptor i's right for a client.
func (b *Buffer) TakeRight(i int) *ipc.Port { return b.Right(i).Take() }
