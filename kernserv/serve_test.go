package kernserv

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig/defs"
	"puggle/mig"
)

// Only the superuser may change anything by the loader functions, and a kern_loader that
// doesn't start is a failure.
func TestServePermission(t *testing.T) {
	b := newBench(t)
	r := routines(func() (*Loader, error) { return b.l, nil })
	path := b.write("echo_reloc", "START")
	user, super := ipc.AuditToken{501, 501}, ipc.AuditToken{}
	for name, kr := range map[string]abi.KernReturn{
		"add":    r.KernLoaderAddServer(nil, nil, user, path),
		"delete": r.KernLoaderDeleteServer(nil, nil, user, "echo"),
		"load":   r.KernLoaderLoadServer(nil, nil, user, "echo"),
		"unload": r.KernLoaderUnloadServer(nil, nil, user, "echo"),
		"level":  r.KernLoaderLogLevel(nil, nil, user, "echo", 1),
		"abort":  r.KernLoaderAbort(nil, nil, user, true),
	} {
		if kr != KERN_LOADER_NO_PERMISSION {
			t.Errorf("%s by user 501: %d", name, kr)
		}
	}
	if _, _, kr := r.KernLoaderGetLog(nil, nil, user, "echo", 0); kr != KERN_LOADER_NO_PERMISSION {
		t.Errorf("get_log by user 501: %d", kr)
	}
	if names, kr := r.KernLoaderServerList(nil, nil); kr != abi.KERN_SUCCESS || len(names) != 0 {
		t.Errorf("list: %q, %d", names, kr)
	}
	if kr := r.KernLoaderAddServer(nil, nil, super, path); kr != abi.KERN_SUCCESS {
		t.Errorf("add: %d", kr)
	}
	if names, kr := r.KernLoaderServerList(nil, nil); kr != abi.KERN_SUCCESS || len(names) != 1 || string(names[0][:5]) != "echo\x00" {
		t.Errorf("list: %q, %d", names, kr)
	}
	if kr := r.KernLoaderAbort(nil, nil, super, false); kr != abi.KERN_SUCCESS {
		t.Errorf("abort: %d", kr)
	}
	none := routines(func() (*Loader, error) { return nil, errors.New("no") })
	if _, kr := none.KernLoaderPing(nil, nil, 1); kr != abi.KERN_FAILURE {
		t.Errorf("ping of none: %d", kr)
	}
}

// TestGenerated compares the generated code with what the .defs say.
func TestGenerated(t *testing.T) {
	const path = "../sdk/include/kernserv/kern_loader.defs"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := mig.Compile("kern_loader.defs", string(text), []string{"KERNEL_SERVER=1", "PUGGLE_KERNEL=1"}, mig.FSLoader(defs.FS))
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Go(mig.GoOptions{Package: "kernserv", Runtime: "puggle/mach/mig", Client: true, Server: true, Source: "kern_loader.defs"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("kern_loader_mig.go")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("kern_loader_mig.go is not what %s says: go generate (%v)", path, err)
	}
	if s, err = mig.Compile("kern_loader.defs", string(text), nil, mig.FSLoader(defs.FS)); err != nil {
		t.Fatal(err)
	}
	want, err = s.CUser(mig.COptions{Source: "kern_loader.defs"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err = os.ReadFile("../examples/slot/kern_loader_user.c"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("examples/slot/kern_loader_user.c is not what %s says (%v)", path, err)
	}
}
