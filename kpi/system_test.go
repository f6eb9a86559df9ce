package kpi_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
	"puggle/kernel"
	"puggle/kext"
	"puggle/kpi"
)

var root = &sys.Cred{}

// boot boots a machine with extensions.
func boot(t testing.TB) (*kernel.System, *kernel.Extensions) {
	t.Helper()
	s, err := kernel.Boot(kernel.Config{HangLimit: 2 * time.Second, BootArgs: "debug=0x14e -v name=puggle"})
	if err != nil {
		t.Fatalf("no machine: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	return s, x
}

// pack makes a bundle of an example and gives its path.
func pack(t testing.TB, name string) string {
	t.Helper()
	return packObject(t, "../examples/"+name+"/"+name+".o", "../examples/"+name+"/Info.plist", name)
}

func packObject(t testing.TB, object, plist, name string) string {
	t.Helper()
	obj, err := os.ReadFile(object)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.ReadFile(plist)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), name+".kext")
	if _, err := kext.Pack([][]byte{obj}, info, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// program builds the guest's program.
func program(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "prog")
	cmd := exec.Command("go", "build", "-o", bin, "./testdata/prog")
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("no program for darwin: %s", b)
	}
	return bin
}

// run runs a program in the machine and gives its output and exit status.
func run(t testing.TB, s *kernel.System, args ...string) (string, int) {
	t.Helper()
	return runAs(t, s, nil, args...)
}

