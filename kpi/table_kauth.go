package kpi

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
)

func init() {
	register("sys/kauth.h", "2006", "bsd", []Row{
		{Name: "kauth_register_scope", Proto: "kauth_scope_t kauth_register_scope(const char *identifier, kauth_scope_callback_t callback, void *idata)", Handler: kauthRegisterScope},
		{Name: "kauth_deregister_scope", Proto: "void kauth_deregister_scope(kauth_scope_t scope)", Handler: kauthDeregisterScope},
		{Name: "kauth_listen_scope", Proto: "kauth_listener_t kauth_listen_scope(const char *identifier, kauth_scope_callback_t callback, void *idata)", Handler: kauthListenScope, Note: "KAUTH_FILEOP_EXCHANGE does not come"},
		{Name: "kauth_unlisten_scope", Proto: "void kauth_unlisten_scope(kauth_listener_t listener)", Handler: kauthUnlistenScope},
		{Name: "kauth_authorize_action", Proto: "int kauth_authorize_action(kauth_scope_t scope, kauth_cred_t cred, kauth_action_t action, uintptr_t arg0, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)", Handler: kauthAuthorizeAction},
		{Name: "kauth_authorize_generic", KPI: "bsd unsupported", Proto: "int kauth_authorize_generic(kauth_cred_t cred, kauth_action_t action)", Handler: kauthAuthorizeGeneric},
		{Name: "kauth_authorize_process", Proto: "int kauth_authorize_process(kauth_cred_t cred, kauth_action_t action, struct proc *p, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3)", Handler: kauthAuthorizeProcess},
	})
}

// The kernel's own scopes (<sys/kauth.h>).
const (
	scopeGeneric = "com.apple.kauth.generic"
	scopeProcess = "com.apple.kauth.process"
	scopeVnode   = "com.apple.kauth.vnode"
	scopeFileop  = "com.apple.kauth.fileop"
)

// What a callback answers.
const (
	kauthAllow = 1
	kauthDeny  = 2
	kauthDefer = 3
)

// Actions of the scopes of processes and of everything else.
const (
	kauthGenericIssuser  = 1
	kauthProcessCantrace = 2
)

// maxListeners bounds the listeners of one scope, KAUTH_SCOPE_MAX_LISTENERS.
const maxListeners = 15

// kauthScope is a scope that code has registered.
type kauthScope struct {
	name            string
	callback, idata Addr
}

// kauthListener is one listener. Those of a scope that does not exist wait for it.
type kauthListener struct {
	scope           string
	callback, idata Addr
}

// kauthState is who has registered what.
type kauthState struct {
	mu        sync.Mutex
	scopes    map[string]*kauthScope
	listeners map[string][]*kauthListener // in the order of their coming; replaced, never changed
}

// of gives the listeners of a scope.
func (s *kauthState) of(scope string) []*kauthListener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listeners[scope]
}

func kauthRegisterScope(c *Call) uint64 {
	name, ok := c.String(0, 256)
	if !ok {
		return 0
	}
	k, x := c.K, &kauthScope{name, c.Addr(1), c.Addr(2)}
	k.kauth.mu.Lock()
	defer k.kauth.mu.Unlock()
	switch name {
	case scopeGeneric, scopeProcess, scopeVnode, scopeFileop:
		return 0
	}
	if k.kauth.scopes[name] != nil || len(k.kauth.scopes) >= 256 {
		return 0
	}
	h := k.handle.put(x)
	if h == 0 {
		return 0
	}
	if k.kauth.scopes == nil {
		k.kauth.scopes = map[string]*kauthScope{}
	}
	k.kauth.scopes[name] = x
	k.AddReference("kauth scope", h, name, func(*sched.Thread) { k.dropScope(h) }, x.callback)
	return uint64(h)
}

func (k *KernelTask) dropScope(h Addr) bool {
	x, ok := k.handle.get(h).(*kauthScope)
	if !ok {
		return false
	}
	k.kauth.mu.Lock()
	delete(k.kauth.scopes, x.name)
	k.kauth.mu.Unlock()
	k.handle.drop(h)
	k.DropReference("kauth scope", h)
	return true
}

func kauthDeregisterScope(c *Call) uint64 {
	if !c.K.dropScope(c.Addr(0)) {
		return c.Panic("kauth_deregister_scope: " + hex(c.Addr(0)) + " is no scope")
	}
	return 0
}

