package kextd

//go:generate go run puggle/cmd/puggle mig -I ../../mach/mig/defs -DKERNEL_SERVER=1 -DPUGGLE_KERNEL=1 -go . -package kextd ../../sdk/include/kext/kextd.defs

import (
	"errors"
	"fmt"
	"sync"

	"puggle/abi"
	"puggle/kext"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

// ServiceName is what kextd's port is registered as with the bootstrap task.
const ServiceName = "com.apple.KernelExtensionServer"

// maxOwned bounds the registrations of programs.
const maxOwned = 256

// Kernel is what the daemon works on.
type Kernel struct {
	Manager *kext.Manager
	// Open reads a bundle by its path in the machine, and registers nothing.
	Open func(path string) (*kext.Bundle, error)
	// Scan registers what is in the search places.
	Scan func()
	// Log says what went wrong.
	Log func(line string)
	// Done is closed at the machine's end.
	Done <-chan struct{}
}

// Daemon is kextd.
type Daemon struct {
	kernel func() (Kernel, error)

	mu    sync.Mutex
	owned int
}

// New makes one. kernel may make the kernel task, when it is first called.
func New(kernel func() (Kernel, error)) *Daemon { return &Daemon{kernel: kernel} }

// Server is what serves its port.
func (d *Daemon) Server() ipc.KernelServer { return mig.NewTable(d.routines()).Serve }

// with does work for a caller; super wants it to be the superuser.
func (d *Daemon) with(c *mig.Call, super bool, who ipc.AuditToken, f func(k Kernel) (abi.KernReturn, error)) abi.KernReturn {
	if super && who[1] != 0 { // the effective user
		return abi.KERN_NO_ACCESS
	}
	k, err := d.kernel()
	if err != nil {
		return abi.KERN_FAILURE
	}
	// Code of the extension runs on threads of its own: the sender must not keep its
	// processor from them.
	if c != nil && c.Request.Thread() != nil {
		th := c.Request.Thread()
		th.Detach()
		defer th.Attach()
	}
	kr, err := f(k)
	if err != nil {
		k.Log(fmt.Sprintf("kextd: %v\n", err))
	}
	return kr
}

func (d *Daemon) routines() *KextdServer {
	return &KextdServer{
		KextdRegister: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, path string, owner mig.Right) (id string, kr abi.KernReturn) {
			kr = d.with(c, true, who, func(k Kernel) (abi.KernReturn, error) {
				b, err := d.register(k, path, owner.Port())
				if err != nil {
					return abi.KERN_INVALID_ARGUMENT, err
				}
				id = b.ID
				return abi.KERN_SUCCESS, nil
			})
			return id, kr
		},
		KextdLoad: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, id string) abi.KernReturn {
			return d.with(c, true, who, func(k Kernel) (abi.KernReturn, error) { return load(k, id) })
		},
		KextdUnload: func(c *mig.Call, _ *ipc.Port, who ipc.AuditToken, id string) abi.KernReturn {
			return d.with(c, true, who, func(k Kernel) (abi.KernReturn, error) { return unload(k, id) })
		},
		KextdList: func(c *mig.Call, _ *ipc.Port) (ids [][64]byte, kr abi.KernReturn) {
			kr = d.with(c, false, ipc.AuditToken{}, func(k Kernel) (abi.KernReturn, error) {
				for _, l := range k.Manager.Status() {
					var b [64]byte
					copy(b[:63], l.Bundle.ID)
					ids = append(ids, b)
				}
				return abi.KERN_SUCCESS, nil
			})
			return ids, kr
		},
	}
}

func load(k Kernel, id string) (abi.KernReturn, error) {
	k.Scan()
	b := k.Manager.Repository.Find(id)
	if b == nil {
		return abi.KERN_INVALID_NAME, nil
	}
	if _, err := k.Manager.Load(b); err != nil && !errors.Is(err, kext.ErrLoaded) {
		return abi.KERN_FAILURE, err
	}
	return abi.KERN_SUCCESS, nil
}

func unload(k Kernel, id string) (abi.KernReturn, error) {
	err := k.Manager.Unload(id)
	switch {
	case err == nil:
		return abi.KERN_SUCCESS, nil
	case errors.Is(err, kext.ErrNotLoaded):
		return abi.KERN_INVALID_NAME, nil
	}
	return abi.KERN_FAILURE, err
}

// register makes a bundle known for as long as owner lives.
func (d *Daemon) register(k Kernel, path string, owner *ipc.Port) (*kext.Bundle, error) {
	if !ipc.IsValid(owner) {
		return nil, errors.New("a registration needs an owner that lives")
	}
	b, err := k.Open(path)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	full := d.owned >= maxOwned
	if !full {
		d.owned++
	}
	d.mu.Unlock()
	if full {
		return nil, fmt.Errorf("kext %s: too many extensions are registered", b.ID)
	}
	k.Manager.Repository.Add(b)
	// The port tells of messages, too: each time it is looked at anew.
	told := make(chan struct{}, 1)
	w := &ipc.Watch{Notify: func() {
		select {
		case told <- struct{}{}:
		default:
		}
	}}
	owner.AddWatch(w)
	go func() {
		defer owner.RemoveWatch(w)
		for owner.Active() {
			select {
			case <-told:
			case <-k.Done:
				return
			}
		}
		d.forget(k, b)
	}()
	return b, nil
}

// forget is the end of a registration.
func (d *Daemon) forget(k Kernel, b *kext.Bundle) {
	k.Manager.Repository.Remove(b)
	for _, l := range k.Manager.Status() {
		if l.Bundle != b {
			continue // loaded from elsewhere
		}
		if _, err := unload(k, b.ID); err != nil {
			k.Log(fmt.Sprintf("kextd: the owner of %s is gone: %v\n", b.ID, err))
		}
	}
	d.mu.Lock()
	d.owned--
	d.mu.Unlock()
}

// Match loads, of what is in the search places, the drivers of devices: each is a list of
// properties that personalities are compared with.
func (d *Daemon) Match(devices []map[string]any) error {
	k, err := d.kernel()
	if err != nil {
		return err
	}
	k.Scan()
	for _, dev := range devices {
		for _, b := range k.Manager.Repository.All() {
			if !b.Matches(dev) {
				continue
			}
			if _, err := k.Manager.Load(b); err != nil && !errors.Is(err, kext.ErrLoaded) {
				k.Log(fmt.Sprintf("kextd: %v\n", err))
			}
		}
	}
	return nil
}
