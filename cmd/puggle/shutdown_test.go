package main

import (
	"errors"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A machine whose name is gone may still write files: shutdown waits for the
// process, and does not say that it has ended while it has not.
func TestShutdownWaitsForProcess(t *testing.T) {
	c := exec.Command("cat")
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(c.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := awaitProcess(fd, 20*time.Millisecond); !errors.Is(err, errStays) {
		t.Errorf("a process that runs: %v, want %v", err, errStays)
	}
	in.Close()
	if err := awaitProcess(fd, time.Minute); err != nil {
		t.Errorf("a process that ended: %v", err)
	}
	c.Wait()
}
