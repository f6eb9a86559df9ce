package kpi

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/iokit"
	"puggle/kext"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// drivers is a kernel task with the machine's registry, and who loads extensions into it.
func drivers(t testing.TB) (*KernelTask, *kext.Manager) {
	t.Helper()
	r := iokit.NewRegistry()
	if err := r.AddPlatform(iokit.Platform{Model: "MacPuggle1,1", UUID: iokit.MachineUUID("x"), Serial: iokit.MachineSerial("x"), Processors: 1}); err != nil {
		t.Fatal(err)
	}
	var m *kext.Manager
	cfg := Config{Registry: r}
	cfg.LoadBundle = func(id string) error {
		b := m.Repository.Find(id)
		if b == nil {
			return kext.ErrNotLoaded
		}
		_, err := m.Load(b)
		return err
	}
	k := bare(t, cfg)
	m = kext.NewManager(kext.NewRepository(), k)
	return k, m
}

func pack(t testing.TB, object, plist, name string) *kext.Bundle {
	t.Helper()
	obj, err := os.ReadFile(object)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.ReadFile(plist)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := kext.Pack([][]byte{obj}, info, filepath.Join(dir, name+".kext")); err != nil {
		t.Fatal(err)
	}
	b, err := kext.Open(os.DirFS(dir), name+".kext")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// one is the only service of a class, nil if there is none.
func one(t testing.TB, k *KernelTask, class string) *iokit.Entry {
	t.Helper()
	l := k.Registry().Instances(class)
	if len(l) > 1 {
		t.Fatalf("%d services of class %s", len(l), class)
	}
	if len(l) == 0 {
		return nil
	}
	return l[0]
}

func quiet(t testing.TB, k *KernelTask) {
	t.Helper()
	if kr := k.Registry().Root().WaitQuiet(sched.NewThread("test"), sched.Now()+sched.Deadline(time.Minute)); kr != 0 {
		t.Fatalf("the registry is not quiet: %v\n%s", kr, k.Messages)
	}
}

// TestDriver: the example's driver starts because it matches IOResources, is in the registry, has its
// properties set, and is terminated by being unloaded.
func TestDriver(t *testing.T) {
	k, m := drivers(t)
	b := pack(t, "../examples/hellodriver/HelloDriver.o", "../examples/hellodriver/Info.plist", "HelloDriver")
	for range 2 {
		if _, err := m.Load(b); err != nil {
			t.Fatalf("%v\n%s", err, k.Messages)
		}
		quiet(t, k)
		e := one(t, k, "com_example_HelloDriver")
		if e == nil {
			t.Fatalf("no driver in the registry\n%s", k.Messages)
		}
		if p := e.Provider(); p == nil || p.Class() != "IOResources" {
			t.Errorf("provider %v", p)
		}
		if v := e.Property("Answer"); !iokit.Equal(v, uint32(42)) {
			t.Errorf("Answer is %v", v)
		}
		if kr := e.Object().SetProperties(&iokit.Client{}, map[string]any{"Greeting": "good <evening> & so"}); kr != 0 {
			t.Errorf("setProperties: %v", kr)
		}
		if v := e.Property("Greeting"); v != "good <evening> & so" {
			t.Errorf("Greeting is %v", v)
		}
		if kr := e.Object().SetProperties(&iokit.Client{}, map[string]any{"Other": "x"}); kr != iokit.IOReturnBadArgument {
			t.Errorf("setProperties of something else: %v", kr)
		}
		if e.State()&iokit.Registered == 0 {
			t.Error("it has not registered")
		}
		if err := m.Unload(b.ID); err != nil {
			t.Fatalf("%v\n%s", err, k.Messages)
		}
		if one(t, k, "com_example_HelloDriver") != nil || len(k.Registry().Catalogue.All()) != 0 {
			t.Error("the driver or its personality is still there")
		}
	}
	const life = "HelloDriver: init\nHelloDriver: probe, score 1000\nHelloDriver: start on IOResources, hello\nHelloDriver: stop\nHelloDriver: free\n"
	if got := k.Messages.String(); got != life+life {
		t.Errorf("messages:\n%s", strings.TrimSpace(got))
	}
}

// answers is a reply port that remembers.
type answers struct {
	result   abi.KernReturn
	args     []uint64
	released int
}

func (a *answers) Complete(r abi.KernReturn, args []uint64) abi.KernReturn {
	a.result, a.args = r, args
	return 0
}
func (a *answers) Release() { a.released++ }

// TestUserClient opens the example's driver, calls its methods with good and bad arguments, and closes. An open
// connection goes with its driver.
func TestUserClient(t *testing.T) {
	k, m := drivers(t)
	b := pack(t, "../examples/hellodriver/HelloDriver.o", "../examples/hellodriver/Info.plist", "HelloDriver")
	if _, err := m.Load(b); err != nil {
		t.Fatalf("%v\n%s", err, k.Messages)
	}
	quiet(t, k)
	handles := k.Handles()
	e := one(t, k, "com_example_HelloDriver")
	open := func(root bool) iokit.UserClient {
		u, kr := e.Object().NewUserClient(&iokit.Client{Root: root, Name: "pid 1, test"}, 0, nil)
		if kr != 0 {
			t.Fatalf("open: %v\n%s", kr, k.Messages)
		}
		return u
	}
	u := open(false)
	if p := u.Entry().Provider(); p != e || u.Entry().Property("IOUserClientCreator") != "pid 1, test" {
		t.Errorf("the connection is below %v", p)
	}
	call := func(a iokit.Arguments) (iokit.Arguments, abi.KernReturn) {
		kr := u.ExternalMethod(&a)
		return a, kr
	}
	if a, kr := call(iokit.Arguments{Selector: 0, ScalarInput: []uint64{1 << 40, 2}, ScalarOutput: make([]uint64, 1)}); kr != 0 || a.ScalarOutput[0] != 1<<40+2 {
		t.Errorf("add: %v, %v", a.ScalarOutput, kr)
	}
	if _, kr := call(iokit.Arguments{Selector: 0, ScalarInput: []uint64{1}, ScalarOutput: make([]uint64, 1)}); kr != iokit.IOReturnBadArgument {
		t.Errorf("add of one number: %v", kr)
	}
	long := strings.Repeat("quiet ", 5000)
	if a, kr := call(iokit.Arguments{Selector: 1, StructInput: []byte(long), StructRoom: len(long) + 9}); kr != 0 || string(a.StructOutput) != strings.ToUpper(long) {
		t.Errorf("shout: %d bytes, %v", len(a.StructOutput), kr)
	}
	if _, kr := call(iokit.Arguments{Selector: 1, StructInput: []byte("abc"), StructRoom: 2}); kr != iokit.IOReturnNoSpace {
		t.Errorf("shout without room: %v", kr)
	}
	if _, kr := call(iokit.Arguments{Selector: 2, ScalarOutput: make([]uint64, 1)}); kr != iokit.IOReturnNotPrivileged {
		t.Errorf("reset by a user: %v", kr)
	}
	if _, kr := call(iokit.Arguments{Selector: 99}); kr != iokit.IOReturnUnsupported {
		t.Errorf("no such method: %v", kr)
	}
	reply := &answers{result: -1}
	if _, kr := call(iokit.Arguments{Selector: 3, ScalarInput: []uint64{21}, Async: reply}); kr != 0 || reply.result != 0 || len(reply.args) != 1 || reply.args[0] != 42 {
		t.Errorf("later: %v, %+v", kr, reply)
	}
	if n, options, kr := u.ClientMemory(0); kr != 0 || options != 1<<12 || n.Size() != machine.PageSize || n.Prot != abi.VM_PROT_READ {
		t.Errorf("memory: %v, options %#x, %v", n, options, kr)
	} else {
		a, kr := k.Map.EnterNamed(n, vm.MapSpec{Size: machine.PageSize, Flags: vm.Anywhere, Cur: abi.VM_PROT_READ, Max: abi.VM_PROT_READ})
		if calls, ok := k.U32(a); kr != 0 || !ok || calls != 6 {
			t.Errorf("in the memory: %d, %v", calls, kr)
		}
		k.Map.Deallocate(a, machine.PageSize)
		n.Release()
	}
	if _, _, kr := u.ClientMemory(1); kr != iokit.IOReturnBadArgument {
		t.Errorf("no such memory: %v", kr)
	}
	u.Close(false)
	if reply.released != 1 || one(t, k, "com_example_HelloUserClient") != nil {
		t.Error("the connection or its reply port is still there")
	}
	if kr := u.ExternalMethod(&iokit.Arguments{}); kr != iokit.IOReturnOffline {
		t.Errorf("a call of a closed connection: %v", kr)
	}
	u = open(true)
	if a, kr := call(iokit.Arguments{Selector: 2, ScalarOutput: make([]uint64, 1)}); kr != 0 || a.ScalarOutput[0] != 7 {
		t.Errorf("reset by root: %v, %v", a.ScalarOutput, kr)
	}
	u.Close(true)
	if n := k.Handles(); n != handles {
		t.Errorf("%d handles, there were %d", n, handles)
	}
	u = open(true)
	if err := m.Unload(b.ID); err != nil {
		t.Fatalf("%v\n%s", err, k.Messages)
	}
	if kr := u.ExternalMethod(&iokit.Arguments{}); kr != iokit.IOReturnOffline {
		t.Errorf("a call of a driver that is gone: %v", kr)
	}
	u.Close(true)
}

// TestIOKitClasses runs testdata/iokit.cc: each function says itself which of its lines is wrong.
func TestIOKitClasses(t *testing.T) {
	k, m := drivers(t)
	b := pack(t, "testdata/iokit.o", "testdata/iokit.plist", "iokit")
	if _, err := m.Load(b); err != nil {
		t.Fatalf("%v\n%s", err, k.Messages)
	}
	e := k.Extensions()[0]
	th := k.ownThread("test")
	defer th.Detach()
	call := func(fn string, args ...uint64) (uint64, error) { return k.Call(th, e.fn(t, fn), args...) }
	k.alloc.mu.Lock()
	before := len(k.alloc.blocks)
	k.alloc.mu.Unlock()
	for _, fn := range []string{"classes", "symbols", "collections", "ordered", "xml", "work_loops", "memory"} {
		if v, err := call(fn); err != nil || v != 1 {
			t.Errorf("iokit.cc:%d (%s): %v\n%s", int32(v), fn, err, k.Messages)
		}
	}
	// The thread of the work loop has ended, and gives its block back soon.
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		k.alloc.mu.Lock()
		n := len(k.alloc.blocks)
		k.alloc.mu.Unlock()
		if n <= before {
			break
		}
		if time.Now().After(end) {
			t.Errorf("%d blocks of memory are left, there were %d", n, before)
			break
		}
	}
	if v, err := call("kernels_own"); err != nil || v != 1 {
		t.Errorf("iokit.cc:%d: %v\n%s", int32(v), err, k.Messages)
	}
	// An object of its class stops the unload.
	if v, err := call("keep"); err != nil || v != 1 {
		t.Fatalf("keep: %d, %v", v, err)
	}
	var instances *InstancesError
	if err := m.Unload(b.ID); !errors.As(err, &instances) || instances.Class != "Thing" || instances.Count != 1 {
		t.Errorf("unload with an instance: %v", err)
	}
	call("let_go")
	if err := m.Unload(b.ID); err != nil {
		t.Errorf("unload: %v", err)
	}
	if _, _, ok := k.Registry().Superclass("SubThing"); ok {
		t.Error("its class is still known")
	}
}

// TestIOKitMistakes: what a driver may not do is the end of the driver, not of the machine.
func TestIOKitMistakes(t *testing.T) {
	for fn, reason := range map[string]string{"over_release": "general protection fault" /* freed memory is poisoned */, "immutable": "an immutable OSArray is changed"} {
		k, m := drivers(t)
		b := pack(t, "testdata/iokit.o", "testdata/iokit.plist", "iokit")
		if _, err := m.Load(b); err != nil {
			t.Fatal(err)
		}
		th := k.ownThread("test")
		if _, err := k.Call(th, k.Extensions()[0].fn(t, fn)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %s", fn, err, reason)
		}
		th.Detach()
		// Its classes go with it, and it can come again.
		if err := m.Unload(b.ID); err != nil {
			t.Errorf("%s: unload: %v", fn, err)
		}
		if _, err := m.Load(b); err != nil {
			t.Errorf("%s: load again: %v", fn, err)
		}
	}
}
