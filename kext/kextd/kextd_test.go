package kextd

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/mig/defs"
	compiler "puggle/mig"
)

// TestPermission: who isn't the superuser may only look.
func TestPermission(t *testing.T) {
	d := New(func() (Kernel, error) { return Kernel{}, errors.New("there is no kernel") })
	r := d.routines()
	user := ipc.AuditToken{501, 501}
	if _, kr := r.KextdRegister(nil, nil, user, "/x.kext", mig.Right{}); kr != abi.KERN_NO_ACCESS {
		t.Errorf("register: %d", kr)
	}
	for name, kr := range map[string]abi.KernReturn{"load": r.KextdLoad(nil, nil, user, "x"), "unload": r.KextdUnload(nil, nil, user, "x")} {
		if kr != abi.KERN_NO_ACCESS {
			t.Errorf("%s: %d", name, kr)
		}
	}
	if _, kr := r.KextdList(nil, nil); kr != abi.KERN_FAILURE {
		t.Errorf("list without a kernel: %d", kr)
	}
}

// TestGenerated compares the generated code with what the .defs say.
func TestGenerated(t *testing.T) {
	text, err := os.ReadFile("../../sdk/include/kext/kextd.defs")
	if err != nil {
		t.Fatal(err)
	}
	compile := func(defines ...string) *compiler.Subsystem {
		s, err := compiler.Compile("kextd.defs", string(text), defines, compiler.FSLoader(defs.FS))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	same := func(file string, want []byte, err error) {
		if got, err2 := os.ReadFile(file); err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what kextd.defs says (%v, %v)", file, err, err2)
		}
	}
	b, err := compile("KERNEL_SERVER=1", "PUGGLE_KERNEL=1").Go(compiler.GoOptions{Package: "kextd", Runtime: "puggle/mach/mig", Client: true, Server: true, Source: "kextd.defs"})
	same("kextd_mig.go", b, err)
	b, err = compile().CUser(compiler.COptions{Source: "kextd.defs"})
	same("../../examples/hello/kextd_user.c", b, err)
}