// readable lets user 501 into the test's folders.
func readable(t testing.TB, dirs ...string) {
	t.Helper()
	for _, d := range dirs {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// runAs is run with a credential; nil is the host's user's.
func runAs(t testing.TB, s *kernel.System, cred *sys.Cred, args ...string) (string, int) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p := &kernel.Program{Args: args, Env: os.Environ(), Dir: "/", Cred: cred}
	p.Files[0] = sys.NewOpenFile(tty.NewHostFile(int(null.Fd()), false), abi.FREAD)
	p.Files[1] = sys.NewOpenFile(tty.NewHostFile(int(out.Fd()), false), abi.FWRITE)
	p.Files[2] = p.Files[1].Ref()
	proc, err := s.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	st := kernel.ExitStatus(s.Wait(proc.PID))
	b, _ := os.ReadFile(out.Name())
	return string(b), st
}

func TestHello(t *testing.T) {
	_, x := boot(t)
	dir := pack(t, "hello")
	if _, err := x.Load(&sys.Cred{UID: 501}, dir); !errors.Is(err, kernel.ErrNotRoot) {
		t.Errorf("user 501 loads: %v", err)
	}
	l, err := x.Load(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	var stat strings.Builder
	x.Status(&stat)
	if !strings.Contains(stat.String(), "com.example.hello (1.0)") {
		t.Errorf("kextstat: %s", stat.String())
	}
	if _, err := x.Load(root, dir); !errors.Is(err, kext.ErrLoaded) {
		t.Errorf("loading twice: %v", err)
	}
	if err := x.Unload(&sys.Cred{UID: 501}, "com.example.hello"); !errors.Is(err, kernel.ErrNotRoot) {
		t.Errorf("user 501 unloads: %v", err)
	}
	if err := x.Unload(root, "com.example.hello"); err != nil {
		t.Error(err)
	}
	m := x.Task.Messages.String()
	if !strings.HasPrefix(m, "Hello, kernel! I am com.example.hello, at 0x1") || !strings.HasSuffix(m, "Goodbye, kernel!\n") {
		t.Errorf("messages: %q", m)
	}
	if l.Image.Size == 0 || len(x.Manager.Status()) != 0 {
		t.Error("it is still loaded")
	}
}

func TestEcho(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, pack(t, "echo")); err != nil {
		t.Fatal(err)
	}
	if out, st := run(t, s, bin, "echo"); st != 0 || !strings.Contains(out, "echo ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if out, st := run(t, s, bin, "bench"); st != 0 {
		t.Errorf("exit %d: %s", st, out)
	} else {
		t.Log(out)
	}
	if err := x.Unload(root, "com.example.echo"); err != nil {
		t.Error(err)
	}
	if out, st := run(t, s, bin, "echo"); st != 1 || !strings.Contains(out, "no such file") {
		t.Errorf("without the extension: exit %d: %s", st, out)
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}
}

// TestDifferences: devices can't be mapped, and there is no swapon.
func TestDifferences(t *testing.T) {
	s, x := boot(t)
	if _, err := x.Load(root, pack(t, "echo")); err != nil {
		t.Fatal(err)
	}
	if out, st := run(t, s, program(t), "differences"); st != 0 || !strings.Contains(out, "differences ok") {
		t.Errorf("exit %d: %s", st, out)
	}
}

// TestAcct: acct(2) has one record written for each process that exits, until it is ended.
func TestAcct(t *testing.T) {
	s, _ := boot(t)
	bin := program(t)
	if out, st := runAs(t, s, root, bin, "acct", t.TempDir()); st != 0 || !strings.Contains(out, "acct ok") {
		t.Errorf("exit %d: %s", st, out)
	}
	readable(t, filepath.Dir(bin), filepath.Dir(filepath.Dir(bin)))
	if out, st := runAs(t, s, &sys.Cred{UID: 501, GID: 20}, bin, "acct", "/"); st != 1 || !strings.Contains(out, "not permitted") {
		t.Errorf("user 501: exit %d: %s", st, out)
	}
}

func TestLockprof(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, pack(t, "lockprof")); err != nil {
		t.Fatal(err)
	}
	if out, st := run(t, s, bin, "lockprof"); st != 0 || !strings.Contains(out, "lockprof ok") {
		t.Errorf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if err := x.Unload(root, "com.example.lockprof"); err != nil {
		t.Error(err)
	}
	if s.Sysctl.Lookup("debug.lockprof") != nil {
		t.Error("debug.lockprof is still there")
	}
}

var _ = kpi.StackSize

// TestUsers: processes of several users at once. None can do anything to another's; root can.
func TestUsers(t *testing.T) {
	s, _ := boot(t)
	ends := make(chan int, 2)
	users := []uint32{501, 502}
	for _, u := range users {
		go func() {
			_, st := runAs(t, s, &sys.Cred{UID: u, RUID: u, SVUID: u, GID: 20, RGID: 20, SVGID: 20}, "/bin/sleep", "1000")
			ends <- st
		}()
	}
	sleepers := map[uint32]int32{}
	for end := time.Now().Add(time.Minute); len(sleepers) < len(users); {
		if time.Now().After(end) {
			t.Fatalf("they do not run: %v", sleepers)
		}
		for _, p := range s.Procs.Procs() {
			if p.Comm() == "sleep" {
				sleepers[p.Cred().RUID] = p.PID
			}
		}
		time.Sleep(time.Millisecond)
	}
	try := func(uid uint32, pid int32) (string, int) {
		return runAs(t, s, &sys.Cred{UID: uid, RUID: uid, SVUID: uid, GID: 20, RGID: 20, SVGID: 20}, "/bin/kill", "-9", fmt.Sprint(pid))
	}
	if out, st := try(501, sleepers[502]); st == 0 || !strings.Contains(strings.ToLower(out), "not permitted") {
		t.Errorf("501 kills 502's: exit %d, %s", st, out)
	}
	select {
	case <-ends:
		t.Fatal("one has ended")
	default:
	}
	if out, st := try(502, sleepers[502]); st != 0 {
		t.Errorf("its own: exit %d, %s", st, out)
	}
	if out, st := try(0, sleepers[501]); st != 0 {
		t.Errorf("root: exit %d, %s", st, out)
	}
	for range users {
		if st := <-ends; st != 128+9 {
			t.Errorf("a sleeper's status is %d", st)
		}
	}
}
