package kpi

import (
	"fmt"
	"sort"

	"puggle/abi"
	"puggle/mach/sched"
)

func init() {
	register("IOKit/pwr_mgt/RootDomain.h", "2002", "iokit", []Row{
		{Name: "registerSleepWakeInterest", Proto: "IONotifier *registerSleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref)", Handler: registerInterest(false)},
		{Name: "registerPrioritySleepWakeInterest", Proto: "IONotifier *registerPrioritySleepWakeInterest(IOServiceInterestHandler handler, void *self, void *ref)", Handler: registerInterest(true)},
		{Name: "acknowledgeSleepWakeNotification", Proto: "IOReturn acknowledgeSleepWakeNotification(void *refcon)", Handler: func(*Call) uint64 { return 0 }, Note: "a handler that returns has acknowledged"},
		{Name: "vetoSleepWakeNotification", Proto: "IOReturn vetoSleepWakeNotification(void *refcon)", Handler: vetoSleep},
		{Name: "kpi_notifier_remove", Header: "IOKit/IONotifier.h", Proto: "void kpi_notifier_remove(void *notifier)", Handler: notifierRemove, Note: "IONotifier::remove and release"},
	})
}

// Messages of the root of power management (<IOKit/IOMessage.h>).
const (
	CanSystemSleep     uint32 = 0xe0000270
	SystemWillSleep    uint32 = 0xe0000280
	SystemHasPoweredOn uint32 = 0xe0000300
	SystemWillPowerOff uint32 = 0xe0000250
	SystemWillRestart  uint32 = 0xe0000310
)

// interest is a handler that wants to be told of sleep, shutdown and restart.
type interest struct {
	a, fn, self, ref Addr
	order            int
	priority         bool
}

// maxInterests bounds them.
const maxInterests = 1024

func registerInterest(priority bool) func(*Call) uint64 {
	return func(c *Call) uint64 {
		k := c.K
		x := &interest{fn: c.Addr(0), self: c.Addr(1), ref: c.Addr(2), priority: priority}
		k.mu.Lock()
		full := len(k.interests) >= maxInterests
		k.interestsMade++
		x.order = k.interestsMade
		k.mu.Unlock()
		if full || x.fn == 0 {
			return 0
		}
		if x.a = k.handle.put(x); x.a == 0 {
			return 0
		}
		k.mu.Lock()
		if k.interests == nil {
			k.interests = map[*interest]struct{}{}
		}
		k.interests[x] = struct{}{}
		k.mu.Unlock()
		k.AddReference("notifier", x, k.Symbolize(x.fn), func(*sched.Thread) { k.dropInterest(x) }, x.fn)
		return uint64(x.a)
	}
}

func (k *KernelTask) dropInterest(x *interest) {
	k.mu.Lock()
	delete(k.interests, x)
	k.mu.Unlock()
	k.handle.drop(x.a)
	k.DropReference("notifier", x)
}

func notifierRemove(c *Call) uint64 {
	if a, ok := c.K.handle.get(c.Addr(0)).(*arrivals); ok {
		c.K.dropArrivals(a)
		return 0
	}
	x, ok := c.K.handle.get(c.Addr(0)).(*interest)
	if !ok {
		return c.Panic("IONotifier::remove: " + hex(c.Addr(0)) + " is no notifier")
	}
	c.K.dropInterest(x)
	return 0
}

// vetoSleep counts while SystemWillSleep or CanSystemSleep is being told; it changes
// nothing about a shutdown.
func vetoSleep(c *Call) uint64 {
	c.K.mu.Lock()
	c.K.vetoed = true
	c.K.mu.Unlock()
	return 0
}

// Notify tells the handlers, those that asked for priority first, in the order of their
// registration: on th, which must be the caller's own. false if one vetoed. One that
// does not return is out.
func (k *KernelTask) Notify(th *sched.Thread, message uint32) bool {
	k.notifying.Lock() // one message at a time
	defer k.notifying.Unlock()
	k.mu.Lock()
	k.vetoed = false
	var l []*interest
	for x := range k.interests {
		l = append(l, x)
	}
	k.mu.Unlock()
	sort.Slice(l, func(i, j int) bool {
		if l[i].priority != l[j].priority {
			return l[i].priority
		}
		return l[i].order < l[j].order
	})
	for _, x := range l {
		k.mu.Lock()
		_, there := k.interests[x]
		k.mu.Unlock()
		if !there {
			continue
		}
		if _, err := k.Call(th, x.fn, uint64(x.self), uint64(x.ref), uint64(message), 0, uint64(x.a), 0); err != nil {
			k.print(fmt.Sprintf("notifier %s: %v\n", k.Symbolize(x.fn), oneLine(err)))
			k.dropInterest(x)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.vetoed
}

// Shutdown tells the handlers that the machine goes down, or restarts.
func (k *KernelTask) Shutdown(restart bool) {
	th := k.ownThread("shutdown")
	defer th.Detach()
	m := SystemWillPowerOff
	if restart {
		m = SystemWillRestart
	}
	k.Notify(th, m)
}

// Sleep asks the handlers whether the machine may sleep, and tells them that it has
// woken: it sleeps no time at all. KERN_FAILURE if one vetoed.
func (k *KernelTask) Sleep() KernReturn {
	th := k.ownThread("sleep")
	defer th.Detach()
	if !k.Notify(th, CanSystemSleep) || !k.Notify(th, SystemWillSleep) {
		return abi.KERN_FAILURE
	}
	k.Notify(th, SystemHasPoweredOn)
	return abi.KERN_SUCCESS
}
