package socket

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// NOTE_LOWAT in fflags of EVFILT_READ and EVFILT_WRITE takes the low-water
// mark from data.
const noteLowat = 1

// soFilter is soread_filtops, sowrite_filtops and soexcept_filtops.
type soFilter struct {
	so     *Socket
	filter int16
}

// Filter gives the socket's side of kevent, select and poll.
func (so *Socket) Filter(filter int16) sys.Filter {
	switch filter {
	case sys.EVFILT_READ, sys.EVFILT_WRITE, sys.EVFILT_EXCEPT:
		return soFilter{so, filter}
	}
	return nil
}

func (f soFilter) list() *sys.Klist {
	if f.filter == sys.EVFILT_WRITE {
		return &f.so.snd.knotes
	}
	return &f.so.rcv.knotes
}

func (f soFilter) Attach(kn *sys.Knote) { f.list().Add(kn) }
func (f soFilter) Detach(kn *sys.Knote) { f.list().Remove(kn) }

func (f soFilter) Ready(kn *sys.Knote) sys.Readiness {
	so := f.so
	r := so.ready(f.filter)
	snd, rcv := so.Lowat()
	if so.Option(abi.SO_ACCEPTCONN) {
		rcv = 1
	}
	if e := so.PeekError(); e != 0 {
		r.Ready = true
		if r.EOF {
			r.Fflags = uint32(e)
		}
		return r
	}
	if r.EOF {
		r.Ready = true
		return r
	}
	lowat := rcv
	if f.filter == sys.EVFILT_WRITE {
		lowat = snd
	}
	if kn != nil && kn.Sfflags&noteLowat != 0 && kn.Sdata > 0 {
		lowat = int(min(kn.Sdata, 1<<30))
		hs, hr := so.Hiwat()
		if f.filter == sys.EVFILT_WRITE {
			lowat = min(lowat, hs)
		} else {
			lowat = min(lowat, hr)
		}
		r.Ready = r.Ready && r.Data >= int64(lowat)
		return r
	}
	// The protocol's own judgement stands for datagrams and for marks of 1.
	if f.filter == sys.EVFILT_READ && so.typ == abi.SOCK_STREAM && lowat > 1 {
		r.Ready = r.Ready && r.Data >= int64(lowat)
	}
	return r
}
