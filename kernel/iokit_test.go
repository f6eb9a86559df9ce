package kernel

import (
	"path/filepath"
	"testing"
	"time"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/vm"
)

// testDriver is a driver in Go, whose program is test/c/src/iokit_driver_child.c.
type testDriver struct {
	iokit.NoObject
	t      *testing.T
	entry  *iokit.Entry
	closed chan bool  // died
	memory *vm.Object // which every mapping shares
}

func (d *testDriver) NewUserClient(by *iokit.Client, kind uint32, _ map[string]any) (iokit.UserClient, abi.KernReturn) {
	if kind != 7 {
		return nil, iokit.IOReturnExclusiveAccess
	}
	return &testClient{d}, 0
}

func (d *testDriver) SetProperties(by *iokit.Client, properties any) abi.KernReturn {
	m, ok := properties.(map[string]any)
	if !ok || by.Task == nil || d.entry.SetProperties(m) != nil {
		return iokit.IOReturnBadArgument
	}
	return 0
}

type testClient struct{ d *testDriver }

func (c *testClient) Entry() *iokit.Entry { return nil }

func (c *testClient) ExternalMethod(a *iokit.Arguments) abi.KernReturn {
	switch a.Selector {
	case 0:
		sum := uint64(0)
		for _, v := range a.ScalarInput {
			sum += v
		}
		if len(a.ScalarOutput) > 0 {
			a.ScalarOutput = a.ScalarOutput[:1]
			a.ScalarOutput[0] = sum
		}
	case 1:
		a.StructOutput = a.StructInput
	case 2:
		if a.Async == nil {
			return iokit.IOReturnBadArgument
		}
		go func() {
			if kr := a.Async.Complete(0, []uint64{7, 8, 9}); kr != 0 {
				c.d.t.Errorf("completion: %v", kr)
			}
			a.Async.Release()
		}()
	case 3:
		go c.d.entry.Terminate(0)
	case 4:
		c.d.entry.Registry().MessageInterested(c.d.entry, iokit.GeneralInterest, 0xe000_1234, 42)
	default:
		return iokit.IOReturnUnsupported
	}
	return 0
}

func (c *testClient) ClientMemory(kind uint32) (*vm.NamedEntry, uint32, abi.KernReturn) {
	if kind != 0 {
		return nil, 0, iokit.IOReturnBadArgument
	}
	return vm.NewNamedEntry(c.d.memory, 0, 8192, abi.VM_PROT_READ|abi.VM_PROT_WRITE), 0, 0
}

func (c *testClient) SetNotificationPort(uint32, iokit.Async, uint64) abi.KernReturn {
	return iokit.IOReturnUnsupported
}
func (c *testClient) ConnectClient(iokit.UserClient) abi.KernReturn { return iokit.IOReturnUnsupported }
func (c *testClient) SetProperties(any) abi.KernReturn              { return iokit.IOReturnNotPrivileged }
func (c *testClient) Close(died bool)                               { c.d.closed <- died }

// testBell is rung by who opens it: then the driver comes.
type testBell struct {
	iokit.NoObject
	rung func()
}

func (b *testBell) NewUserClient(*iokit.Client, uint32, map[string]any) (iokit.UserClient, abi.KernReturn) {
	b.rung()
	return nil, iokit.IOReturnBusy
}

// TestIOKitDriver runs the driver's program.
func TestIOKitDriver(t *testing.T) {
	s, err := Boot(Config{MemSize: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := s.IORegistry()
	if err := r.DefineClass("com_example_Driver", "IOService", "com.example"); err != nil {
		t.Fatal(err)
	}
	d := &testDriver{t: t, closed: make(chan bool, 4), memory: vm.NewObject(8192)}
	if d.entry, err = r.NewEntry("com_example_Driver", "driver", d); err != nil {
		t.Fatal(err)
	}
	top := r.Services(iokit.Matching(iokit.ProviderClassKey, "IOPlatformExpertDevice"), iokit.Matched)[0]
	if err := d.entry.Attach(top, iokit.ServicePlane); err != nil {
		t.Fatal(err)
	}
	prog, err := filepath.Abs("../test/c/bin/iokit_driver_child")
	if err != nil {
		t.Fatal(err)
	}
	bell, err := r.NewEntry("IOService", "bell", &testBell{rung: d.entry.Register})
	if err == nil {
		err = bell.Attach(top, iokit.ServicePlane)
	}
	if err != nil {
		t.Fatal(err)
	}
	bell.RegisterNow()
	out, status := runIn(t, s, prog)
	if status != 0 || out != "over\n" {
		t.Fatalf("status %d\n%s", status, out)
	}
	select {
	case died := <-d.closed:
		if died {
			t.Error("the connection was closed, but it was said to have died")
		}
	case <-time.After(20 * time.Second):
		t.Error("the connection is not closed")
	}
	if len(d.closed) != 0 {
		t.Error("closed twice")
	}
}
