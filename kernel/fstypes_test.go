package kernel

import (
	"os"
	"path/filepath"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/tty"
)

// runRoot runs a program of test/c as root of a machine; it must say that all is well.
func runRoot(t *testing.T, want string, args ...string) {
	t.Helper()
	s, err := Boot(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bin, err := filepath.Abs("../test/c/bin/" + args[0])
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p := &Program{Args: append([]string{bin}, args[1:]...), Env: os.Environ(), Dir: "/", Cred: &sys.Cred{}}
	p.Files[0] = sys.NewOpenFile(tty.NewHostFile(int(out.Fd()), false), abi.FREAD)
	p.Files[1] = sys.NewOpenFile(tty.NewHostFile(int(out.Fd()), false), abi.FWRITE)
	p.Files[2] = p.Files[1].Ref()
	proc, err := s.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	st := ExitStatus(s.Wait(proc.PID))
	if b, _ := os.ReadFile(out.Name()); st != 0 || string(b) != want {
		t.Errorf("exit %d: %s", st, b)
	}
}

// Volumes whose names differ by case or not, as the document has it for HFS+ and UFS.
func TestVolumeNames(t *testing.T) { runRoot(t, "volumes ok\n", "volumes_child", t.TempDir(), "names") }

// Ownership is looked at or not, volume by volume.
func TestIgnoreOwnership(t *testing.T) {
	runRoot(t, "volumes ok\n", "volumes_child", t.TempDir(), "ownership")
}

// A null layer, and a union.
func TestLayers(t *testing.T) { runRoot(t, "volumes ok\n", "volumes_child", t.TempDir(), "layers") }

// Limits of users and groups, by bytes and by files.
func TestQuotas(t *testing.T) { runRoot(t, "volumes ok\n", "volumes_child", t.TempDir(), "quotas") }
