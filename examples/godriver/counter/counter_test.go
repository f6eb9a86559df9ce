package counter_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
	"puggle/examples/godriver/counter"
	"puggle/kernel"
	"puggle/kext"
)

// A program uses the driver's device, its sysctls and its server; the end of the machine
// takes them away.
func TestDriver(t *testing.T) {
	s, err := kernel.Boot(kernel.Config{Drivers: []kernel.Driver{counter.Driver}})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	closed := false
	defer func() {
		if !closed {
			s.Close()
		}
	}()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := &kernel.Program{Args: []string{"../client/counter_client"}, Dir: "/"}
	if p.Args[0], err = abs("../client/counter_client"); err != nil {
		t.Fatal(err)
	}
	for i := range p.Files {
		p.Files[i] = sys.NewOpenFile(tty.NewHostFile(int(w.Fd()), false), abi.FWRITE)
	}
	proc, err := s.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	st := kernel.ExitStatus(s.Wait(proc.PID))
	w.Close()
	if out, _ := io.ReadAll(r); st != 0 || string(out) != "ok\n" {
		t.Errorf("exit %d: %s", st, out)
	}
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	if x.Status(&list); !strings.Contains(list.String(), "com.example.counter (1.0)") {
		t.Errorf("kextstat: %s", list.String())
	}
	if err := x.Unload(&sys.Cred{}, "com.example.counter"); err == nil || !strings.Contains(err.Error(), kext.ErrBuiltin.Error()) {
		t.Errorf("unloading: %v", err)
	}
	if s.Sysctl.Lookup("debug.counter.value") == nil {
		t.Error("no sysctl")
	}
	with := majors()
	closed = true
	s.Close()
	if after := majors(); after != with-1 {
		t.Errorf("%d character devices, and %d with the driver", after, with)
	}
	if s.Sysctl.Lookup("debug.counter.value") != nil {
		t.Error("the sysctl is still there")
	}
}

// A driver that fails to start ends the boot, and leaves nothing.
func TestFailure(t *testing.T) {
	bad := kernel.Driver{Name: "com.example.bad", Version: "1", Start: func(d *kernel.DriverHost) error {
		if _, err := d.AddDevice(&dev.Cdevsw{}, 0o600, "bad"); err != nil {
			return err
		}
		return d.AddSysctl("no.such.node")
	}}
	plain, err := kernel.Boot(kernel.Config{})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	plain.Close()
	before := majors()
	s, err := kernel.Boot(kernel.Config{Drivers: []kernel.Driver{counter.Driver, bad}})
	if err == nil {
		s.Close()
		t.Fatal("it boots")
	}
	if !strings.Contains(err.Error(), "driver com.example.bad: sysctl no.such.node: not there") {
		t.Errorf("booting: %v", err)
	}
	if after := majors(); after != before {
		t.Errorf("%d character devices, before %d", after, before)
	}
}

func majors() (n int) {
	for i := range dev.Nchrdev {
		if dev.CdevswAt(i) != nil {
			n++
		}
	}
	return n
}

func abs(p string) (string, error) {
	d, err := os.Getwd()
	return d + "/" + p, err
}
