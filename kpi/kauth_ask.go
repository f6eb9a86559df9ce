package kpi

import (
	"errors"
	"fmt"
	"slices"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// errAsked is a listener that runs on this thread already: what it does itself it isn't asked
// about.
var errAsked = errors.New("the listener runs already")

// authorize asks the listeners of a scope, after the scope itself has answered. Any may
// deny; what the scope itself defers the last listener decides. A listener whose extension is
// dead has no say; one that dies with the question denies, and one that can't be asked for
// want of memory denies with ENOMEM.
func (k *KernelTask) authorize(scope string, result uint64, call func(l *kauthListener) (uint64, error)) (uint64, abi.Errno) {
	for _, l := range k.kauth.of(scope) {
		v, err := call(l)
		var p *Panic
		switch {
		case err == nil:
			v = uint64(uint32(v))
		case errors.Is(err, ErrDead), errors.Is(err, errAsked):
			continue
		case errors.As(err, &p):
			v = kauthDeny
		default:
			return kauthDeny, abi.ENOMEM
		}
		if v == kauthDeny || result == kauthDefer {
			result = v
		}
	}
	return result, 0
}

// asking is the arguments of callbacks that the kernel calls on behalf of a process:
// handles that end with it, and a block of memory.
type asking struct {
	k    *KernelTask
	ctx  *sys.Context
	h    []Addr
	mem  Addr
	poor bool // a handle or the block could not be had
}

func (k *KernelTask) asks(ctx *sys.Context) *asking { return &asking{k: k, ctx: ctx} }

// handle gives an object's handle for as long as the asking takes.
func (a *asking) handle(o any) uint64 {
	h := a.k.handle.ref(o)
	if h != 0 {
		a.h = append(a.h, h)
	}
	a.poor = a.poor || h == 0
	return uint64(h)
}

// block is memory of n bytes with b in it.
func (a *asking) block(n uint64, b []byte) uint64 {
	m, ok := a.k.alloc.get(n, kindKernel, nil)
	if !ok {
		a.poor = true
		return 0
	}
	a.mem = m
	a.k.clear(m, n)
	a.k.Write(m, b)
	return uint64(m)
}

func (a *asking) done() {
	for _, h := range a.h {
		a.k.handle.unref(h)
	}
	if a.mem != 0 {
		a.k.alloc.put(a.mem)
	}
}

// call calls a listener, unless it is what the thread is doing.
func (a *asking) call(l *kauthListener, cred, action uint64, args ...uint64) (uint64, error) {
	t, err := a.k.thread(a.ctx.Thread)
	if err != nil {
		return 0, err
	}
	if slices.Contains(t.asked, l) {
		return 0, errAsked
	}
	t.asked = append(t.asked, l)
	all := l.args(cred, action, args)
	v, err := a.k.CallContext(a.ctx, l.callback, all[:]...)
	t.asked = t.asked[:len(t.asked)-1]
	return v, err
}

// args are a callback's arguments.
func (l *kauthListener) args(cred, action uint64, args []uint64) (all [7]uint64) {
	all[0], all[1], all[2] = cred, uint64(l.idata), action
	copy(all[3:], args)
	return all
}

// decide asks the listeners of a scope of the kernel's own whether something is allowed. The
// kernel has its own say, so they can only deny: with what they store at perr, or else with e.
// ENOMEM when they can't be asked.
func (a *asking) decide(scope string, e abi.Errno, cred, action, perr uint64, args ...uint64) abi.Errno {
	if a.poor {
		return abi.ENOMEM
	}
	r, none := a.k.authorize(scope, kauthAllow, func(l *kauthListener) (uint64, error) {
		return a.call(l, cred, action, args...)
	})
	if none != 0 || r != kauthDeny {
		return none
	}
	if v, _ := a.k.U32(Addr(perr)); v != 0 {
		if own := guestErrno(uint64(v)); own != 0 {
			return own
		}
	}
	return e
}

// kauthVnode asks the listeners of the scope of vnodes.
func (k *KernelTask) kauthVnode(ctx *sys.Context, rights vfs.Rights, vp, dvp *vfs.Vnode) abi.Errno {
	if vp == nil {
		return 0
	}
	a := k.asks(ctx)
	defer a.done()
	cred, vc, vh, dh := a.handle(credOf(ctx)), a.handle(&vfsContext{Context: ctx}), a.handle(vp), uint64(0)
	if dvp != nil {
		dh = a.handle(dvp)
	}
	perr := a.block(8, nil)
	return a.decide(scopeVnode, abi.EACCES, cred, uint64(rights), perr, vc, vh, dh, perr)
}

// kauthTrace asks whether a process may trace t.
func (k *KernelTask) kauthTrace(ut *kern.Uthread, t *kern.Proc) abi.Errno {
	ctx := ut.Context()
	a := k.asks(ctx)
	defer a.done()
	cred, p, perr := a.handle(ctx.Cred), a.handle(t), a.block(8, nil)
	return a.decide(scopeProcess, abi.EPERM, cred, kauthProcessCantrace, perr, p, perr)
}

// kauthFileop tells the listeners of the scope of file operations. What they answer
// doesn't count.
func (k *KernelTask) kauthFileop(ctx *sys.Context, op vfs.FileOp, vp *vfs.Vnode, path, to string, modified bool) {
	a := k.asks(ctx)
	defer a.done()
	var strings []byte
	strings = append(append(strings, path...), 0)
	second := uint64(len(strings))
	strings = append(append(strings, to...), 0)
	p1 := a.block(uint64(len(strings)), strings)
	cred, a0, a1, a2 := a.handle(credOf(ctx)), uint64(0), p1, uint64(0)
	if vp != nil {
		a0 = a.handle(vp)
	}
	if a.poor {
		k.untold()
		return
	}
	switch op {
	case vfs.FileRename, vfs.FileLink:
		a0, a1 = p1, p1+second
	case vfs.FileWillRename:
		a2 = p1 + second
	case vfs.FileClose:
		if modified {
			a2 = 2 // KAUTH_FILEOP_CLOSE_MODIFIED
		}
	}
	_, e := k.authorize(scopeFileop, kauthDefer, func(l *kauthListener) (uint64, error) {
		return a.call(l, cred, uint64(op), a0, a1, a2)
	})
	if e != 0 {
		k.untold()
	}
}

// untold counts file operations that listeners could not be told of, and says so at the first,
// the second, the fourth and so on.
func (k *KernelTask) untold() {
	if n := k.kauth.untold.Add(1); n&(n-1) == 0 {
		k.diagnose(fmt.Sprintf("kauth: no memory to tell of file operations: %d are lost\n", n))
	}
}
