// Package counter is a driver in Go: a character device /dev/counter that counts how often
// it is read, sysctls below debug.counter, and a Mach server com.example.counter.
package counter

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/kernel"
	"puggle/mach/ipc"
)

// Driver is what a kernel.Config takes.
var Driver = kernel.Driver{Name: "com.example.counter", Version: "1.0", Start: start}

// counterReset is _IO('c', 1).
const counterReset = 0x20006301

// Messages to the server: get has no body, add has one integer; the answer has the code 0
// and the value that the counter had.
const (
	msgGet = 100
	msgAdd = 101
)

type counter struct {
	n, step atomic.Int32
}

func start(d *kernel.DriverHost) error {
	c := &counter{}
	c.step.Store(1)
	if _, err := d.AddDevice(&dev.Cdevsw{Read: c.read, Write: c.write, Ioctl: c.ioctl}, 0o666, "counter"); err != nil {
		return err
	}
	if err := d.AddSysctl("debug", sysctl.Node(abi.OID_AUTO, "counter", "The counter of examples/godriver")); err != nil {
		return err
	}
	if err := d.AddSysctl("debug.counter",
		sysctl.Int(abi.OID_AUTO, "value", abi.CTLFLAG_RW, &c.n, "How often it was read"),
		sysctl.Int(abi.OID_AUTO, "step", abi.CTLFLAG_RW, &c.step, "What each reading adds")); err != nil {
		return err
	}
	return d.AddServer("com.example.counter", c.serve)
}

// read gives the number as a line, and counts.
func (c *counter) read(_ *sys.Context, _ int32, u *sys.Uio, _ int) abi.Errno {
	u.CopyIn(fmt.Appendf(nil, "%d\n", c.n.Add(c.step.Load())))
	return 0
}

// write sets it. What is not a number is not consumed: a write that has moved bytes has
// succeeded in part, whatever it returns.
func (c *counter) write(_ *sys.Context, _ int32, u *sys.Uio, _ int) abi.Errno {
	if u.Resid > 16 {
		return abi.EINVAL
	}
	in := u.Next()
	n, err := strconv.ParseInt(strings.TrimSpace(string(in)), 10, 32)
	if err != nil {
		return abi.EINVAL
	}
	u.Advance(len(in))
	c.n.Store(int32(n))
	return 0
}

func (c *counter) ioctl(_ *sys.Context, _ int32, cmd uint64, _ []byte, _ int) abi.Errno {
	if cmd != counterReset {
		return abi.ENOTTY
	}
	c.n.Store(0)
	return 0
}

// serve answers messages, on the sender's thread. What comes is the sender's word: it is
// checked.
func (c *counter) serve(_ *ipc.Port, m *ipc.Kmsg) *ipc.Kmsg {
	if to, _ := m.ReplyPort(); !ipc.IsValid(to) {
		return nil // nobody wants to know
	}
	var out [8]byte
	in := m.Body()
	switch {
	case m.ID() == msgGet:
		binary.LittleEndian.PutUint32(out[4:], uint32(c.n.Load()))
	case m.ID() == msgAdd && !m.IsComplex() && len(in) >= 4:
		by := int32(binary.LittleEndian.Uint32(in))
		binary.LittleEndian.PutUint32(out[4:], uint32(c.n.Add(by)-by))
	default:
		binary.LittleEndian.PutUint32(out[:], uint32(abi.KERN_INVALID_ARGUMENT))
	}
	return m.NewReply(nil, out[:])
}
