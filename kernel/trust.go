package kernel

import (
	"puggle/abi"
	"puggle/bsd/syscalls"
	"puggle/libsystem/trust"
	"puggle/machine"
)

// evaluateTrust is libSystem's private call 7: trust(request, size, reply,
// room), for its Security library. It returns the reply's length. E2BIG for a
// request above trust.MaxRequest, ERANGE when the reply has no room, EFAULT.
func evaluateTrust(c *syscalls.Call) abi.Errno {
	if c.Arg[1] > trust.MaxRequest {
		return abi.E2BIG
	}
	req := make([]byte, c.Arg[1])
	if e := c.CopyIn(req, machine.Addr(c.Arg[0])); e != 0 {
		return e
	}
	reply := trust.Evaluate(req, nil)
	if uint64(len(reply)) > c.Arg[3] {
		return abi.ERANGE
	}
	c.Ret[0] = uint64(len(reply))
	return c.CopyOut(machine.Addr(c.Arg[2]), reply)
}
