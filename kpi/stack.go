package kpi

import (
	"time"

	"puggle/abi"
	"puggle/mach/vm"
	"puggle/machine"
)

// Sizes of kernel stacks, in bytes (Kernel Programming: 16 KB; the 1990 manual,
// 2-1: 4 KB).
const (
	StackSize     = 16 << 10
	NeXTStackSize = 4 << 10
)

// stack is a kernel stack between two guard pages.
type stack struct{ lo, top Addr }

func (s stack) size() uint64 { return uint64(s.top - s.lo) }

// newStack makes a stack of size bytes.
func (k *KernelTask) newStack(size uint64) (stack, error) {
	a, err := k.guarded(size)
	if err != nil {
		return stack{}, err
	}
	return stack{a, a + Addr(size)}, nil
}

// guarded allocates whole pages with an inaccessible one on either side.
func (k *KernelTask) guarded(size uint64) (Addr, error) {
	const page = machine.PageSize
	a, kr := k.Map.Allocate(0, size+2*page, vm.Anywhere)
	if kr != 0 {
		return 0, ErrNoMemory
	}
	for _, g := range []Addr{a, a + page + Addr(size)} {
		if kr := k.Map.Protect(g, page, abi.VM_PROT_NONE, false); kr != 0 {
			k.Map.Deallocate(a, size+2*page)
			return 0, ErrNoMemory
		}
	}
	return a + page, nil
}

func (k *KernelTask) freeGuarded(a Addr, size uint64) {
	k.Map.Deallocate(a-machine.PageSize, size+2*machine.PageSize)
}

// maxIdle bounds the contexts that wait for use: each is a host thread.
const maxIdle = 16

// takeActivation takes a context and a stack from the pool, or makes them.
func (k *KernelTask) takeActivation(size uint64) (*activation, error) {
	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		return nil, ErrDead
	}
	for i := len(k.idle) - 1; i >= 0; i-- {
		if a := k.idle[i]; a.stack.size() == size {
			k.idle = append(k.idle[:i], k.idle[i+1:]...)
			k.active[a] = struct{}{}
			k.mu.Unlock()
			return a, nil
		}
	}
	k.mu.Unlock()
	cpu, err := k.space.NewContext()
	if err != nil {
		return nil, err
	}
	s, err := k.newStack(size)
	if err != nil {
		cpu.Destroy()
		return nil, err
	}
	a := &activation{cpu: cpu, stack: s}
	k.mu.Lock()
	k.active[a] = struct{}{}
	if !k.watching {
		k.watching = true
		time.AfterFunc(watchPeriod(k.cfg.HangLimit), func() { k.watch(map[*activation]watched{}) })
	}
	k.mu.Unlock()
	return a, nil
}

// dropActivation gives it back; after a panic it is not used again.
func (k *KernelTask) dropActivation(a *activation, good bool) {
	a.hung.Store(false)
	k.mu.Lock()
	delete(k.active, a)
	if good && len(k.idle) < maxIdle {
		k.idle = append(k.idle, a)
		k.mu.Unlock()
		return
	}
	k.mu.Unlock()
	a.cpu.Destroy()
	k.freeGuarded(a.stack.lo, a.stack.size())
}

// watched is what the watchdog knows of an activation.
type watched struct {
	epoch uint32
	since time.Time
}

func watchPeriod(limit time.Duration) time.Duration {
	return min(max(limit/8, time.Millisecond), time.Second)
}

// watch looks for code that runs for long: it is kicked out, so that its thread
// can give way to others, and above the limit it is said to hang.
func (k *KernelTask) watch(seen map[*activation]watched) {
	now := time.Now()
	k.mu.Lock()
	if k.closed || len(k.active) == 0 {
		k.watching = false
		k.mu.Unlock()
		return
	}
	next := map[*activation]watched{}
	for a := range k.active {
		e := a.epoch.Load()
		if e&epochRuns == 0 {
			continue
		}
		w, ok := seen[a]
		if !ok || w.epoch != e {
			next[a] = watched{e, now}
			continue
		}
		next[a] = w
		if now.Sub(w.since) >= k.cfg.HangLimit {
			a.hung.Store(true)
			a.cpu.Kick()
		}
	}
	time.AfterFunc(watchPeriod(k.cfg.HangLimit), func() { k.watch(next) })
	k.mu.Unlock()
}
