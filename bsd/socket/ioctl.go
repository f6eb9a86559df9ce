package socket

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Ioctl is soo_ioctl. The descriptor layer passes FIONBIO and FIOASYNC on to
// here, from fcntl as well, and keeps O_NONBLOCK and O_ASYNC in the open file.
// The owner for SIGIO is a process above 0 and a group below, as F_SETOWN has it.
func (so *Socket) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	le := binary.LittleEndian
	switch cmd {
	case abi.FIONBIO, abi.FIOASYNC:
		if len(data) < 4 {
			return abi.EINVAL
		}
		on := le.Uint32(data) != 0
		if cmd == abi.FIONBIO {
			so.nbio.Store(on)
		} else {
			so.async.Store(on)
		}
		return 0
	case abi.FIONREAD:
		if len(data) < 4 {
			return abi.EINVAL
		}
		r := so.ready(sys.EVFILT_READ)
		n := r.Data
		if so.Option(abi.SO_ACCEPTCONN) {
			n = 0
		}
		le.PutUint32(data, uint32(min(n, 1<<31-1)))
		return 0
	case abi.SIOCSPGRP, abi.FIOSETOWN:
		if len(data) < 4 {
			return abi.EINVAL
		}
		so.mu.Lock()
		so.pgrp = int32(le.Uint32(data))
		so.mu.Unlock()
		return 0
	case abi.SIOCGPGRP, abi.FIOGETOWN:
		if len(data) < 4 {
			return abi.EINVAL
		}
		so.mu.Lock()
		le.PutUint32(data, uint32(so.pgrp))
		so.mu.Unlock()
		return 0
	}
	if e := so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno { return ops.Ioctl(ctx, a, cmd, data) }); e != 0 {
		return just(e)
	}
	return so.pcb.Ioctl(ctx, cmd, data)
}
