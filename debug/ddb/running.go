package ddb

import (
	"errors"

	"puggle/debug"
	"puggle/machine"
)

// maxSteps bounds until and match.
const maxSteps = 50_000

// wait waits for the next stop; an error if the machine has ended, or the caller has gone.
func (c *Console) wait() error {
	c.thread = 0
	st := c.T.Wait(c.Cancel)
	if st == nil {
		return ErrLeave
	}
	c.thread = st.Thread
	return nil
}

func goOn(c *Console, _, _ string) error {
	if len(c.watches) > 0 {
		return c.goOnWatching()
	}
	for {
		if err := c.T.Resume(debug.Resume{}); err != nil {
			return err
		}
		if err := c.wait(); err != nil {
			return err
		}
		if c.gone() || !c.passes() {
			c.printf("%s", c.Where())
			return nil
		}
	}
}

// errOther says that something else than the step has stopped the kernel.
var errOther = errors.New("")

// stepOne executes an instruction of the thread, others waiting.
func (c *Console) stepOne(id uint64) error {
	if err := c.T.Resume(debug.Resume{Step: true, Thread: id, Alone: true}); err != nil {
		return err
	}
	if err := c.wait(); err != nil {
		return err
	}
	if st := c.T.Stopped(); st != nil && st.Reason != debug.Stepped {
		return errOther
	}
	return nil
}

func step(c *Console, _, rest string) error {
	_, n, err := c.args(rest)
	if err != nil {
		return err
	}
	id := c.current()
	for range n {
		if err = c.stepOne(id); err != nil {
			break
		}
	}
	return c.stepped(err)
}

// stepped tells where a step has come to.
func (c *Console) stepped(err error) error {
	if err == nil || err == errOther {
		c.printf("%s", c.Where())
		return nil
	}
	return err
}

// kind of an instruction, as far as until and match have to know.
type kind int

const (
	other kind = iota
	calls
	returns
)

// kindOf looks at the instruction at a. A call of the kernel's entry counts as other: it is
// one instruction.
func (c *Console) kindOf(a machine.Addr) kind {
	var b [3]byte
	n := c.T.Read(b[:], a)
	i := 0
	for i < 2 && i < n && (b[i]&0xf0 == 0x40 || b[i] == 0xf3 || b[i] == 0xf2) {
		i++
	}
	if i >= n {
		return other
	}
	switch op := b[i]; {
	case op == 0xc3 || op == 0xc2:
		return returns
	case op == 0xe8, op == 0xff && i+1 < n && b[i+1]>>3&7 == 2:
		return calls
	}
	return other
}

// run steps until stop says so; the registers it gets are those before the instruction and
// behind it.
func (c *Console) run(stop func(k kind, before, after machine.Regs) bool) error {
	id := c.current()
	for n := range maxSteps {
		if n&63 == 0 && c.gone() {
			return ErrLeave
		}
		before, err := c.T.Regs(id)
		if err != nil {
			return err
		}
		k := c.kindOf(machine.Addr(before.Rip))
		if err := c.stepOne(id); err != nil {
			return c.stepped(err)
		}
		after, err := c.T.Regs(id)
		if err != nil {
			return err
		}
		if stop(k, before, after) {
			return c.stepped(nil)
		}
	}
	c.printf("no end in %d instructions\n", maxSteps)
	return c.stepped(nil)
}

func (c *Console) gone() bool {
	select {
	case <-c.Cancel:
		return true
	default:
		return false
	}
}

// until stops before the next call or return.
func until(c *Console, _, _ string) error {
	return c.run(func(_ kind, _, after machine.Regs) bool { return c.kindOf(machine.Addr(after.Rip)) != other })
}

// match stops behind the return of the function that it began in.
func match(c *Console, sw, _ string) error {
	depth := 0
	return c.run(func(k kind, before, after machine.Regs) bool {
		switch {
		case k == calls && after.Rsp == before.Rsp-8:
			depth++
		case k == returns, k == calls && after.Rsp == before.Rsp+8:
			// The kernel's entry is called and returned from in one step, with the
			// return behind it.
			depth--
		default:
			return false
		}
		if sw != "" {
			c.printf("%*s%s\n", max(0, 2*depth), "", c.T.Symbolize(machine.Addr(after.Rip)))
		}
		return depth < 0
	})
}
