package main

import (
	"fmt"
	"io"
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
	// Nor may kernel code for this process, but when nobody listens.
	for name, want := range map[string]uint32{"debug.kauth_process": uint32(syscall.EPERM), "debug.kauth_process_alone": 0} {
		if v, err := syscall.SysctlUint32(name); err != nil || v != want {
			return fmt.Errorf("%s: %d, %v; want %d", name, v, err, want)
		}
	}
	fmt.Println("kauth ok")
	return nil
}

// credential begins as the super-user: the kernel's struct ucred follows setuid.
func credential() error {
	for _, want := range []int{0, 501} {
		if err := syscall.Setuid(want); err != nil {
			return err
		}
		if uid, err := syscall.SysctlUint32("debug.kauth_uid"); err != nil || int(uid) != want || os.Geteuid() != want {
			return fmt.Errorf("cr_uid is %d, %v; geteuid is %d; want %d", uid, err, os.Geteuid(), want)
		}
	}
	fmt.Println("credential ok")
	return nil
}

// held has more processes than there are processors touch a page of a file that the
// kernel extension holds.
func held() error {
	const processes = 6
	var all []*exec.Cmd
	var start []io.Closer
	for range processes {
		c := exec.Command(os.Args[0], "touch", filepath.Join(os.Args[2], "held"))
		c.Stderr = os.Stdout
		in, err := c.StdinPipe()
		if err != nil {
			return err
		}
		out, err := c.StdoutPipe()
		if err != nil {
			return err
		}
		if err := c.Start(); err != nil {
			return err
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			return fmt.Errorf("a process that is to touch: %v", err)
		}
		all, start = append(all, c), append(start, in)
	}
	if v, err := syscall.SysctlUint32("debug.kauth_pages_held"); err != nil || v != 1 {
		return fmt.Errorf("holding the page: kauth.c:%d, %v", int32(v), err)
	}
	for _, c := range start {
		c.Close()
	}
	for _, c := range all {
		if err := c.Wait(); err != nil {
			return err
		}
	}
	if v, err := syscall.SysctlUint32("debug.kauth_holding"); err != nil || v != 0 {
		return fmt.Errorf("it is still held: %d, %v", v, err)
	}
	fmt.Println("held ok")
	return nil
}

// touch is one of them.
func touch() error {
	f, err := os.Open(os.Args[2])
	if err != nil {
		return err
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	os.Stdout.Write([]byte{1})
	os.Stdin.Read(make([]byte, 1)) // until its end
	if c := b[4095]; c != 'H' {
		os.Stderr.WriteString(fmt.Sprintf("the page that was held has %q\n", c))
		os.Exit(1)
	}
	return nil
}

func asExit(err error, to **exec.ExitError) bool {
	x, ok := err.(*exec.ExitError)
	*to = x
	return ok
}
