package hostile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestControlSocket sends what is no request to a machine's socket, from many at once and
// without an end: it goes on answering.
func TestControlSocket(t *testing.T) {
	dir := t.TempDir()
	env := append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
	puggleCmd := func(args ...string) *exec.Cmd {
		c := exec.Command(puggle, args...)
		c.Env = env
		return c
	}
	boot := puggleCmd("boot", "--name", "victim")
	var out bytes.Buffer
	boot.Stdout, boot.Stderr = &out, &out
	if err := boot.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- boot.Wait() }()
	defer boot.Process.Kill()
	answers := func() bool { return puggleCmd("ps", "--name", "victim").Run() == nil }
	until(t, "an answer", answers)
	socks, _ := filepath.Glob(dir + "/puggle/victim.sock")
	if len(socks) != 1 {
		t.Fatalf("no socket in %s", dir)
	}
	requests := []string{"", "\n", "{", "null\n", "[]\n", "7\n", `{"op":7}` + "\n", `{"op":"ps","args":7}` + "\n", `{"op":"exec"}` + "\n",
		`{"op":"exec","args":{}}` + "\n", `{"op":"exec","args":{"args":[""],"dir":"\u0000"}}` + "\n", `{"op":"exec","args":{"Args":["x"],"Files":[-1,99,1e9]}}` + "\n",
		`{"op":"nothing of that kind"}` + "\n", strings.Repeat("[", 1<<20) + "\n", `{"op":"` + strings.Repeat("x", 8<<20) + `"}` + "\n",
		strings.Repeat("x", 20<<20), "\x00\xff\xfe\n", `{"op":"sysctl","args":{"name":"` + strings.Repeat("kern.", 10000) + `"}}` + "\n"}
	for _, op := range []string{"exec", "ps", "sysctl", "kextload", "kextunload", "kextstat", "lsmp", "vmmap", "vm_stat", "trace", "zprint", "gdb", "kl_util", "shutdown-", "tool", "signal", "kill"} {
		requests = append(requests, `{"op":"`+op+`","args":{"pid":-1,"name":"\u0000","path":"/","args":["",""],"files":[3,4]}}`+"\n", `{"op":"`+op+`","args":[]}`+"\n")
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	var held []net.Conn
	for i := range 400 {
		c, err := net.DialTimeout("unix", socks[0], time.Minute)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		c.SetDeadline(time.Now().Add(20 * time.Second))
		req := requests[i%len(requests)]
		if i > 200 {
			b := []byte(req[:min(len(req), 200)])
			for range 3 {
				if len(b) > 0 {
					b[rnd.IntN(len(b))] = byte(rnd.Uint32())
				}
			}
			req = string(b)
		}
		fmt.Fprint(c, req)
		if i%3 == 0 {
			held = append(held, c)
			continue
		}
		c.Close()
	}
	for _, c := range held {
		c.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("the machine has ended: %v\n%s", err, clip(out.String()))
	default:
	}
	until(t, "an answer afterwards", answers)
	if err := puggleCmd("shutdown", "--name", "victim").Run(); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("boot: %v\n%s", err, clip(out.String()))
		}
	case <-time.After(patience):
		t.Error("never ended")
	}
}
