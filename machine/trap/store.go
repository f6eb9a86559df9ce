package trap

import (
	"io"

	"golang.org/x/sys/unix"

	"puggle/machine"
)

// Store writes b to physical memory at p by a host call instead of by the window. For
// pages that have no memory yet that is cheaper by a quarter: there is no fault for each
// of them, and the host needs not clear what is written whole.
func (m *memory) Store(p machine.Phys, b []byte) error {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return machine.ErrDead
	}
	for len(b) > 0 {
		n, err := unix.Pwrite(m.fd, b, int64(p))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return io.ErrShortWrite
		}
		b, p = b[n:], p+machine.Phys(n)
	}
	return nil
}
