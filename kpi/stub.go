package kpi

import (
	_ "embed"
	"encoding/binary"
	"fmt"

	"puggle/abi"
	"puggle/libkern"
	"puggle/mach/vm"
	"puggle/machine"
)

var le = binary.LittleEndian

// Calls of the KPI have numbers of their own class; 0 says that an upcall has
// returned.
const (
	callBase   = 0xB000000
	callReturn = 0
	stubSize   = 32
)

// stub is the code of KPI call n.
func stub(b []byte, n int) {
	copy(b, []byte{0xb8, 0, 0, 0, 0, // mov $n,%eax
		0x49, 0x89, 0xca, // mov %rcx,%r10
		0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, // movabs $TrapEntry,%r11
		0x41, 0xff, 0xd3, // call *%r11
		0xc3}) // ret
	le.PutUint32(b[1:], uint32(callBase+n))
	le.PutUint64(b[10:], uint64(machine.TrapEntry))
}

// returnStub is where upcalls return to: it makes call 0 with the result.
func returnStub(b []byte) {
	copy(b, []byte{0x48, 0x89, 0xc7, // mov %rax,%rdi
		0xb8, 0, 0, 0, 0, // mov $callBase,%eax
		0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, // movabs $TrapEntry,%r11
		0x41, 0xff, 0xd3, // call *%r11
		0x0f, 0x0b}) // ud2
	le.PutUint32(b[4:], callBase+callReturn)
	le.PutUint64(b[10:], uint64(machine.TrapEntry))
}

// writeStubs makes the page of stubs, one for each row with a handler.
func (k *KernelTask) writeStubs() error {
	b := make([]byte, (len(table)+1)*stubSize)
	for i := range b {
		b[i] = 0xcc
	}
	returnStub(b)
	for i := range table {
		if table[i].Handler != nil {
			stub(b[(i+1)*stubSize:], i+1)
		}
	}
	a, err := k.enter(b, uint64(len(b)), abi.VM_PROT_READ|abi.VM_PROT_EXECUTE)
	k.stubs = a
	return err
}

// enter puts bytes somewhere in the map.
func (k *KernelTask) enter(b []byte, size uint64, prot abi.Prot) (Addr, error) {
	a, kr := k.Map.Allocate(0, size, vm.Anywhere)
	if kr != 0 {
		return 0, fmt.Errorf("no room for %d bytes: %v", size, kr)
	}
	if !k.Write(a, b) {
		return 0, machine.ErrNoMemory
	}
	if kr := k.Map.Protect(a, size, prot, false); kr != 0 {
		return 0, fmt.Errorf("can't protect: %v", kr)
	}
	return a, nil
}

func (k *KernelTask) stubAddr(row int) Addr { return k.stubs + Addr(row+1)*stubSize }

//go:embed rt/rt.o
var rtObject []byte

// loadRuntime links the guest side of the KPI.
func (k *KernelTask) loadRuntime() error {
	plan, err := libkern.NewPlan([][]byte{rtObject})
	if err != nil {
		return err
	}
	base, err := k.Allocate(plan.Size())
	if err != nil {
		return err
	}
	k.rt, err = plan.Link(base, func(name string) (uint64, bool) {
		if i, ok := byName()[name]; ok && table[i].Handler != nil {
			return uint64(k.stubAddr(i)), true
		}
		return 0, false
	})
	if err != nil {
		return err
	}
	return k.place(k.rt)
}

// rtSymbol is the address of a symbol of the runtime.
func (k *KernelTask) rtSymbol(name string) Addr {
	s, _ := k.rt.Lookup(name)
	return Addr(s.Addr)
}

// place copies an image to its addresses, which Allocate gave.
func (k *KernelTask) place(img *libkern.Image) error {
	for i := range img.Segments {
		s := &img.Segments[i]
		if !k.Write(Addr(s.Addr), s.Data) {
			return machine.ErrNoMemory
		}
	}
	for i := range img.Segments {
		s := &img.Segments[i]
		if kr := k.Map.Protect(Addr(s.Addr), s.Size, s.Prot, false); kr != 0 {
			return fmt.Errorf("segment %s can't be protected: %v", s.Name, kr)
		}
	}
	return nil
}
