package socket

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// Setopt: the local family has no options to set.
func (p *unixPCB) Setopt(ctx *sys.Context, level, name int, val []byte) abi.Errno {
	if level == abi.SOL_LOCAL {
		return abi.EINVAL
	}
	return abi.ENOPROTOOPT
}

// Getopt tells who the peer is. ENOTCONN before there was one.
func (p *unixPCB) Getopt(ctx *sys.Context, level, name, max int) ([]byte, abi.Errno) {
	if level == abi.SOL_SOCKET {
		return p.socketOption(name)
	}
	if level != abi.SOL_LOCAL {
		return nil, abi.EINVAL
	}
	p.l.mu.Lock()
	known := p.was || p.peer.Load() != nil
	peer := p.peerCred
	p.l.mu.Unlock()
	switch name {
	case abi.LOCAL_PEERCRED, abi.LOCAL_PEERPID, abi.LOCAL_PEEREPID:
	case abi.LOCAL_PEERUUID, abi.LOCAL_PEEREUUID, abi.LOCAL_PEERTOKEN:
		return nil, abi.EOPNOTSUPP
	default:
		return nil, abi.EOPNOTSUPP
	}
	if !known || p.dgram && name == abi.LOCAL_PEERCRED {
		if p.dgram {
			return nil, abi.EINVAL
		}
		return nil, abi.ENOTCONN
	}
	if name == abi.LOCAL_PEERCRED {
		return marshalXucred(peer.cred), 0
	}
	return i32(int(peer.pid)), 0
}

func (p *unixPCB) socketOption(name int) ([]byte, abi.Errno) {
	switch name {
	case abi.SO_NREAD:
		p.rcv.mu.Lock()
		defer p.rcv.mu.Unlock()
		if p.dgram {
			if len(p.rcv.records) == 0 {
				return i32(0), 0
			}
			return i32(len(p.rcv.records[0].data)), 0
		}
		return i32(p.rcv.cc), 0
	case abi.SO_NWRITE:
		return i32(0), 0 // what is sent is at the peer at once
	case abi.SO_NUMRCVPKT:
		if !p.dgram {
			return nil, abi.EINVAL
		}
		p.rcv.mu.Lock()
		defer p.rcv.mu.Unlock()
		return i32(len(p.rcv.records)), 0
	}
	return nil, abi.ENOPROTOOPT
}

// marshalXucred writes a struct xucred: version, user, count, groups.
func marshalXucred(c *sys.Cred) []byte {
	b := make([]byte, abi.XucredSize)
	if c == nil {
		return b
	}
	le := binary.LittleEndian
	le.PutUint32(b[4:], c.UID)
	groups := c.Groups
	if len(groups) == 0 {
		groups = []uint32{c.GID}
	}
	groups = groups[:min(len(groups), sys.NGROUPS)]
	le.PutUint16(b[8:], uint16(len(groups)))
	for i, g := range groups {
		le.PutUint32(b[12+4*i:], g)
	}
	return b
}
