package kernel

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/iokit"
	"puggle/iokit/server"
	"puggle/mach/task"
)

// ioRegistry is the machine's I/O Registry, made when somebody first asks.
type ioRegistry struct {
	once sync.Once
	r    *iokit.Registry
}

// IORegistry is the machine's I/O Registry. It exists from the first call on, which may come from
// a program, an extension or a tool.
func (s *System) IORegistry() *iokit.Registry {
	s.ioreg.once.Do(func() {
		s.ioreg.r = iokit.NewRegistry()
		id := machineIdentity()
		err := s.ioreg.r.AddPlatform(iokit.Platform{Model: machineModel, UUID: iokit.MachineUUID(id), Serial: iokit.MachineSerial(id),
			Version: "Darwin Kernel Version 22.6.0: puggle", BootArgs: s.cfg.BootArgs, Processors: s.Machine.Processors(), NVRAM: nvramEntry{s: s}})
		if err != nil {
			panic(err) // a few entries in an empty registry
		}
	})
	return s.ioreg.r
}

// machineModel is hw.model.
const machineModel = "Puggle1,1"

// machineIdentity is what the machine's UUID and serial number are made of: the same for each machine of
// a host that has a machine-id, else one of this process alone.
var machineIdentity = sync.OnceValue(func() string {
	for _, f := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if b, err := os.ReadFile(f); err == nil && len(strings.TrimSpace(string(b))) >= 32 {
			return strings.TrimSpace(string(b))
		}
	}
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
})

// newIOServer makes what programs see of the registry.
func (s *System) newIOServer() *server.Server {
	return server.New(server.Config{
		Registry: s.IORegistry,
		Client: func(t *task.Task) *iokit.Client {
			c := &iokit.Client{Task: t}
			if p, _ := t.BSD.(*kern.Proc); p != nil {
				c.Root = p.Cred().IsSuser()
				c.Name = fmt.Sprintf("pid %d, %s", p.PID, p.Comm())
			}
			return c
		},
	})
}

// nvramEntry is IODeviceTree:/options: its properties are the NVRAM's variables.
type nvramEntry struct {
	iokit.NoObject
	s *System
}

func (n nvramEntry) Properties() map[string]any {
	m := map[string]any{}
	for l := range strings.Lines(n.s.cfg.NVRAM.String()) {
		name, value, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "=")
		m[name] = value
	}
	return m
}

// The names by which a program asks to remove a variable (<IOKit/IONVRAM.h>).
var nvramDeletes = map[string]bool{"IONVRAM-DELETE-PROPERTY": true, "IONVRAM-DELETE-PROPERTY-WRET": true}

// SetProperties sets variables: root's alone, as machdep.nvram is.
func (n nvramEntry) SetProperties(by *iokit.Client, properties any) abi.KernReturn {
	m, ok := properties.(map[string]any)
	switch {
	case !ok:
		return iokit.IOReturnBadArgument
	case !by.Root:
		return iokit.IOReturnNotPrivileged
	}
	for name, v := range m {
		var text string
		switch v := v.(type) {
		case string:
			text = v
		case []byte:
			text = strings.TrimSuffix(string(v), "\x00")
		default:
			return iokit.IOReturnBadArgument
		}
		var e abi.Errno
		if nvramDeletes[name] {
			e = n.s.cfg.NVRAM.Delete(text)
		} else {
			e = n.s.cfg.NVRAM.Set(name, text)
		}
		switch e {
		case 0:
		case abi.ENOENT:
			return iokit.IOReturnNotFound
		case abi.ENOSPC:
			return iokit.IOReturnNoSpace
		default:
			return iokit.IOReturnBadArgument
		}
	}
	return abi.KERN_SUCCESS
}
