package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// authorized does in the folder of its second argument what the listeners of
// testdata/kauth.c have a say in.
func authorized() error {
	dir := os.Args[2]
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, n := range []string{"a", "b.keep", "secret"} {
		if err := os.WriteFile(in(n), []byte("x"), 0o755); err != nil {
			return err
		}
	}
	if _, err := os.ReadFile(in("a")); err != nil {
		return err
	}
	if err := os.Link(in("a"), in("a2")); err != nil {
		return err
	}
	if err := os.Rename(in("a"), in("c")); err != nil {
		return err
	}
	if err := os.Remove(in("c")); err != nil {
		return err
	}
	if err := syscall.Unlink(in("b.keep")); err != syscall.EROFS {
		return fmt.Errorf("removing b.keep: %v", err)
	}
	if err := syscall.Rename(in("a2"), in("b.keep")); err != syscall.EROFS {
		return fmt.Errorf("renaming over b.keep: %v", err)
	}
	if _, err := os.Stat(in("secret")); err == nil || !os.IsPermission(err) {
		return fmt.Errorf("looking at secret: %v", err)
	}
	if _, err := os.Stat(in("none")); !os.IsNotExist(err) {
		return fmt.Errorf("looking at nothing: %v", err)
	}
	// A script: both it and its interpreter are executed.
	if err := os.WriteFile(in("script"), []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		return err
	}
	var status *exec.ExitError
	if err := exec.Command(in("script")).Run(); !asExit(err, &status) || status.ExitCode() != 3 {
		return fmt.Errorf("the script: %v", err)
	}
	// Nobody may trace.
	child := exec.Command("/bin/sleep", "100")
	if err := child.Start(); err != nil {
		return err
	}
	const attachexc = 14
	_, _, e := syscall.Syscall6(syscall.SYS_PTRACE, attachexc, uintptr(child.Process.Pid), 0, 0, 0, 0)
	child.Process.Kill()
	child.Wait()
	if e != syscall.EBUSY {
		return fmt.Errorf("tracing: %v", e)
	}
	fmt.Println("kauth ok")
	return nil
}

func asExit(err error, to **exec.ExitError) bool {
	x, ok := err.(*exec.ExitError)
	*to = x
	return ok
}
