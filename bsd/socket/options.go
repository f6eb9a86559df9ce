package socket

import (
	"encoding/binary"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
)

// MaxSockbuf is kern.ipc.maxsockbuf: the most that SO_SNDBUF and SO_RCVBUF
// grant, in bytes.
const MaxSockbuf = 8 << 20

// soNkeSize is sizeof(struct so_nke), which begins with a filter's handle.
const soNkeSize = 28

// hz is the length of a tick in SO_LINGER: 100 a second.
const hz = 100

// flagOptions are the boolean options that are bits of so_options.
const flagOptions = abi.SO_DEBUG | abi.SO_REUSEADDR | abi.SO_KEEPALIVE |
	abi.SO_DONTROUTE | abi.SO_BROADCAST | abi.SO_USELOOPBACK | abi.SO_OOBINLINE |
	abi.SO_REUSEPORT | abi.SO_TIMESTAMP | abi.SO_TIMESTAMP_MONOTONIC |
	abi.SO_DONTTRUNC | abi.SO_WANTMORE | abi.SO_WANTOOBFLAG

func isFlag(name int) bool { return name > 0 && name&^flagOptions == 0 && name&(name-1) == 0 }

// Setsockopt is setsockopt(2). EINVAL for a value of the wrong size or out of
// range, ENOPROTOOPT for an unknown option, EDOM for a timeval out of range.
func (so *Socket) Setsockopt(ctx *sys.Context, level, name int, val []byte) abi.Errno {
	if e := so.ask(ctx, func(ops FilterOps, a *Attached) abi.Errno {
		_, e := ops.Option(ctx, a, true, level, name, val)
		return e
	}); e != 0 {
		return just(e)
	}
	if level != abi.SOL_SOCKET {
		return so.pcb.Setopt(ctx, level, name, val)
	}
	if name == abi.SO_NKE {
		if len(val) < soNkeSize {
			return abi.EINVAL
		}
		return so.AttachFilter(ctx, binary.LittleEndian.Uint32(val))
	}
	e := so.setSocketOption(name, val)
	if e != 0 {
		return e
	}
	if e = so.pcb.Setopt(ctx, level, name, val); e == abi.ENOPROTOOPT {
		e = 0
	}
	return e
}

func (so *Socket) setSocketOption(name int, val []byte) abi.Errno {
	le := binary.LittleEndian
	so.mu.Lock()
	defer so.mu.Unlock()
	switch name {
	case abi.SO_LINGER, abi.SO_LINGER_SEC:
		if len(val) < 8 {
			return abi.EINVAL
		}
		on, n := le.Uint32(val) != 0, int64(int32(le.Uint32(val[4:])))
		if name == abi.SO_LINGER_SEC {
			n *= hz
		}
		so.options &^= abi.SO_LINGER
		if on {
			so.options |= abi.SO_LINGER
		}
		so.lingerTicks = int(int16(n)) // whatever was asked for: XNU keeps a short
		return 0
	case abi.SO_SNDTIMEO, abi.SO_RCVTIMEO:
		if len(val) < 16 {
			return abi.EINVAL
		}
		sec, usec := int64(le.Uint64(val)), int64(int32(le.Uint32(val[8:])))
		if sec < 0 || usec < 0 || usec >= 1e6 {
			return abi.EDOM
		}
		sec = min(sec, 1<<31)
		d := time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond
		if name == abi.SO_SNDTIMEO {
			so.sndTimeo = d
		} else {
			so.rcvTimeo = d
		}
		return 0
	}
	if len(val) < 4 {
		return abi.EINVAL
	}
	v := int(int32(le.Uint32(val)))
	switch name {
	case abi.SO_SNDBUF, abi.SO_RCVBUF:
		if v < 1 {
			return abi.EINVAL
		}
		v = min(v, MaxSockbuf)
		asked, free := &so.rcvAsked, so.rcvFree
		if name == abi.SO_SNDBUF {
			asked, free = &so.sndAsked, so.sndFree
		}
		if so.closed {
			return abi.EINVAL
		}
		if e := reserve(*asked, v, free); e != 0 {
			return e
		}
		*asked = v
		if name == abi.SO_SNDBUF {
			so.sndHiwat = v
			so.sndLowat = min(so.sndLowat, v)
		} else {
			so.rcvHiwat = v
			so.rcvLowat = min(so.rcvLowat, v)
		}
	case abi.SO_SNDLOWAT:
		if v < 1 {
			return abi.EINVAL
		}
		so.sndLowat = min(v, max(so.sndHiwat, 1))
	case abi.SO_RCVLOWAT:
		if v < 1 {
			return abi.EINVAL
		}
		so.rcvLowat = min(v, max(so.rcvHiwat, 1))
	case abi.SO_NOSIGPIPE:
		so.noSigpipe = v != 0
	case abi.SO_NOADDRERR, abi.SO_REUSESHAREUID, abi.SO_NOTIFYCONFLICT,
		abi.SO_RANDOMPORT, abi.SO_NP_EXTENSIONS, abi.SO_UPCALLCLOSEWAIT:
		return abi.ENOPROTOOPT
	case abi.SO_NET_SERVICE_TYPE:
		if v < 0 || v > 9 {
			return abi.EINVAL
		}
	default:
		if !isFlag(name) {
			return abi.ENOPROTOOPT
		}
		if v != 0 {
			so.options |= name
		} else {
			so.options &^= name
		}
	}
	return 0
}

