package kernel

import (
	"errors"
	"fmt"
	"sync"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/devfs"
	"puggle/bsd/sysctl"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// Driver is code for the kernel that is written in Go and compiled in: see
// examples/godriver. It has what the kernel's own drivers have; there is no fence
// between it and the kernel.
type Driver struct {
	Name    string // reverse DNS, as a bundle's identifier
	Version string // as CFBundleVersion
	// Start is called at the end of Boot, with the Drivers of Config in their order.
	// What it enters by way of d is taken back when it fails, and by Close after Stop,
	// in reverse order.
	Start func(d *DriverHost) error
	Stop  func(d *DriverHost) // may be nil
}

// DriverHost is the kernel as a Driver sees it. Its methods may be called at any time
// until Stop has returned, by any goroutine. Errors are one line.
type DriverHost struct {
	*System
	driver Driver

	mu   sync.Mutex
	undo []func()
}

func (d *DriverHost) onStop(f func()) {
	d.mu.Lock()
	d.undo = append(d.undo, f)
	d.mu.Unlock()
}

func (d *DriverHost) stop() {
	if d.driver.Stop != nil {
		d.driver.Stop(d)
	}
	d.takeBack()
}

func (d *DriverHost) takeBack() {
	d.mu.Lock()
	undo := d.undo
	d.undo = nil
	d.mu.Unlock()
	for i := len(undo) - 1; i >= 0; i-- {
		undo[i]()
	}
}

// AddDevice makes a character device: an entry in the switch, with a major number of
// its own (which is the result), and a node for each name, whose minor numbers count
// from 0.
func (d *DriverHost) AddDevice(sw *dev.Cdevsw, mode uint16, names ...string) (major int, err error) {
	major = dev.CdevswAdd(-1, sw)
	if major < 0 {
		return 0, fmt.Errorf("no major number is free")
	}
	d.onStop(func() { dev.CdevswRemove(major, sw) })
	for minor, name := range names {
		if e := d.root.devs.Make(devfs.Node{Name: name, Mode: mode, Dev: dev.Makedev(major, minor)}); e != 0 {
			return 0, fmt.Errorf("/dev/%s: %w", name, error(e))
		}
		d.onStop(func() { d.root.devs.Remove(name) })
	}
	return major, nil
}

// AddSysctl registers oids below a parent by its dotted name ("" is the root); an oid
// that is a node may be the parent of the later ones.
func (d *DriverHost) AddSysctl(parent string, oids ...*sysctl.OID) error {
	p := d.Sysctl.Tree.Root()
	if parent != "" {
		if p = d.Sysctl.Lookup(parent); p == nil {
			return fmt.Errorf("sysctl %s: not there", parent)
		}
	}
	for _, o := range oids {
		if err := d.Sysctl.Tree.Register(p, o); err != nil {
			return fmt.Errorf("sysctl %s: %w", o.Name, err)
		}
		d.onStop(func() { d.Sysctl.Tree.Unregister(sched.NewThread("driver"), o) })
	}
	return nil
}

// AddServer makes a port that the kernel serves, and registers it with the bootstrap
// task. serve is called on the sender's thread: see ipc.KernelServer. A server that
// package mig has made is mig.NewTable(server).Serve.
func (d *DriverHost) AddServer(name string, serve ipc.KernelServer) error {
	p, kr := ipc.AllocKernel(d, abi.IKOT_NONE, serve)
	if kr != abi.KERN_SUCCESS {
		return fmt.Errorf("no port: kern_return_t %d", kr)
	}
	d.onStop(p.DestroyKernel)
	if kr := d.Bootstrap.Startup().Register(name, p.MakeSend()); kr != abi.KERN_SUCCESS {
		return fmt.Errorf("service %s: kern_return_t %d", name, kr)
	}
	return nil
}

// startDrivers starts what is compiled in. When one fails, those before it are stopped.
func (s *System) startDrivers() error {
	for _, x := range s.cfg.Drivers {
		d := &DriverHost{System: s, driver: x}
		err := errors.New("it has no Start")
		if x.Start != nil {
			err = x.Start(d)
		}
		if err != nil {
			d.takeBack()
			s.stopDrivers()
			return fmt.Errorf("driver %s: %w", x.Name, err)
		}
		s.drivers = append(s.drivers, d)
	}
	return nil
}

func (s *System) stopDrivers() {
	for i := len(s.drivers) - 1; i >= 0; i-- {
		s.drivers[i].stop()
	}
	s.drivers = nil
}
