package mig

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/mach/host"
)

// LockGroup is what locks that kernel code has put in a group have counted, by their kind: spin
// locks, mutexes, read-write locks.
type LockGroup struct {
	Name                     string
	Locks                    [3]uint32
	Acquired, Missed, Waited [3]uint64 // Waited in nanoseconds
}

// Words of lockgroup_info_t (<mach_debug/lockgroup_info.h>).
const (
	lgName     = 0 // 64 bytes, zero-terminated
	lgSpin     = 9 // how many locks; then util, held, miss, held_max, held_cum
	lgMtx      = 15
	lgRW       = 24 // these two: util, held, miss, wait, held_max, held_cum, wait_max, wait_cum
	lgUtil     = 1
	lgHeld     = 2
	lgMiss     = 3
	lgWait     = 4
	lgWaitCum  = 8
	lgWords    = 33
	lgNameSize = 64
)

// info is as XNU fills it: of spin locks how often they were held, of mutexes that is in
// util_cnt. How long locks are held nobody measures: 0.
func (g *LockGroup) info() (w [lgWords]uint64) {
	var name [lgNameSize]byte
	copy(name[:lgNameSize-1], g.Name)
	for i := range lgNameSize / 8 {
		w[lgName+i] = binary.LittleEndian.Uint64(name[8*i:])
	}
	w[lgSpin], w[lgSpin+lgHeld], w[lgSpin+lgMiss] = uint64(g.Locks[0]), g.Acquired[0], g.Missed[0]
	for kind, at := range []int{1: lgMtx, 2: lgRW} {
		if at == 0 {
			continue
		}
		w[at], w[at+lgUtil], w[at+lgMiss] = uint64(g.Locks[kind]), g.Acquired[kind], g.Missed[kind]
		w[at+lgWait], w[at+lgWaitCum] = g.Missed[kind], g.Waited[kind]
	}
	return w
}

// hostLockgroupInfo lists the groups of kernel code; the kernel's own locks are in none.
func (k *Kernel) hostLockgroupInfo(_ *Call, h *host.Host) (l [][lgWords]uint64, kr kret) {
	if h == nil {
		return nil, abi.KERN_INVALID_HOST
	}
	if k.Hooks.LockGroups == nil {
		return nil, abi.KERN_NOT_SUPPORTED
	}
	for _, g := range k.Hooks.LockGroups() {
		l = append(l, g.info())
	}
	return l, abi.KERN_SUCCESS
}
