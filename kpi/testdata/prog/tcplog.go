package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
)

// tcplog makes connections for the example of that name to log: each sends twice what it then gets.
func tcplog() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	for _, n := range []int{0, 1, 1000, 3_000_000} {
		served := make(chan error, 1)
		go func() {
			c, err := l.Accept()
			if err != nil {
				served <- err
				return
			}
			b, err := io.ReadAll(c)
			if err == nil && !bytes.Equal(b, pattern(2*n)) {
				err = fmt.Errorf("%d bytes are not what was sent", len(b))
			}
			if err == nil {
				_, err = c.Write(b[:n])
			}
			c.Close()
			served <- err
		}()
		c, err := net.Dial("tcp4", l.Addr().String())
		if err != nil {
			return err
		}
		if _, err := c.Write(pattern(2 * n)); err != nil {
			return err
		}
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			return err
		}
		b, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(b, pattern(2 * n)[:n]) {
			return fmt.Errorf("%d bytes came back, want %d, %v", len(b), n, err)
		}
		if err := <-served; err != nil {
			return err
		}
		c.Close()
	}
	// One that nobody accepts, and one that nobody listens to.
	if c, err := net.Dial("tcp4", l.Addr().String()); err == nil {
		c.Close()
	}
	l.Close()
	if _, err := net.Dial("tcp4", l.Addr().String()); err == nil {
		return fmt.Errorf("connected to nobody")
	}
	fmt.Println("tcplog ok at", l.Addr())
	return nil
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i/253)
	}
	return b
}
