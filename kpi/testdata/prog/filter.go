package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const soNke = 0x1021

// patience is how long something may take to come.
var patience = time.Minute

// ask puts a filter on a socket.
func ask(c syscall.RawConn, handle uint32) (err error) {
	nke := make([]byte, 28)
	binary.LittleEndian.PutUint32(nke, handle)
	c.Control(func(fd uintptr) { err = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, soNke, string(nke)) })
	return err
}

// filter has testdata/filter.c meddle with its sockets.
func filter() error {
	if len(os.Args) > 2 {
		patience, _ = time.ParseDuration(os.Args[2])
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	raw, _ := l.(*net.TCPListener).SyscallConn()
	if err := ask(raw, 0x66696c31); err != nil {
		return fmt.Errorf("SO_NKE: %v", err)
	}
	if err := ask(raw, 0x66696c31); err != syscall.EEXIST {
		return fmt.Errorf("SO_NKE twice: %v", err)
	}
	if err := ask(raw, 4711); err != syscall.EINVAL {
		return fmt.Errorf("SO_NKE for none: %v", err)
	}
	// Of two connections the first does not come through.
	one, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		return err
	}
	// What follows is without the filter at this end.
	d := net.Dialer{}
	two, err := d.Dial("tcp4", l.Addr().String())
	if err != nil {
		return err
	}
	in, err := l.Accept()
	if err != nil || in.RemoteAddr().String() != two.LocalAddr().String() {
		return fmt.Errorf("accepted %v, want %v (not %v), %v", in.RemoteAddr(), two.LocalAddr(), one.LocalAddr(), err)
	}
	one.SetReadDeadline(time.Now().Add(patience))
	if _, err := one.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		return fmt.Errorf("the connection that was refused: %v", err)
	}
	// A filter that comes to a connection with something in it.
	if _, err := two.Write([]byte("already ")); err != nil {
		return err
	}
	raw, _ = in.(*net.TCPConn).SyscallConn()
	if err := ask(raw, 0x66696c31); err != nil {
		return err
	}
	expect := func(c net.Conn, want string) error {
		b := make([]byte, len(want))
		c.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.ReadFull(c, b); err != nil || string(b) != want {
			return fmt.Errorf("%q came, want %q, %v", b, want, err)
		}
		return nil
	}
	if err := expect(in, "already "); err != nil {
		return err
	}
	for _, x := range []struct{ send, want string }{{"plain ", "plain "}, {"Swallowed ", "MORE Swallowed "}, {"Dropped ", ""}, {"the end", "the end"}} {
		if _, err := two.Write([]byte(x.send)); err != nil {
			return err
		}
		if x.want == "" {
			time.Sleep(200 * time.Millisecond) // so that it comes alone
		} else if err := expect(in, x.want); err != nil {
			return err
		}
	}
	if _, err := in.Write([]byte("in small letters")); err != nil {
		return err
	}
	if err := expect(two, "IN SMALL LETTERS"); err != nil {
		return err
	}
	// Options, ioctls and names.
	var e error
	raw.Control(func(fd uintptr) {
		if err := unix.SetsockoptInt(int(fd), 1000, 1, 17); err != nil {
			e = fmt.Errorf("the filter's option: %v", err)
		} else if n, err := unix.GetsockoptInt(int(fd), 1000, 1); n != 17 || err != nil {
			e = fmt.Errorf("the filter's option: %d, %v", n, err)
		} else if err := unix.SetsockoptInt(int(fd), 1000, 2, 17); err != syscall.EINVAL {
			e = fmt.Errorf("no option of the filter's: %v", err)
		} else if n, err := unix.IoctlGetInt(int(fd), 0x40046601); n != 99 || err != nil {
			e = fmt.Errorf("the filter's ioctl: %d, %v", n, err)
		} else if sa, err := unix.Getsockname(int(fd)); err != nil || sa.(*unix.SockaddrInet4).Port != 4242 {
			e = fmt.Errorf("the filter's name: %v, %v", sa, err)
		} else if n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TYPE); n != unix.SOCK_STREAM || err != nil {
			e = fmt.Errorf("the type: %d, %v", n, err)
		}
	})
	if e != nil {
		return e
	}
	in.(*net.TCPConn).CloseWrite()
	if n, err := two.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return fmt.Errorf("the end: %d, %v", n, err)
	}
	two.Close()
	if b, err := io.ReadAll(in); len(b) != 0 || err != nil {
		return fmt.Errorf("the other end: %q, %v", b, err)
	}
	in.Close()
	one.Close()
	// What it refuses.
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	nke := make([]byte, 28)
	binary.LittleEndian.PutUint32(nke, 0x66696c31)
	if err := unix.SetsockoptString(fd, unix.SOL_SOCKET, soNke, string(nke)); err != nil {
		return err
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 7, Addr: [4]byte{127, 0, 0, 1}}); err != syscall.EACCES {
		return fmt.Errorf("connecting to port 7: %v", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: 7, Addr: [4]byte{127, 0, 0, 1}}); err != syscall.EACCES {
		return fmt.Errorf("binding to port 7: %v", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fmt.Errorf("binding: %v", err)
	}
	if err := unix.Listen(fd, 1); err != nil {
		return err
	}
	// Datagrams.
	a, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer b.Close()
	for _, s := range []string{"first", "Dropped", "third"} {
		if _, err := a.WriteTo([]byte(s), b.LocalAddr()); err != nil {
			return err
		}
	}
	if _, err := a.WriteTo([]byte("E"), b.LocalAddr()); err == nil {
		return fmt.Errorf("a datagram that is refused was sent")
	}
	for _, s := range []string{"first", "third"} {
		buf := make([]byte, 100)
		b.SetReadDeadline(time.Now().Add(patience))
		n, from, err := b.ReadFrom(buf)
		if err != nil || string(buf[:n]) != s || from.String() != a.LocalAddr().String() {
			return fmt.Errorf("%q from %v, want %q from %v, %v", buf[:n], from, s, a.LocalAddr(), err)
		}
	}
	fmt.Println("filter ok")
	return nil
}
