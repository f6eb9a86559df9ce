package gdb

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxPacket bounds a packet's content, both ways, in bytes.
const maxPacket = 16 << 10

var errEnd = errors.New("gdb: the connection has ended")

// packet is one that came; ok is false if it is damaged or too long.
type packet struct {
	content string
	ok      bool
}

// link is a connection with its framing: $content#checksum. Only the session writes.
type link struct {
	rw    io.ReadWriter
	in    chan packet
	brk   chan struct{} // an interrupt, ^C: one is kept
	end   chan struct{} // closed at the end of input
	noAck bool
}

func newLink(rw io.ReadWriter) *link {
	return &link{rw: rw, in: make(chan packet), brk: make(chan struct{}, 1), end: make(chan struct{})}
}

// read hands packets to in until the input ends or done is closed.
func (l *link) read(done <-chan struct{}) {
	defer close(l.end)
	r := bufio.NewReader(l.rw)
	for {
		c, err := r.ReadByte()
		if err != nil {
			return
		}
		switch c {
		case 3:
			select {
			case l.brk <- struct{}{}:
			default:
			}
		case '$':
			p, ok, err := content(r)
			if err != nil {
				return
			}
			select {
			case l.in <- packet{p, ok}:
			case <-done:
				return
			}
		}
		// '+' and '-' are answers: the stream is reliable, nothing is sent again.
	}
}

// content reads a packet behind its '$'; ok is false if its checksum is wrong, or it is
// too long.
func content(r *bufio.Reader) (p string, ok bool, err error) {
	var b []byte
	var sum byte
	long := false
	for {
		c, err := r.ReadByte()
		if err != nil {
			return "", false, err
		}
		if c == '#' {
			break
		}
		sum += c
		if c == '}' {
			if c, err = r.ReadByte(); err != nil {
				return "", false, err
			}
			sum += c
			c ^= 0x20
		}
		if len(b) > maxPacket {
			long = true
			continue
		}
		b = append(b, c)
	}
	var d [2]byte
	if _, err := io.ReadFull(r, d[:]); err != nil {
		return "", false, err
	}
	hi, ok1 := digit(d[0])
	lo, ok2 := digit(d[1])
	return string(b), ok1 && ok2 && hi<<4|lo == sum && !long, nil
}

// ack acknowledges a packet, while that is the custom.
func (l *link) ack(ok bool) error {
	s := "+"
	if !ok {
		s = "-"
	}
	if l.noAck {
		return nil
	}
	_, err := io.WriteString(l.rw, s)
	return err
}

// send sends a packet; its content needs no escapes.
func (l *link) send(p string) error {
	var sum byte
	for i := range len(p) {
		sum += p[i]
	}
	_, err := fmt.Fprintf(l.rw, "$%s#%02x", p, sum)
	return err
}

func digit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
