package socket

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// sendfileChunk is how much of the file is held at a time, in bytes.
const sendfileChunk = 64 << 10

// Sendfile is sendfile(2): it sends header, then n bytes of src from off (to the
// end of the file if n is 0), then trailer, either of which may be nil. It gives
// how many bytes went in all, also with an error: EAGAIN and EINTR may follow a
// partial transfer, as on Darwin.
//
// EINVAL for a socket that is not a stream or an offset below 0, ENOTSUP for a
// source that is not a file, ENOTCONN, EPIPE, and what reading the file gives.
func (so *Socket) Sendfile(ctx *sys.Context, src *sys.OpenFile, off, n int64, header, trailer *sys.Uio, nonblock bool) (sent int64, e abi.Errno) {
	if so.typ != abi.SOCK_STREAM || off < 0 || n < 0 {
		return 0, abi.EINVAL
	}
	if src.Ops.Type() != sys.DTypeVnode {
		return 0, abi.ENOTSUP
	}
	// push sends all of u or tells why not.
	push := func(u *sys.Uio) abi.Errno {
		was := u.Resid
		e := so.Sendmsg(ctx, &Msg{Uio: u}, nonblock)
		sent += was - u.Resid
		if e == 0 && u.Resid > 0 {
			e = abi.EAGAIN
			if !nonblock {
				e = abi.EINTR
			}
		}
		return e
	}
	if header != nil && header.Resid > 0 {
		if e = push(header); e != 0 {
			return sent, e
		}
	}
	buf := make([]byte, sendfileChunk)
	for left := n; n == 0 || left > 0; {
		want := int64(len(buf))
		if n != 0 {
			want = min(want, left)
		}
		u := sys.NewUio(buf[:want])
		u.Offset, u.HasOffset = off, true
		if e = src.Ops.Read(ctx, u, src.Flags()); e != 0 {
			return sent, e
		}
		got := want - u.Resid
		if got == 0 {
			break
		}
		if e = push(sys.NewUio(buf[:got])); e != 0 {
			return sent, e
		}
		off += got
		left -= got
	}
	if trailer != nil && trailer.Resid > 0 {
		e = push(trailer)
	}
	return sent, e
}

// Connectx is connectx(2) for one address and no options of TCP fast open: it
// binds to source, if there is one, connects to dst, and sends data, if there
// is some. flags other than 0 give EINVAL: CONNECT_RESUME_ON_READ_WRITE and
// CONNECT_DATA_IDEMPOTENT promise what the stack cannot do.
func (so *Socket) Connectx(ctx *sys.Context, source, dst []byte, flags uint32, data *sys.Uio, nonblock bool) abi.Errno {
	if flags != 0 || len(dst) == 0 {
		return abi.EINVAL
	}
	if len(source) > 0 {
		if e := so.Bind(ctx, source); e != 0 {
			return e
		}
	}
	if e := so.Connect(ctx, dst, nonblock); e != 0 {
		return e
	}
	if data != nil && data.Resid > 0 {
		return so.Sendmsg(ctx, &Msg{Uio: data}, nonblock)
	}
	return 0
}
