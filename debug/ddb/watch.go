package ddb

import (
	"fmt"
	"slices"
	"strings"

	"puggle/debug"
	"puggle/machine"
)

// watchpoint is memory that is looked at after each instruction: there is no help from
// the processor.
type watchpoint struct {
	at   machine.Addr
	size int
	was  uint64
}

// maxWatches bounds the watchpoints.
const maxWatches = 8

// watch is watch ADDR[,SIZE], 4 bytes if there is no SIZE; alone it lists them. While there are
// some, continue steps the thread that is looked at, while the others run; what they change is seen at the
// next step.
func watch(c *Console, _, rest string) error {
	if rest == "" {
		for _, w := range c.watches {
			c.printf("%#x,%d %s: %#x\n", uint64(w.at), w.size, c.T.Symbolize(w.at), w.was)
		}
		return nil
	}
	l, n, err := c.args(rest)
	if err != nil {
		return err
	}
	if n == 1 && !strings.Contains(rest, ",") {
		n = 4
	}
	if len(l) != 1 || n != 1 && n != 2 && n != 4 && n != 8 {
		return fmt.Errorf("watch ADDR[,SIZE], SIZE 1, 2, 4 or 8")
	}
	w := watchpoint{at: machine.Addr(l[0]), size: n}
	if w.was, err = c.word(w.at, n); err != nil {
		return err
	}
	c.dropWatch(w.at)
	if len(c.watches) >= maxWatches {
		return fmt.Errorf("there are %d watchpoints already", maxWatches)
	}
	c.watches = append(c.watches, w)
	return nil
}

func (c *Console) dropWatch(a machine.Addr) bool {
	n := len(c.watches)
	c.watches = slices.DeleteFunc(c.watches, func(w watchpoint) bool { return w.at == a })
	return len(c.watches) < n
}

// unwatch is dwatch ADDR; alone it removes all.
func unwatch(c *Console, _, rest string) error {
	if rest == "" {
		c.watches = nil
		return nil
	}
	a, err := c.one(rest)
	if err == nil && !c.dropWatch(a) {
		err = fmt.Errorf("%#x: no watchpoint", uint64(a))
	}
	return err
}

// changed tells of the watchpoints whose memory is not what it was.
func (c *Console) changed() (any bool) {
	for i := range c.watches {
		w := &c.watches[i]
		if v, err := c.word(w.at, w.size); err == nil && v != w.was {
			c.printf("watchpoint at %#x %s: %#x, was %#x\n", uint64(w.at), c.T.Symbolize(w.at), v, w.was)
			w.was, any = v, true
		}
	}
	return any
}

// goOnWatching is continue with watchpoints: it ends when one changes, when something else
// stops the kernel, or after maxSteps instructions.
func (c *Console) goOnWatching() error {
	id := c.current()
	for n := range maxSteps {
		if n&63 == 0 && c.gone() {
			return ErrLeave
		}
		if err := c.T.Resume(debug.Resume{Step: true, Thread: id}); err != nil {
			return err
		}
		if err := c.wait(); err != nil {
			return err
		}
		st := c.T.Stopped()
		if c.changed() || st == nil || st.Reason != debug.Stepped && !c.passes() {
			c.printf("%s", c.Where())
			return nil
		}
	}
	c.printf("no change in %d instructions\n%s", maxSteps, c.Where())
	return nil
}