func kauthListenScope(c *Call) uint64 {
	name, ok := c.String(0, 256)
	if !ok || c.Addr(1) == 0 {
		return 0
	}
	k, x := c.K, &kauthListener{name, c.Addr(1), c.Addr(2)}
	k.kauth.mu.Lock()
	l := k.kauth.listeners[name]
	if len(l) >= maxListeners || len(k.kauth.listeners) >= 256 && l == nil {
		k.kauth.mu.Unlock()
		return 0
	}
	h := k.handle.put(x)
	if h == 0 {
		k.kauth.mu.Unlock()
		return 0
	}
	if k.kauth.listeners == nil {
		k.kauth.listeners = map[string][]*kauthListener{}
	}
	k.kauth.listeners[name] = append(l[:len(l):len(l)], x)
	k.hookKauth()
	k.kauth.mu.Unlock()
	k.AddReference("kauth listener", h, name, func(*sched.Thread) { k.dropListener(h) }, x.callback)
	return uint64(h)
}

func (k *KernelTask) dropListener(h Addr) bool {
	x, ok := k.handle.get(h).(*kauthListener)
	if !ok {
		return false
	}
	k.kauth.mu.Lock()
	var l []*kauthListener
	for _, y := range k.kauth.listeners[x.scope] {
		if y != x {
			l = append(l, y)
		}
	}
	if l == nil {
		delete(k.kauth.listeners, x.scope)
	} else {
		k.kauth.listeners[x.scope] = l
	}
	k.hookKauth()
	k.kauth.mu.Unlock()
	k.handle.drop(h)
	k.DropReference("kauth listener", h)
	return true
}

// kauthUnlistenScope ends a listener. As the document says, calls that are on their way
// may still be inside when it returns.
func kauthUnlistenScope(c *Call) uint64 {
	if c.Addr(0) != 0 && !c.K.dropListener(c.Addr(0)) {
		return c.Panic("kauth_unlisten_scope: " + hex(c.Addr(0)) + " is no listener")
	}
	return 0
}

// hookKauth connects the rooms that ask with those scopes that somebody listens to.
// kauth.mu is held.
func (k *KernelTask) hookKauth() {
	if t := k.cfg.Tree; t != nil {
		var h vfs.Kauth
		if k.kauth.listeners[scopeVnode] != nil {
			h.Vnode = k.kauthVnode
		}
		if k.kauth.listeners[scopeFileop] != nil {
			h.Fileop = k.kauthFileop
		}
		if h.Vnode == nil && h.Fileop == nil {
			t.SetKauth(nil)
		} else {
			t.SetKauth(&h)
		}
	}
	if p := k.cfg.Procs; p != nil {
		if k.kauth.listeners[scopeProcess] == nil {
			p.CanTrace.Store(nil)
		} else {
			f := k.kauthTrace
			p.CanTrace.Store(&f)
		}
	}
}

// authorize asks the listeners of a scope, after the scope itself has answered. Any may
// deny; what the scope itself defers the last listener decides. A callback that dies
// defers.
func (k *KernelTask) authorize(scope string, result uint64, call func(l *kauthListener) (uint64, error)) uint64 {
	for _, l := range k.kauth.of(scope) {
		v, err := call(l)
		if err != nil {
			continue
		}
		if v = uint64(uint32(v)); v == kauthDeny || result == kauthDefer {
			result = v
		}
	}
	return result
}

// asking is the arguments of callbacks that the kernel calls on behalf of a process:
// handles that end with it, and a block of memory.
type asking struct {
	k   *KernelTask
	ctx *sys.Context
	h   []Addr
	mem Addr
}

func (k *KernelTask) asks(ctx *sys.Context) *asking { return &asking{k: k, ctx: ctx} }

// handle gives an object's handle for as long as the asking takes; 0 for none.
func (a *asking) handle(o any) uint64 {
	h := a.k.handle.ref(o)
	if h != 0 {
		a.h = append(a.h, h)
	}
	return uint64(h)
}