// Getsockopt is getsockopt(2): at most max bytes of the option's value.
// ENOPROTOOPT for an unknown option.
func (so *Socket) Getsockopt(ctx *sys.Context, level, name, max int) ([]byte, abi.Errno) {
	if max < 0 {
		return nil, abi.EINVAL
	}
	var b []byte
	e := so.ask(ctx, func(ops FilterOps, a *Attached) (e abi.Errno) {
		b, e = ops.Option(ctx, a, false, level, name, make([]byte, min(max, maxCtlOption)))
		return e
	})
	if e != 0 {
		return b, just(e)
	}
	if level == abi.SOL_SOCKET {
		b, e = so.getSocketOption(ctx, name, max)
	} else {
		b, e = so.pcb.Getopt(ctx, level, name, max)
	}
	if e != 0 {
		return nil, e
	}
	if len(b) > max {
		b = b[:max]
	}
	return b, 0
}

func i32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(int32(v))) }

func (so *Socket) getSocketOption(ctx *sys.Context, name, max int) ([]byte, abi.Errno) {
	switch name {
	case abi.SO_ERROR:
		if busy, e := so.pcb.Connecting(); !busy && e != 0 {
			so.TakeError()
			return i32(int(e)), 0
		}
		so.pcb.Ready(sys.EVFILT_WRITE) // protocols note asynchronous errors here
		return i32(int(so.TakeError())), 0
	case abi.SO_TYPE:
		return i32(so.typ), 0
	case abi.SO_NREAD:
		if b, e := so.pcb.Getopt(ctx, abi.SOL_SOCKET, name, max); e == 0 && so.filt.Load() == nil {
			return b, 0
		}
		if so.Option(abi.SO_ACCEPTCONN) {
			return i32(0), 0
		}
		return i32(int(so.ready(sys.EVFILT_READ).Data)), 0
	case abi.SO_NWRITE:
		if b, e := so.pcb.Getopt(ctx, abi.SOL_SOCKET, name, max); e == 0 {
			return b, 0
		}
		return i32(0), 0
	case abi.SO_NUMRCVPKT:
		return so.pcb.Getopt(ctx, abi.SOL_SOCKET, name, max)
	case abi.SO_LABEL, abi.SO_PEERLABEL:
		return nil, abi.EOPNOTSUPP
	}
	so.mu.Lock()
	defer so.mu.Unlock()
	switch name {
	case abi.SO_ACCEPTCONN:
		return i32(so.options & abi.SO_ACCEPTCONN), 0
	case abi.SO_LINGER, abi.SO_LINGER_SEC:
		n := so.lingerTicks
		if name == abi.SO_LINGER_SEC {
			n /= hz
		}
		on := 0
		if so.options&abi.SO_LINGER != 0 {
			on = 1
		}
		return append(i32(on), i32(n)...), 0
	case abi.SO_SNDTIMEO, abi.SO_RCVTIMEO:
		d := so.rcvTimeo
		if name == abi.SO_SNDTIMEO {
			d = so.sndTimeo
		}
		b := binary.LittleEndian.AppendUint64(nil, uint64(d/time.Second))
		b = append(b, i32(int(d%time.Second/time.Microsecond))...)
		return append(b, 0, 0, 0, 0), 0
	case abi.SO_SNDBUF:
		return i32(so.sndHiwat), 0
	case abi.SO_RCVBUF:
		return i32(so.rcvHiwat), 0
	case abi.SO_SNDLOWAT:
		return i32(so.sndLowat), 0
	case abi.SO_RCVLOWAT:
		return i32(so.rcvLowat), 0
	case abi.SO_NOSIGPIPE:
		if so.noSigpipe {
			return i32(1), 0
		}
		return i32(0), 0
	case abi.SO_NET_SERVICE_TYPE:
		return i32(0), 0
	}
	if isFlag(name) {
		return i32(so.options & name), 0
	}
	return nil, abi.ENOPROTOOPT
}
