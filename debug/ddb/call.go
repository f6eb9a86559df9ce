package ddb

import (
	"encoding/binary"
	"fmt"

	"puggle/machine"
)

// call runs a function on the thread that is looked at, instruction by instruction, the other
// threads waiting; then the thread is where it was. A call that doesn't end in maxSteps instructions, or in which
// something else stops the kernel, is given up: what it has done stays done.
func call(c *Console, _, rest string) error {
	l, _, err := c.args(rest)
	if err != nil {
		return err
	}
	if len(l) == 0 || len(l) > 7 {
		return fmt.Errorf("call FUNCTION [ARGUMENT...], six of them at the most")
	}
	id := c.current()
	was, err := c.T.Regs(id)
	if err != nil {
		return err
	}
	r := was
	// Below what the function that was interrupted may use without having moved its stack.
	r.Rsp = (was.Rsp-256)&^15 - 8
	r.Rip, r.Rax, r.Rflags = l[0], 0, was.Rflags&^flagDirection
	for i, p := range []*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.Rcx, &r.R8, &r.R9} {
		if i+1 < len(l) {
			*p = l[i+1]
		}
	}
	var ret [8]byte
	binary.LittleEndian.PutUint64(ret[:], was.Rip)
	if n := c.T.Read(make([]byte, 1), machine.Addr(l[0])); n == 0 {
		return fmt.Errorf("%#x: nothing is mapped there", l[0])
	}
	if err := c.T.SetRegs(id, r); err != nil {
		return err
	}
	if err := c.T.Write(machine.Addr(r.Rsp), ret[:]); err != nil {
		c.T.SetRegs(id, was)
		return fmt.Errorf("the thread's stack: %w", err)
	}
	for n := range maxSteps {
		if n&63 == 0 && c.gone() {
			c.T.SetRegs(id, was)
			return ErrLeave
		}
		err := c.stepOne(id)
		now, gone := c.T.Regs(id)
		if err == nil && gone == nil && now.Rip == was.Rip && now.Rsp == r.Rsp+8 {
			c.printf("%#x\n", now.Rax)
			c.thread = id
			return c.T.SetRegs(id, was)
		}
		if err == nil {
			err = gone
		}
		if err != nil {
			where := c.Where()
			c.T.SetRegs(id, was)
			if err != errOther {
				return err
			}
			return fmt.Errorf("the call was given up\n%s", where)
		}
	}
	c.T.SetRegs(id, was)
	return fmt.Errorf("the call was given up: no end in %d instructions", maxSteps)
}

// flagDirection is the processor's direction flag: clear when a function is called.
const flagDirection = 0x400
