package leak

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"puggle/kernel"
)

// TestOldVersions: of a program that is built again and again the machine keeps the last
// version only, not each with its memory and its open file.
func TestOldVersions(t *testing.T) {
	good, err := os.ReadFile("../c/bin/msgx")
	if err != nil {
		t.Fatal(err)
	}
	const times, size = 30, 2 << 20
	b := append(good, make([]byte, size)...) // read ahead with the rest of the file
	for i := len(good); i < len(b); i++ {
		b[i] = 1
	}
	prog := filepath.Join(t.TempDir(), "prog")
	s, err := kernel.Boot(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run := func(n int) {
		for range n {
			os.Remove(prog)
			if err := os.WriteFile(prog, b, 0o755); err != nil {
				t.Fatal(err)
			}
			se, err := s.OpenSession(kernel.HostFiles{Fd: [3]int{0, 1, 2}})
			if err != nil {
				t.Fatal(err)
			}
			if err := se.Start([]string{prog}, nil, "/"); err != nil {
				t.Fatal(err)
			}
			if st := se.Wait(); st != 0 {
				t.Fatalf("status %d", st)
			}
			se.Close()
		}
	}
	resident := func() uint64 { runtime.GC(); return s.Machine.Memory().Resident() }
	run(3)
	was := resident()
	run(times)
	const most = times * size / 2
	now := resident()
	for end := time.Now().Add(2 * time.Minute); now > was+most && time.Now().Before(end); now = resident() {
		time.Sleep(100 * time.Millisecond)
	}
	if t.Logf("%d bytes, then %d", was, now); now > was+most {
		t.Errorf("%d versions later %d bytes, %d before", times, now, was)
	}
}
