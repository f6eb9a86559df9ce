package kpi

import (
	"errors"

	"puggle/abi"
	"puggle/kernserv/nextbus"
	"puggle/mach/vm"
	"puggle/machine"
)

func init() {
	register("next/map_addr.h", "1990", "next", []Row{
		{Name: "map_addr", Proto: "caddr_t map_addr(caddr_t address, int size)", Handler: mapAddr, Note: "the NeXTbus and the CPU's NBIC; stays mapped"},
		{Name: "probe_rb", Proto: "int probe_rb(void *address)", Handler: probeRB},
		{Name: "next_bytecopy", Header: "next/cpu.h", Proto: "void bytecopy(void *from, void *to, int length)", Handler: nextBytecopy, Note: "bytecopy of a kernel server: device memory, too"},
	})
}

// mapAddr gives addresses for device memory: nothing is mapped there, and the
// faults are the accesses. 0 if there is no room.
func mapAddr(c *Call) uint64 {
	k, d := c.K, &c.K.next.device
	if c.loader() == nil {
		return 0
	}
	phys := c.U32(0)
	base, size, err := nextbus.Extent(phys, int(c.I32(1)))
	if err != nil || c.Arg(0)>>32 != 0 {
		return 0
	}
	if a, ok := d.Find(base, size); ok {
		return uint64(a) + uint64(phys-base)
	}
	a, kr := k.Map.Enter(&vm.MapSpec{Size: uint64(size), Flags: vm.Anywhere, Inherit: abi.VM_INHERIT_NONE})
	if kr != abi.KERN_SUCCESS {
		return 0
	}
	if !d.Add(a, base, size) {
		k.Map.Deallocate(a, uint64(size))
		return 0
	}
	return uint64(a) + uint64(phys-base)
}

// probeRB says whether a byte could be read: of device memory, or any other.
func probeRB(c *Call) uint64 {
	if p, ok := c.K.next.device.Phys(c.Addr(0)); ok {
		return boolean(c.K.next.bus.Probe(p))
	}
	var b [1]byte
	return boolean(c.K.Read(b[:], c.Addr(0)))
}

func nextBytecopy(c *Call) uint64 {
	from, to, n := c.Addr(0), c.Addr(1), c.I32(2)
	d := &c.K.next.device
	_, fromDevice := d.Phys(from)
	_, toDevice := d.Phys(to)
	if !fromDevice && !toDevice {
		if n > 0 && !c.K.copy(to, from, uint64(n)) {
			return c.Panic("bytecopy: bad address")
		}
		return 0
	}
	for ; n > 0; n-- {
		if err := c.copyByte(to, from, toDevice, fromDevice); err != nil {
			return c.Panic("bytecopy: " + err.Error())
		}
		from, to = from+1, to+1
	}
	return 0
}

var errBadAddress = errors.New("bad address")

func (c *Call) copyByte(to, from Addr, toDevice, fromDevice bool) (err error) {
	d := &c.K.next.device
	var b [1]byte
	if fromDevice {
		v, err := d.Read(from, 1)
		if err != nil {
			return err
		}
		b[0] = byte(v)
	} else if !c.K.Read(b[:], from) {
		return errBadAddress
	}
	if toDevice {
		return d.Write(to, 1, uint32(b[0]))
	}
	if !c.K.Write(to, b[:]) {
		return errBadAddress
	}
	return nil
}

// deviceFault does the instruction that has faulted on device memory. done is
// false if the fault was something else's.
func (k *KernelTask) deviceFault(act *activation, t machine.Trap) (done bool, p *Panic) {
	if k.next.loader == nil {
		return false, nil
	}
	if _, ok := k.next.device.Phys(t.Addr); !ok || t.Exec {
		return false, nil
	}
	r := *act.cpu.Regs()
	var code [nextbus.MaxInstruction]byte
	n := len(code)
	for n > 0 && !k.Read(code[:n], Addr(r.Rip)) { // it may end with its page
		n--
	}
	if err := nextbus.Step(&r, code[:n], &k.next.device); err != nil {
		return true, k.panicAt(act, err.Error())
	}
	act.cpu.SetRegs(&r)
	return true, nil
}
