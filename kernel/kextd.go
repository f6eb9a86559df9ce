package kernel

import (
	"fmt"
	"os"
	"path"
	"strings"

	"puggle/abi"
	"puggle/kernserv/nextbus"
	"puggle/kext"
	"puggle/kext/kextd"
	"puggle/mach/ipc"
)

// startKextd makes kextd's port, and has it load the drivers of the boards that are plugged
// in. Without boards nothing is looked for, and the kernel task is made when it is wanted.
func (s *System) startKextd() error {
	d := kextd.New(func() (kextd.Kernel, error) {
		x, err := s.Extensions()
		if err != nil {
			return kextd.Kernel{}, err
		}
		root := os.DirFS(s.cfg.Root)
		return kextd.Kernel{Manager: x.Manager, Scan: x.scan, Log: x.Task.Log, Done: s.done, Open: func(p string) (*kext.Bundle, error) {
			if p = strings.TrimPrefix(path.Clean("/"+p), "/"); p == "" {
				p = "."
			}
			return kext.Open(root, p)
		}}, nil
	})
	p, kr := ipc.AllocKernel(s, abi.IKOT_NONE, d.Server())
	if kr != abi.KERN_SUCCESS {
		return fmt.Errorf("kextd: no port: kern_return_t %d", kr)
	}
	if kr := s.Bootstrap.Startup().Register(kextd.ServiceName, p.MakeSend()); kr != abi.KERN_SUCCESS {
		return fmt.Errorf("kextd: %s: kern_return_t %d", kextd.ServiceName, kr)
	}
	if devices := boards(s.cfg.Bus); len(devices) > 0 {
		return d.Match(devices)
	}
	return nil
}

// boards are what is plugged in, as devices that personalities may match.
func boards(bus *nextbus.Bus) (l []map[string]any) {
	if bus == nil {
		return nil
	}
	for n := 1; n < nextbus.NumSlots; n++ {
		if slot := bus.Slot(n); slot != nil {
			m, b := slot.Board.ID()
			l = append(l, map[string]any{"IOProviderClass": "NXBusDevice", "NXManufacturerID": m, "NXBoardID": b, "NXSlot": n})
		}
	}
	return l
}