// block is memory of n bytes with b in it.
func (a *asking) block(n uint64, b []byte) uint64 {
	m, ok := a.k.alloc.get(n, kindKernel, nil)
	if !ok {
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

// call calls a listener.
func (a *asking) call(l *kauthListener, cred, action uint64, args ...uint64) (uint64, error) {
	var all [7]uint64
	all[0], all[1], all[2] = cred, uint64(l.idata), action
	copy(all[3:], args)
	return a.k.CallContext(a.ctx, l.callback, all[:]...)
}

// kauthVnode asks the listeners of the scope of vnodes. The file systems have their own
// say, so listeners can only deny.
func (k *KernelTask) kauthVnode(ctx *sys.Context, rights vfs.Rights, vp, dvp *vfs.Vnode) abi.Errno {
	if vp == nil {
		return 0
	}
	a := k.asks(ctx)
	defer a.done()
	cred, vc, vh, dh := a.handle(credOf(ctx)), a.handle(&vfsContext{ctx}), a.handle(vp), uint64(0)
	if dvp != nil {
		dh = a.handle(dvp)
	}
	perr := a.block(8, nil)
	r := k.authorize(scopeVnode, kauthAllow, func(l *kauthListener) (uint64, error) {
		return a.call(l, cred, uint64(rights), vc, vh, dh, perr)
	})
	if r != kauthDeny {
		return 0
	}
	if e, _ := k.U32(Addr(perr)); e != 0 {
		if e := guestErrno(uint64(e)); e != 0 {
			return e
		}
	}
	return abi.EACCES
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
	if p1 == 0 {
		return
	}
	cred, a0, a1, a2 := a.handle(credOf(ctx)), uint64(0), p1, uint64(0)
	if vp != nil {
		a0 = a.handle(vp)
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
	k.authorize(scopeFileop, kauthDefer, func(l *kauthListener) (uint64, error) {
		return a.call(l, cred, uint64(op), a0, a1, a2)
	})
}

// kauthTrace asks whether a process may trace t.
func (k *KernelTask) kauthTrace(ut *kern.Uthread, t *kern.Proc) abi.Errno {
	ctx := ut.Context()
	a := k.asks(ctx)
	defer a.done()
	cred, p, perr := a.handle(ctx.Cred), a.handle(t), a.block(8, nil)
	r := k.authorize(scopeProcess, kauthAllow, func(l *kauthListener) (uint64, error) {
		return a.call(l, cred, kauthProcessCantrace, p, perr)
	})
	if r != kauthDeny {
		return 0
	}
	if e, _ := k.U32(Addr(perr)); e != 0 {
		if e := guestErrno(uint64(e)); e != 0 {
			return e
		}
	}
	return abi.EPERM
}

// upcalls gives what authorize calls, from a handler.
func (c *Call) upcalls(cred, action uint64, args ...uint64) func(l *kauthListener) (uint64, error) {
	return func(l *kauthListener) (uint64, error) {
		var all [7]uint64
		all[0], all[1], all[2] = cred, uint64(l.idata), action
		copy(all[3:], args)
		return c.Up(l.callback, all[:]...)
	}
}

// verdict is what kauth_authorize_action gives for a result.
func verdict(result uint64) uint64 {
	if result == kauthAllow {
		return 0
	}
	return uint64(abi.EPERM)
}

func kauthAuthorizeAction(c *Call) uint64 {
	s, ok := c.K.handle.get(c.Addr(0)).(*kauthScope)
	if !ok {
		return c.Panic("kauth_authorize_action: " + hex(c.Addr(0)) + " is no scope")
	}
	if !c.maySleep() {
		return 0
	}
	cred, action := c.Arg(1), c.Arg(2)
	args := []uint64{c.Arg(3), c.Arg(4), c.Arg(5), c.Arg(6)}
	call := c.upcalls(cred, action, args...)
	result := uint64(kauthDefer)
	if s.callback != 0 {
		v, err := call(&kauthListener{callback: s.callback, idata: s.idata})
		if err != nil {
			return uint64(abi.EPERM)
		}
		result = uint64(uint32(v))
	}
	return verdict(c.K.authorize(s.name, result, call))
}

// kauthAuthorizeGeneric: the super-user is, and who else may be a listener can't say.
func kauthAuthorizeGeneric(c *Call) uint64 {
	cr, ok := c.K.handle.get(c.Addr(0)).(*sys.Cred)
	if !ok {
		return c.Panic("kauth_authorize_generic: " + hex(c.Addr(0)) + " is no credential")
	}
	if !c.maySleep() {
		return 0
	}
	result := uint64(kauthDeny)
	if c.U32(1) == kauthGenericIssuser && cr.IsSuser() {
		result = kauthAllow
	}
	return verdict(c.K.authorize(scopeGeneric, result, c.upcalls(c.Arg(0), c.Arg(1))))
}

// kauthAuthorizeProcess: a process may trace those of its own user; the super-user all.
func kauthAuthorizeProcess(c *Call) uint64 {
	cr, ok := c.K.handle.get(c.Addr(0)).(*sys.Cred)
	if !ok {
		return c.Panic("kauth_authorize_process: " + hex(c.Addr(0)) + " is no credential")
	}
	p, ok := c.K.handle.get(c.Addr(2)).(*kern.Proc)
	if !ok {
		return c.Panic("kauth_authorize_process: " + hex(c.Addr(2)) + " is no process")
	}
	if !c.maySleep() {
		return 0
	}
	result := uint64(kauthDeny)
	if c.U32(1) == kauthProcessCantrace && (cr.IsSuser() || cr.RUID == p.Cred().RUID) {
		result = kauthAllow
	}
	return verdict(c.K.authorize(scopeProcess, result, c.upcalls(c.Arg(0), c.Arg(1), c.Arg(2), c.Arg(3), c.Arg(4), c.Arg(5))))
}
