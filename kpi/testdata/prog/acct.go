package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"
)

func acct(path string) error {
	var p *byte
	if path != "" {
		p, _ = syscall.BytePtrFromString(path)
	}
	if _, _, e := syscall.Syscall(syscall.SYS_ACCT, uintptr(unsafe.Pointer(p)), 0, 0); e != 0 {
		return e
	}
	return nil
}

// accounts has processes accounted for: two that exit, and one that is killed.
func accounts() error {
	file := filepath.Join(os.Args[2], "acct")
	if err := acct(file); err != syscall.ENOENT {
		return fmt.Errorf("to no file: %v", err)
	}
	if err := acct(os.Args[2]); err == nil {
		return fmt.Errorf("to a directory")
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	before := time.Now().Unix()
	if err := acct(file); err != nil {
		return err
	}
	for _, arg := range []string{"exit", "exit", "kill"} {
		exec.Command(os.Args[0], arg).Run()
	}
	if err := acct(""); err != nil {
		return err
	}
	exec.Command(os.Args[0], "exit").Run()
	b, err := os.ReadFile(file)
	if err != nil || len(b) != 3*40 {
		return fmt.Errorf("%d bytes, %v", len(b), err)
	}
	for i := range 3 {
		r := b[40*i:][:40]
		start := int64(binary.LittleEndian.Uint32(r[16:]))
		uid, flags := binary.LittleEndian.Uint32(r[20:]), r[36]
		killed := i == 2
		if !bytes.HasPrefix(r, []byte("prog\x00")) || start < before-1 || start > time.Now().Unix() || uid != 0 ||
			flags&0x10 != 0 != killed || flags&1 != 0 {
			return fmt.Errorf("record %d is %q", i, r)
		}
	}
	fmt.Println("acct ok")
	return nil
}

func exits() error { return nil }

func killed() error {
	syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {}
}
