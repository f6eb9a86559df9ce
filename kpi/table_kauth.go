package kpi

import (
	"sync"
	"sync/atomic"

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

	untold atomic.Uint64 // file operations that there was no memory to tell of
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

// upcalls gives what authorize calls, from a handler.
func (c *Call) upcalls(cred, action uint64, args ...uint64) func(l *kauthListener) (uint64, error) {
	return func(l *kauthListener) (uint64, error) {
		all := l.args(cred, action, args)
		return c.Up(l.callback, all[:]...)
	}
}

// verdict is what kauth_authorize_action gives: EPERM for what is not allowed, ENOMEM when
// listeners could not be asked.
func verdict(result uint64, e abi.Errno) uint64 {
	switch {
	case e != 0:
		return uint64(e)
	case result == kauthAllow:
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
