package kpi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/iokit"
	"puggle/kext"
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
	if kr := k.Registry().Root().WaitQuiet(time.Minute, nil); kr != 0 {
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
