package kpi

import (
	"sync"
	"time"

	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// uio is a uio_t in the hands of code, good for the call that it was lent for. Its segments are
// windows on a process's memory, pinned for that call, and any thread of the extension may have the
// handle: every use is under mu, and after end there is none.
type uio struct {
	*sys.Uio
	write bool // the process writes: data comes from it

	mu   sync.Mutex // a leaf, but for the map's
	free sync.Cond  // lent becomes false
	lent bool       // another file system moves its data, without mu
	late func()     // what to do about it if that takes longer than patience after the call
	gone bool       // the call is over

	patience time.Duration
}

func newUio(u *sys.Uio, write bool) *uio {
	x := &uio{Uio: u, write: write, patience: settleLimit}
	x.free.L = &x.mu
	return x
}

// end is called when the call is over, before the segments' pins go: it waits until nobody uses
// them any more, however long that takes: the memory behind would be somebody else's. th is the
// caller's own, nil for none.
func (u *uio) end(th *sched.Thread) {
	u.mu.Lock()
	away := u.lent
	if away {
		if th != nil {
			th.Detach()
		}
		late := time.AfterFunc(u.patience, u.late)
		for u.lent {
			u.free.Wait()
		}
		late.Stop()
	}
	u.gone = true
	u.mu.Unlock()
	if away && th != nil {
		th.Attach()
	}
}

// lend has f move the data without the lock, since f may sleep; false, and f isn't called, if the
// uio is over or lent already. late is called once if the uio's call has to wait long for f.
func (u *uio) lend(f func(u *sys.Uio), late func()) bool {
	u.mu.Lock()
	ok := !u.gone && !u.lent
	if ok {
		u.lent, u.late = true, late
	}
	u.mu.Unlock()
	if !ok {
		return false
	}
	defer func() {
		u.mu.Lock()
		u.lent = false
		u.free.Broadcast()
		u.mu.Unlock()
	}()
	f(u.Uio)
	return true
}

// uio of argument i; none is a panic.
func (c *Call) uio(i int) *uio {
	u, ok := c.K.handle.get(c.Addr(i)).(*uio)
	if !ok {
		c.Panic(hex(c.Addr(i)) + " is no uio")
		return nil
	}
	return u
}

// withUio calls f with the uio of argument i, locked; what f says is wrong is a panic. f does not
// sleep.
func (c *Call) withUio(i int, f func(u *uio) (v uint64, wrong string)) uint64 {
	u := c.uio(i)
	if u == nil {
		return 0
	}
	u.mu.Lock()
	v, wrong := uint64(0), ""
	switch {
	case u.gone:
		wrong = hex(c.Addr(i)) + " is no uio any more"
	case u.lent:
		wrong = "the uio " + hex(c.Addr(i)) + " is in use by another file system"
	default:
		v, wrong = f(u)
	}
	u.mu.Unlock()
	if wrong != "" {
		return c.Panic(wrong)
	}
	return v
}

func ofUio(f func(c *Call, u *uio) (uint64, string)) func(*Call) uint64 {
	return func(c *Call) uint64 {
		return c.withUio(0, func(u *uio) (uint64, string) { return f(c, u) })
	}
}

// uiomove moves up to n bytes between the kernel's buffer and the process's.
func uiomove(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	a, n := c.Addr(0), c.I32(1)
	return c.withUio(2, func(u *uio) (uint64, string) {
		left := min(int64(max(n, 0)), u.Resid)
		for left > 0 {
			seg := u.Next()
			if len(seg) == 0 {
				break
			}
			seg = seg[:min(int64(len(seg)), left)]
			ok := false
			if u.write {
				ok = c.K.Write(a, seg)
			} else {
				ok = c.K.Read(seg, a)
			}
			if !ok {
				return 0, "uiomove: the kernel's buffer at " + hex(a) + " can't be used"
			}
			u.Advance(len(seg))
			a, left = a+Addr(len(seg)), left-int64(len(seg))
		}
		return 0, ""
	})
}

// ureadc gives the process one character.
func ureadc(c *Call) uint64 {
	b := []byte{byte(c.Arg(0))}
	return c.withUio(1, func(u *uio) (uint64, string) {
		if u.Resid <= 0 {
			return 0, "ureadc: no room is left"
		}
		u.CopyIn(b)
		return 0, ""
	})
}

func uioSetresid(c *Call, u *uio) (uint64, string) {
	n := int64(c.Arg(1))
	if n < 0 || n > u.Resid {
		return 0, "uio_setresid: more than there is"
	}
	u.Advance(int(u.Resid - n))
	return 0, ""
}
