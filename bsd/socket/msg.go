package socket

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// FdTable is the descriptor table that SCM_RIGHTS translates with.
type FdTable interface {
	// Get gives the open file with a new reference, or EBADF.
	Get(fd int) (*sys.OpenFile, abi.Errno)
	// Install puts f, with the reference that the caller owns, at the lowest
	// free descriptor. On error (EMFILE) the caller still owns it.
	Install(f *sys.OpenFile) (int, abi.Errno)
}

// Msg is a struct msghdr in the kernel: one send or one receive.
type Msg struct {
	// Name is the address to send to, nil for none; after a receive, where the
	// data came from.
	Name []byte
	Uio  *sys.Uio
	// Control is the control data to send, or after a receive what came with
	// the data, at most ControlMax bytes.
	Control    []byte
	ControlMax int
	// Flags are MSG_*; OutFlags is msg_flags after a receive.
	Flags    int
	OutFlags int
	// Fds translates descriptors in SCM_RIGHTS; nil allows none.
	Fds FdTable

	files []*sys.OpenFile // SCM_RIGHTS, internalized
	ctl   []abi.Cmsg      // parsed Control
}

// Files gives the rights of a message that is being sent; Cmsgs its other
// control messages.
func (m *Msg) Cmsgs() []abi.Cmsg { return m.ctl }

// room for one more control message; sets MSG_CTRUNC when there is none.
func (m *Msg) AddControl(level, typ int, data []byte) bool {
	if m.ControlMax == 0 {
		return false // not asked for: no MSG_CTRUNC, as there is no buffer
	}
	if len(m.Control)+abi.CmsghdrSize+len(data) > m.ControlMax {
		m.OutFlags |= abi.MSG_CTRUNC
		return false
	}
	m.Control = abi.AppendCmsg(m.Control, level, typ, data)
	if len(m.Control) > m.ControlMax {
		m.Control = m.Control[:m.ControlMax]
	}
	return true
}
