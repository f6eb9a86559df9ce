package syscalls

import "puggle/abi"

// struct msghdr_x is struct msghdr, 48 bytes, and the length of the data.
const (
	msghdrxSize    = 56
	msghdrxDatalen = 48
	msgxMax        = 1024 // messages of one call
)

// sysSendmsgX sends messages until one can't be: how many went, or the error of the first.
func sysSendmsgX(c *Call) abi.Errno { return c.msgX(sysSendmsg, 0) }

// sysRecvmsgX receives messages: it waits, if at all, for the first alone.
func sysRecvmsgX(c *Call) abi.Errno { return c.msgX(sysRecvmsg, abi.MSG_DONTWAIT) }

func (c *Call) msgX(one func(*Call) abi.Errno, later uint64) abi.Errno {
	at, n, flags := c.Arg[1], uint32(c.Arg[2]), c.Arg[3]
	if n == 0 || n > msgxMax {
		return abi.EINVAL
	}
	for i := range uint64(n) {
		hdr := at + i*msghdrxSize
		c.Arg[1], c.Arg[2] = hdr, flags
		if i > 0 {
			c.Arg[2] |= later
		}
		c.Ret[0] = 0
		e := one(c)
		done := c.Ret[0]
		if e == 0 && later != 0 {
			var b [8]byte
			le.PutUint64(b[:], done)
			c.Arg[1] = hdr + msghdrxDatalen
			e = c.CopyOut(c.Addr(1), b[:])
		}
		if e != 0 {
			c.Ret[0] = i
			if i > 0 {
				return 0
			}
			return e
		}
	}
	c.Ret[0] = uint64(n)
	return 0
}
