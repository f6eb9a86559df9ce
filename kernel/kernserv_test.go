package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"puggle/kernserv"
	"puggle/kernserv/nextbus"
)

// A machine whose /etc/kern_loader.conf lists the slot server.
func TestKernServers(t *testing.T) {
	root := t.TempDir()
	for _, d := range []string{"etc", "usr/lib/kern_loader/Slot"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dir := "../examples/slot/"
	var errs strings.Builder
	if st := kernserv.LinkMain([]string{"-n", "slot", "-i", "instance", "-l", dir + "Load_Commands", "-u", dir + "Unload_Commands",
		"-d", "slot_loadable", "-o", filepath.Join(root, "usr/lib/kern_loader/Slot/slot_reloc"), dir + "slot_server.o", dir + "slot_handler.o"}, &errs); st != 0 {
		t.Fatal(errs.String())
	}
	conf := "/usr/lib/kern_loader/Slot/slot_reloc\n/usr/lib/kern_loader/Midi/midi_reloc\n/../outside\n"
	os.WriteFile(filepath.Join(root, "etc/kern_loader.conf"), []byte(conf), 0o644)
	var log lockedBuilder
	bus := nextbus.New()
	if _, err := bus.Plug(4, &nextbus.SumBoard{}); err != nil {
		t.Fatal(err)
	}
	s, err := Boot(Config{Root: root, KernelLog: &log, MemSize: 1 << 30, Bus: bus})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	defer s.Close()
	// The configuration file's servers are there from the start.
	if !strings.Contains(log.String(), "Midi/midi_reloc: the relocatable file can't be read") {
		t.Errorf("kern_loader has not started: %s", &log)
	}
	l, err := s.KernServers(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := s.KernServers(nil, nil); again != l {
		t.Error("two loaders")
	}
	run := func(want string, args ...string) {
		t.Helper()
		var out strings.Builder
		if st := kernserv.UtilMain(l, true, args, &out, &out, nil); st != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("kl_util %q: %d %s\n%s", args, st, &out, &log)
		}
	}
	run("STATUS: Allocated at address 0x1", "-s", "slot")
	run("PORTS: slot0(advertised) slot2(advertised) slot4(advertised) slot6(advertised)", "-s", "slot")
	// vm_stat shows the pages of a server that is loaded with WIRE.
	wired := s.memoryStatistics().Wired
	run("STATUS: Loaded", "-l", "slot", "-s")
	i, err := l.ServerInfo("slot")
	if n := s.memoryStatistics().Wired; err != nil || n < wired+i.Size/4096 {
		t.Errorf("%d pages are wired with a server of %d bytes, %d without it; %v", n, i.Size, wired, err)
	}
	run("STATUS: Allocated", "-u", "slot", "-s")
	if n := s.memoryStatistics().Wired; n != wired {
		t.Errorf("%d pages are wired when it has gone, were %d", n, wired)
	}
	run("", "-A")
	for _, want := range []string{"Midi/midi_reloc: the relocatable file can't be read", "slot: board in slot 4\n", "slot: unloaded\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not logged: %s", want, &log)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "usr/lib/kern_loader/Slot/slot_loadable")); err != nil {
		t.Error(err)
	}
}

// lockedBuilder is a strings.Builder for several goroutines.
type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestRestart: once killed, kern_loader comes back only if bootstrap.conf had
// server_loader as a service when the machine was booted.
func TestRestart(t *testing.T) {
	for _, c := range []struct {
		conf string
		want error
	}{
		{"services NetMessage;\nserver \"/usr/etc/kern_loader -n\" services server_loader;\n", ErrLoaderGone},
		{"services NetMessage server_loader;\nserver \"/usr/etc/kern_loader -n\";\n", nil},
	} {
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(root, "etc/bootstrap.conf"), []byte(c.conf), 0o644)
		s, err := Boot(Config{Root: root, MemSize: 1 << 30})
		if err != nil {
			if strings.Contains(err.Error(), "bootstrap.conf") {
				t.Fatal(err)
			}
			t.Fatalf("no machine: %v", err)
		}
		if err := s.RestartKernLoader(nil); err != ErrLoaderRuns {
			t.Errorf("while one runs: %v", err)
		}
		l, err := s.KernServers(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Abort(false); err != nil {
			t.Error(err)
		}
		if err := s.RestartKernLoader([]string{"-v"}); err != c.want {
			t.Errorf("after kl_util -A, with %q: %v, want %v", c.conf, err, c.want)
		}
		if again, _ := s.KernServers(nil, nil); (again != l) != (c.want == nil) || again.Closed() != (c.want != nil) {
			t.Errorf("with %q: the same %v, closed %v", c.conf, again == l, again.Closed())
		}
		s.Close()
	}
}
