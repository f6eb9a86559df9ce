package kernel

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
	"puggle/kernserv/nextbus"
	"puggle/kext"
)

// packHello makes hello.kext in a folder, with more in its property list.
func packHello(t *testing.T, dir, more string) {
	t.Helper()
	obj, err := os.ReadFile("../examples/hello/hello.o")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.ReadFile("../examples/hello/Info.plist")
	if err != nil {
		t.Fatal(err)
	}
	info = bytes.Replace(info, []byte("<dict>"), []byte("<dict>"+more), 1)
	if _, err := kext.Pack([][]byte{obj}, info, filepath.Join(dir, "hello.kext")); err != nil {
		t.Fatal(err)
	}
}

// TestBoardDriver: a driver in the search places is loaded for the board that it matches,
// and for no other.
func TestBoardDriver(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "System/Library/Extensions")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	packHello(t, dir, "<key>IOKitPersonalities</key><dict><key>sum</key><dict><key>IOProviderClass</key><string>NXBusDevice</string>"+
		"<key>IOPropertyMatch</key><dict><key>NXSlot</key><integer>4</integer></dict></dict></dict>")
	for slot, want := range map[int]int{0: 0, 2: 0, 4: 1} {
		bus := nextbus.New()
		if slot != 0 {
			if _, err := bus.Plug(slot, &nextbus.SumBoard{}); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Boot(Config{Root: root, MemSize: 1 << 30, Bus: bus})
		if err != nil {
			t.Fatal(err)
		}
		x, err := s.Extensions()
		if err != nil {
			t.Fatal(err)
		}
		if l := x.Manager.Status(); len(l) != want {
			t.Errorf("a board in slot %d: %d extensions\n%s", slot, len(l), x.Task.Messages)
		}
		s.Close()
	}
}

// TestKextd has a program register the extension of its own bundle: it is loaded when the
// program asks, and unloaded when it has gone. Who isn't root may not.
func TestKextd(t *testing.T) {
	dir := t.TempDir()
	packHello(t, dir, "")
	s, err := Boot(Config{MemSize: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	app, err := filepath.Abs("../examples/hello/hello_app")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		out, status := runIn(t, s, app, filepath.Join(dir, "hello.kext"))
		if os.Getuid() != 0 {
			if status != 1 || !strings.Contains(out, "registering") {
				t.Errorf("not root: %d %s", status, out)
			}
			return
		}
		if status != 0 || !strings.Contains(out, "com.example.hello is loaded, hw.l2cr is 0x80000000\n") {
			t.Fatalf("%d %s\n%s", status, out, x.Task.Messages)
		}
		for end := time.Now().Add(time.Minute); len(x.Manager.Status()) > 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("it is still loaded\n%s", x.Task.Messages)
			}
		}
	}
	if x.Manager.Repository.Find("com.example.hello") != nil {
		t.Error("it is still registered")
	}
	if out, status := runIn(t, s, app, filepath.Join(dir, "nothing.kext")); status != 1 || !strings.Contains(x.Task.Messages.String(), "kextd: kext") {
		t.Errorf("no bundle: %d %s\n%s", status, out, x.Task.Messages)
	}
}

// runIn runs a program and gives what it wrote and its exit status.
func runIn(t *testing.T, s *System, args ...string) (string, int) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := &Program{Args: args, Env: os.Environ(), Dir: "/"}
	p.Files[1] = sys.NewOpenFile(tty.NewHostFile(int(out.Fd()), false), abi.FWRITE)
	p.Files[0], p.Files[2] = p.Files[1].Ref(), p.Files[1].Ref()
	proc, err := s.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	st := ExitStatus(s.Wait(proc.PID))
	b, _ := os.ReadFile(out.Name())
	return string(b), st
}
