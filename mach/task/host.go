package task

import (
	"puggle/abi"
	"puggle/mach/ipc"
)

// HostPort is the machine's host port, on loan: make a send right of it.
func (s *System) HostPort() *ipc.Port {
	s.hostOnce.Do(func() {
		s.host, _ = ipc.AllocKernel(s, abi.IKOT_HOST, s.PortServer)
		s.hostPriv, _ = ipc.AllocKernel(s, abi.IKOT_HOST_PRIV, s.PortServer)
	})
	return s.host
}

// HostPrivPort is the privileged host port, on loan.
func (s *System) HostPrivPort() *ipc.Port {
	s.HostPort()
	return s.hostPriv
}
