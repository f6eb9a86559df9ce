package c

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Messages' security tokens are the kernel's.
func TestMachTokens(t *testing.T) { program(t, "mach_token") }

// secret is what secrets_child.c makes.
func secret(salt byte) []byte {
	s := make([]byte, 64)
	for i := range s {
		s[i] = byte(i)*37 + salt ^ byte(i>>1)
	}
	return s
}

// Memory that is wired is never in the paging files, where a program's other memory is.
func TestWiredSecrets(t *testing.T) {
	abs, err := filepath.Abs("bin/secrets_child")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(puggle, "run", "--memory", "96", "--paging", "600", abs)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(4*time.Minute, func() { cmd.Process.Kill() })
	defer kill.Stop()
	r := bufio.NewReader(out)
	if l, err := r.ReadString('\n'); l != "full\n" {
		t.Fatalf("it says %q, %v", l, err)
	}
	files, found := 0, map[string]bool{}
	fds := fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid)
	l, err := os.ReadDir(fds)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l {
		p := filepath.Join(fds, e.Name())
		if to, _ := os.Readlink(p); !strings.HasPrefix(to, dir) {
			continue
		}
		b, err := os.ReadFile(p)
		if err != nil || len(b) == 0 {
			continue
		}
		files++
		found["wired"] = found["wired"] || bytes.Contains(b, secret(11))
		found["plain"] = found["plain"] || bytes.Contains(b, secret(77))
	}
	in.Write([]byte("\n"))
	rest, _ := r.ReadString('\n')
	if err := cmd.Wait(); err != nil || rest != "secrets ok\n" {
		t.Errorf("%v, %q", err, rest)
	}
	if files == 0 || !found["plain"] {
		t.Errorf("%d paging files; what is not wired is in them: %v", files, found["plain"])
	}
	if found["wired"] {
		t.Error("a wired secret is in the paging files")
	}
}

// Each kernel call with arguments at the edges gives an error, and the kernel lives on.
func TestEdges(t *testing.T) {
	abs, err := filepath.Abs("bin/edges_child")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, puggle, "run", abs)
	cmd.Dir = t.TempDir()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || out.String() != "edges ok\n" || errs.Len() > 0 {
		t.Errorf("%v, %q, %q", err, out.String(), errs.String())
	}
}
