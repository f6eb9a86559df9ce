package iokit

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Platform is what is true of the machine.
type Platform struct {
	Model        string // hw.model
	UUID, Serial string // MachineUUID, MachineSerial
	Version      string // of the kernel, as uname says it
	BootArgs     string
	Processors   int
	// NVRAM are the variables, as they are when somebody asks.
	NVRAM Object
}

// identity makes bytes that are the same for each machine of a host, and tell nothing of it.
func identity(host, what string) []byte {
	h := hmac.New(sha256.New, []byte(host))
	h.Write([]byte("puggle " + what))
	return h.Sum(nil)
}

// MachineUUID is the IOPlatformUUID of the machines of a host: of what the host is known by, such as
// its machine-id.
func MachineUUID(host string) string {
	id := identity(host, "IOPlatformUUID")
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, of its maker's own kind
	return fmt.Sprintf("%X-%X-%X-%X-%X", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// MachineSerial is the IOPlatformSerialNumber: 12 letters and digits, as a Mac has.
func MachineSerial(host string) string {
	const digits = "0123456789ABCDEFGHJKLMNPQRSTUVWX"
	s := []byte("PGL")
	for _, b := range identity(host, "IOPlatformSerialNumber")[:9] {
		s = append(s, digits[b%32])
	}
	return string(s)
}

// ctext is a string of the device tree.
func ctext(s string) []byte { return append([]byte(s), 0) }

// AddPlatform puts the machine's own entries into a new registry: the platform, its resources, its
// processors and its NVRAM, each registered.
func (r *Registry) AddPlatform(m Platform) error {
	var first error
	add := func(class, name string, object Object, props map[string]any, planes map[Plane]*Entry) *Entry {
		e, err := r.NewEntry(class, name, object)
		for p, up := range planes {
			if err == nil {
				err = e.Attach(up, p)
			}
		}
		if err == nil {
			err = e.SetProperties(props)
		}
		if err != nil && first == nil {
			first = fmt.Errorf("%s: %w", name, err)
		}
		return e
	}
	planes := map[string]any{}
	for _, p := range r.Planes() {
		planes[string(p)] = string(p)
	}
	r.root.SetProperty("IORegistryPlanes", planes)
	r.root.SetProperty("IOKitBuildVersion", m.Version)

	family := strings.TrimRight(m.Model, "0123456789,")
	top := add("IOPlatformExpertDevice", m.Model, nil, map[string]any{
		"model": ctext(m.Model), "compatible": ctext(m.Model), "product-name": ctext(m.Model), "manufacturer": ctext(family),
		"device_type": []byte("bootrom\x00"), "name": []byte("/\x00"),
		"IOPlatformUUID": m.UUID, "IOPlatformSerialNumber": m.Serial,
	}, map[Plane]*Entry{ServicePlane: r.root, DeviceTreePlane: r.root})
	if first != nil {
		return first
	}
	top.SetName(DeviceTreePlane, "/")
	services := []*Entry{top}
	service := func(class, name string, object Object, props map[string]any) *Entry {
		e := add(class, name, object, props, map[Plane]*Entry{ServicePlane: top})
		services = append(services, e)
		return e
	}
	service(ResourcesClass, "IOResources", nil, map[string]any{"IOKit": "IOService", "IOBSD": "IOBSD"})
	power := service("IOPMrootDomain", "IOPMrootDomain", nil, map[string]any{"Supported Features": map[string]any{}})
	if first == nil {
		first = power.Attach(r.root, PowerPlane)
	}

	both := func(parent *Entry) map[Plane]*Entry {
		return map[Plane]*Entry{ServicePlane: top, DeviceTreePlane: parent}
	}
	cpus := add("IOService", "cpus", nil, map[string]any{"name": ctext("cpus")}, map[Plane]*Entry{DeviceTreePlane: top})
	for i := range min(m.Processors, 256) {
		c := add("IOPlatformDevice", fmt.Sprintf("CPU%d", i), nil, map[string]any{"name": ctext(fmt.Sprintf("CPU%d", i)),
			"device_type": ctext("processor"), "processor-number": uint32(i)}, both(cpus))
		if first == nil {
			c.SetLocation("", fmt.Sprintf("%x", i))
			services = append(services, c)
		}
	}
	add("IOService", "chosen", nil, map[string]any{"name": ctext("chosen"), "boot-args": ctext(m.BootArgs)}, map[Plane]*Entry{DeviceTreePlane: top})
	options := add("IODTNVRAM", "options", m.NVRAM, nil, both(top))
	services = append(services, options)
	if first != nil {
		return first
	}
	for _, e := range services {
		e.RegisterNow()
	}
	return nil
}
