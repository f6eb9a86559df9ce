package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/machine"
)

// Zone is one kind of thing that the kernel's memory is used for.
type Zone struct {
	Name  string
	Size  uint64 // of one, in bytes
	Count uint64 // in use
	Total uint64 // ever made, 0 if nobody counts
}

// info is mach_zone_info_t: count, current size, maximum, size of an element and of
// an allocation, size of all that were ever made, exhaustible, collectable. Who has
// only the host's name port is told the count and the element's size.
func (z *Zone) info(priv bool) [8]uint64 {
	w := [8]uint64{0: z.Count, 3: z.Size}
	if priv {
		w[1], w[4], w[5] = z.Count*z.Size, machine.PageSize, max(z.Total, z.Count)*z.Size
	}
	return w
}

func (z *Zone) name() (n [80]byte) {
	copy(n[:len(n)-1], z.Name)
	return n
}

// machZoneInfo: KERN_INVALID_HOST for a port that is not the host's.
func (k *Kernel) machZoneInfo(_ *Call, p *ipc.Port) (names [][80]byte, info [][8]uint64, kr kret) {
	if convertPortToHost(p) == nil {
		return nil, nil, abi.KERN_INVALID_HOST
	}
	if k.Hooks.Zones == nil {
		return nil, nil, abi.KERN_NOT_SUPPORTED
	}
	priv := convertPortToHostPriv(p) != nil
	for _, z := range k.Hooks.Zones() {
		names, info = append(names, z.name()), append(info, z.info(priv))
	}
	return names, info, abi.KERN_SUCCESS
}

// machMemoryInfo is the same; there are no allocation sites beside the zones.
func (k *Kernel) machMemoryInfo(c *Call, p *ipc.Port) ([][80]byte, [][8]uint64, [][22]uint64, kret) {
	names, info, kr := k.machZoneInfo(c, p)
	return names, info, nil, kr
}

// machZoneInfoForZone: KERN_INVALID_ARGUMENT when there is no such zone.
func (k *Kernel) machZoneInfoForZone(_ *Call, h *host.Host, name [80]byte) (info [8]uint64, kr kret) {
	if h == nil {
		return info, abi.KERN_INVALID_HOST
	}
	if k.Hooks.Zones == nil {
		return info, abi.KERN_NOT_SUPPORTED
	}
	for _, z := range k.Hooks.Zones() {
		if cstring(name[:]) == z.Name {
			return z.info(true), abi.KERN_SUCCESS
		}
	}
	return info, abi.KERN_INVALID_ARGUMENT
}

// Kinds of host_request_notification (<mach/host_notify.h>).
const (
	HOST_NOTIFY_CALENDAR_CHANGE = 0
	HOST_NOTIFY_CALENDAR_SET    = 1
	maxHostNotify               = 1024
)

// hostRequestNotification keeps a send-once right until its port dies. No message ever
// comes: the calendar is the host's, and not set from here. KERN_INVALID_CAPABILITY
// without a live port, KERN_RESOURCE_SHORTAGE above 1,024 of them.
func (k *Kernel) hostRequestNotification(_ *Call, h *host.Host, kind int32, notify Right) kret {
	p := notify.Port()
	switch {
	case h == nil:
		return abi.KERN_INVALID_ARGUMENT
	case !ipc.IsValid(p) || !p.Active():
		return abi.KERN_INVALID_CAPABILITY
	case kind < HOST_NOTIFY_CALENDAR_CHANGE || kind > HOST_NOTIFY_CALENDAR_SET:
		return abi.KERN_INVALID_ARGUMENT
	}
	var dead []*ipc.Port
	k.mu.Lock()
	live := k.calendar[:0]
	for _, q := range k.calendar {
		if q.Active() {
			live = append(live, q)
		} else {
			dead = append(dead, q)
		}
	}
	kr := abi.KERN_RESOURCE_SHORTAGE
	if len(live) < maxHostNotify {
		live, kr = append(live, notify.Take()), abi.KERN_SUCCESS
	}
	clear(k.calendar[min(len(live), len(k.calendar)):])
	k.calendar = live
	k.mu.Unlock()
	for _, q := range dead {
		ipc.Release(q, abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	}
	return kr
}
