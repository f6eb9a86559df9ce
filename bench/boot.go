package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// boot is one start of a whole machine for the smallest program.
type boot struct {
	native, here time.Duration
	rss          int64 // bytes: kernel and shells at their most
}

// measureBoot runs the program that does nothing, natively and in a machine of
// its own. Memory is that of the kernel and of the one shell that a second run,
// waiting for input, has.
func measureBoot(p *programs) (b boot, err error) {
	begin := time.Now()
	if err = exec.Command(p.native, "nothing").Run(); err != nil {
		return b, err
	}
	b.native = time.Since(begin)
	begin = time.Now()
	if out, err := exec.Command(p.puggle, "run", p.darwin, "nothing").CombinedOutput(); err != nil {
		return b, fmt.Errorf("puggle run: %w: %s", err, out)
	}
	b.here = time.Since(begin)

	cmd := exec.Command(p.puggle, "run", p.darwin, "echo")
	in, err := cmd.StdinPipe()
	if err != nil {
		return b, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return b, err
	}
	if err = cmd.Start(); err != nil {
		return b, err
	}
	t := time.AfterFunc(limit, func() { cmd.Process.Signal(syscall.SIGKILL) })
	defer t.Stop()
	in.Write([]byte{1})
	out.Read(make([]byte, 1)) // it is up
	b.rss = pss(cmd.Process.Pid)
	in.Close()
	return b, cmd.Wait()
}

// pss is the memory of a process and its descendants, shared pages divided among
// those who share them.
func pss(pid int) int64 {
	n := int64(0)
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range bytes.Lines(b) {
		f := strings.Fields(string(line))
		if len(f) == 3 && f[0] == "Pss:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			n = kb << 10
		}
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, t := range tasks {
		b, _ := os.ReadFile(t)
		for _, c := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(c); err == nil {
				n += pss(child)
			}
		}
	}
	return n
}
