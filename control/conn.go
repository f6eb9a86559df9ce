package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// MaxLine bounds a line of the protocol, in bytes: arguments and
	// environment of a program fit, escaped.
	MaxLine = 4 << 20
	// MaxFiles bounds the descriptors of a request.
	MaxFiles = 4
)

var errLong = errors.New("control: line is too long")

// Request is a connection's first line.
type Request struct {
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args,omitempty"`
}

// Reply is a line of the machine's.
type Reply struct {
	Event  json.RawMessage `json:"event,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	// Status is what the command should exit with after Error; 0 means 1.
	Status int `json:"status,omitempty"`
}

// conn is either end of a connection.
type conn struct {
	*net.UnixConn
	buf   []byte // read and not yet given out
	files []*os.File
	wmu   sync.Mutex
}

// line reads a line. Descriptors that come with it are added to c.files; those
// beyond MaxFiles are closed. io.EOF at the end.
func (c *conn) line() ([]byte, error) {
	for seen := 0; ; {
		if i := bytes.IndexByte(c.buf[seen:], '\n'); i >= 0 {
			l := c.buf[:seen+i]
			c.buf = c.buf[seen+i+1:]
			return l, nil
		}
		if seen = len(c.buf); seen > MaxLine {
			return nil, errLong
		}
		var b [32 << 10]byte
		oob := make([]byte, unix.CmsgSpace(4*16))
		n, oobn, _, _, err := c.ReadMsgUnix(b[:], oob)
		c.take(oob[:oobn])
		if n == 0 && err == nil {
			err = io.EOF
		}
		if err != nil {
			return nil, err
		}
		c.buf = append(c.buf, b[:n]...)
	}
}

// take keeps descriptors that came.
func (c *conn) take(oob []byte) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return
	}
	for i := range msgs {
		fds, err := unix.ParseUnixRights(&msgs[i])
		if err != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			if len(c.files) == MaxFiles {
				unix.Close(fd)
				continue
			}
			c.files = append(c.files, os.NewFile(uintptr(fd), "passed"))
		}
	}
}

// send writes v as a line, with descriptors beside it.
func (c *conn) send(v any, fds ...int) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if len(fds) > 0 {
		n, _, err := c.WriteMsgUnix(b[:1], unix.UnixRights(fds...), nil)
		if err != nil || n != 1 {
			return fmt.Errorf("can't pass descriptors: %w", err)
		}
		b = b[1:]
	}
	_, err = c.Write(b)
	return err
}

func (c *conn) close() {
	c.Close()
	for _, f := range c.files {
		if f != nil {
			f.Close()
		}
	}
}

// peerUID asks the host who the other end is.
func (c *conn) peerUID() (uint32, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var gerr error
	if err := raw.Control(func(fd uintptr) {
		cred, gerr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if gerr != nil {
		return 0, gerr
	}
	return cred.Uid, nil
}
