package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// control talks with testdata/control.c by its kernel controls.
func control() error {
	open := func(typ int) int {
		fd, err := unix.Socket(unix.AF_SYSTEM, typ, 2)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return fd
	}
	find := func(fd int, name string) (uint32, error) {
		var info unix.CtlInfo
		copy(info.Name[:], name)
		err := unix.IoctlCtlInfo(fd, &info)
		return info.Id, err
	}
	want := func(what string, got, err error) error {
		if got != err {
			return fmt.Errorf("%s: %v, want %v", what, got, err)
		}
		return nil
	}
	fd := open(unix.SOCK_DGRAM)
	defer unix.Close(fd)
	id, err := find(fd, "com.example.control")
	if err != nil || id == 0 {
		return fmt.Errorf("finding the control: %v", err)
	}
	streamID, err := find(fd, "com.example.control.stream")
	if err != nil || streamID == id {
		return fmt.Errorf("finding the other control: %v", err)
	}
	if _, err := find(fd, "com.example.none"); err != unix.ENOENT {
		return fmt.Errorf("finding no control: %v", err)
	}
	if _, err := find(fd, ""); err != unix.EINVAL {
		return fmt.Errorf("finding a control without a name: %v", err)
	}
	if n, err := unix.IoctlGetInt(fd, 0x40044e02); err != nil || n < 3 {
		return fmt.Errorf("%d controls, %v", n, err)
	}
	_, err = unix.Write(fd, []byte("x"))
	if err := want("writing without a connection", err, unix.ENOTCONN); err != nil {
		return err
	}
	_, err = unix.Read(fd, make([]byte, 1))
	if err := want("reading without a connection", err, unix.ENOTCONN); err != nil {
		return err
	}
	for _, c := range []struct {
		id, unit uint32
		want     error
	}{{9999, 0, unix.ENOENT}, {streamID, 0, unix.EPROTOTYPE}, {id, 13, unix.EACCES}, {77777, 4, unix.ENOENT}} {
		err := unix.Connect(fd, &unix.SockaddrCtl{ID: c.id, Unit: c.unit})
		if err := want(fmt.Sprintf("connecting to %d, %d", c.id, c.unit), err, c.want); err != nil {
			return err
		}
	}
	if err := unix.Connect(fd, &unix.SockaddrCtl{ID: id}); err != nil {
		return fmt.Errorf("connecting: %v", err)
	}
	if err := want("connecting twice", unix.Connect(fd, &unix.SockaddrCtl{ID: id}), unix.EISCONN); err != nil {
		return err
	}
	sa, err := unix.Getpeername(fd)
	if peer, ok := sa.(*unix.SockaddrCtl); err != nil || !ok || peer.ID != id || peer.Unit != 1 {
		return fmt.Errorf("the peer is %+v, %v", sa, err)
	}
	// Another socket gets another unit, and one can ask for a unit.
	second, third := open(unix.SOCK_DGRAM), open(unix.SOCK_DGRAM)
	if err := unix.Connect(second, &unix.SockaddrCtl{ID: id, Unit: 1}); err != unix.EBUSY {
		return fmt.Errorf("connecting to a unit that is taken: %v", err)
	}
	if err := unix.Connect(second, &unix.SockaddrCtl{ID: id, Unit: 40}); err != nil {
		return fmt.Errorf("connecting to unit 40: %v", err)
	}
	if err := unix.Connect(third, &unix.SockaddrCtl{ID: id}); err != nil {
		return fmt.Errorf("connecting a third: %v", err)
	}
	unix.Close(second)
	unix.Close(third)

	// Datagrams: whole, in order, and no larger than the buffers.
	for _, s := range []string{"a", "hello", string(bytes.Repeat([]byte("0123456789"), 200))} {
		if _, err := unix.Write(fd, []byte(s)); err != nil {
			return fmt.Errorf("writing %d bytes: %v", len(s), err)
		}
	}
	b := make([]byte, 4096)
	for _, s := range []string{"a", "olleh", string(bytes.Repeat([]byte("9876543210"), 200))} {
		n, _, flags, _, err := unix.Recvmsg(fd, b, nil, 0)
		if err != nil || string(b[:n]) != s || flags&unix.MSG_EOR == 0 {
			return fmt.Errorf("reading %.20s: %.20s, flags %#x, %v", s, b[:n], flags, err)
		}
	}
	_, err = unix.Write(fd, make([]byte, 2049))
	if err := want("writing more than the buffer", err, unix.EMSGSIZE); err != nil {
		return err
	}
	_, err = unix.Write(fd, nil)
	if err := want("writing nothing", err, unix.ENOMSG); err != nil {
		return err
	}
	full := 0
	for ; full < 100; full++ {
		if _, err = unix.Write(fd, make([]byte, 2000)); err != nil {
			break
		}
	}
	if full != 4 || err != unix.ENOBUFS {
		return fmt.Errorf("%d datagrams of 2000 bytes fit into 8192, then %v", full, err)
	}
	for range full {
		if n, err := unix.Read(fd, b); n != 2000 || err != nil {
			return fmt.Errorf("reading: %d, %v", n, err)
		}
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	_, err = unix.Read(fd, b)
	if err := want("reading when there is nothing", err, unix.EAGAIN); err != nil {
		return err
	}
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(p, 0); n != 0 || err != nil {
		return fmt.Errorf("poll with nothing to read: %d, %v", n, err)
	}
	unix.Write(fd, []byte("xyz"))
	if n, err := unix.Poll(p, 10000); n != 1 || err != nil {
		return fmt.Errorf("poll: %d, %v", n, err)
	}

	// Options.
	if err := unix.SetsockoptInt(fd, 2, 7, 4711); err != nil {
		return fmt.Errorf("setsockopt: %v", err)
	}
	if n, err := unix.GetsockoptInt(fd, 2, 7); n != 4711 || err != nil {
		return fmt.Errorf("getsockopt: %d, %v", n, err)
	}
	if s, err := unix.GetsockoptString(fd, 2, 8); s != "a name" || err != nil {
		return fmt.Errorf("getsockopt: %q, %v", s, err)
	}
	if err := want("an unknown option", unix.SetsockoptInt(fd, 2, 10, 1), unix.ENOPROTOOPT); err != nil {
		return err
	}
	if err := want("an option of another level", unix.SetsockoptInt(fd, 6, 7, 1), unix.EINVAL); err != nil {
		return err
	}
	_, err = unix.GetsockoptInt(fd, 2, 9)
	if err := want("an option that is longer than there is room", err, unix.EIO); err != nil {
		return err
	}

	// A stream, for root.
	st := open(unix.SOCK_STREAM)
	if err := want("connecting as a user", unix.Connect(st, &unix.SockaddrCtl{ID: streamID}), ifRoot(nil, unix.EPERM)); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		go func() {
			for i := range 50 {
				unix.Write(st, bytes.Repeat([]byte{byte('A' + i%26)}, 100))
				time.Sleep(time.Millisecond)
			}
		}()
		var all []byte
		for len(all) < 5000 {
			n, err := unix.Read(st, b)
			if err != nil || n == 0 {
				return fmt.Errorf("reading the stream: %d, %v", n, err)
			}
			all = append(all, b[:n]...)
		}
		for i := range 50 {
			if !bytes.Equal(all[100*i:100*i+100], bytes.Repeat([]byte{byte('A' + i%26)}, 100)) {
				return fmt.Errorf("the stream is not what was sent: %q", all)
			}
		}
	}
	unix.Close(st)
	fmt.Println("control ok")
	if len(os.Args) > 2 { // stay connected until somebody says
		os.WriteFile(os.Args[2], nil, 0o644)
		for {
			if _, err := os.Stat(os.Args[2]); err != nil {
				return nil
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nil
}

func ifRoot(root, user error) error {
	if os.Getuid() == 0 {
		return root
	}
	return user
}
