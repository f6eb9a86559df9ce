package net

import (
	"gvisor.dev/gvisor/pkg/tcpip"

	"puggle/abi"
)

// errno translates an error of the stack.
func errno(err tcpip.Error) abi.Errno {
	switch err.(type) {
	case nil:
		return 0
	case *tcpip.ErrWouldBlock:
		return abi.EAGAIN
	case *tcpip.ErrConnectStarted:
		return abi.EINPROGRESS
	case *tcpip.ErrAlreadyConnecting:
		return abi.EALREADY
	case *tcpip.ErrAlreadyConnected:
		return abi.EISCONN
	case *tcpip.ErrAlreadyBound, *tcpip.ErrInvalidEndpointState, *tcpip.ErrInvalidOptionValue,
		*tcpip.ErrInvalidPortRange, *tcpip.ErrDuplicateAddress, *tcpip.ErrMalformedHeader:
		return abi.EINVAL
	case *tcpip.ErrPortInUse, *tcpip.ErrNoPortAvailable:
		return abi.EADDRINUSE
	case *tcpip.ErrBadLocalAddress:
		return abi.EADDRNOTAVAIL
	case *tcpip.ErrAddressFamilyNotSupported:
		return abi.EAFNOSUPPORT
	case *tcpip.ErrBadAddress, *tcpip.ErrBadBuffer:
		return abi.EFAULT
	case *tcpip.ErrBroadcastDisabled:
		return abi.EACCES
	case *tcpip.ErrNotPermitted:
		return abi.EPERM
	case *tcpip.ErrClosedForSend:
		return abi.EPIPE
	case *tcpip.ErrNotConnected, *tcpip.ErrClosedForReceive:
		return abi.ENOTCONN
	case *tcpip.ErrConnectionRefused:
		return abi.ECONNREFUSED
	case *tcpip.ErrConnectionReset, *tcpip.ErrAborted:
		return abi.ECONNRESET
	case *tcpip.ErrConnectionAborted:
		return abi.ECONNABORTED
	case *tcpip.ErrDestinationRequired:
		return abi.EDESTADDRREQ
	case *tcpip.ErrMessageTooLong:
		return abi.EMSGSIZE
	case *tcpip.ErrNetworkUnreachable, *tcpip.ErrNoNet:
		return abi.ENETUNREACH
	case *tcpip.ErrHostUnreachable:
		return abi.EHOSTUNREACH
	case *tcpip.ErrHostDown:
		return abi.EHOSTDOWN
	case *tcpip.ErrTimeout:
		return abi.ETIMEDOUT
	case *tcpip.ErrNoBufferSpace:
		return abi.ENOBUFS
	case *tcpip.ErrUnknownNICID, *tcpip.ErrInvalidNICID, *tcpip.ErrUnknownDevice:
		return abi.ENXIO
	case *tcpip.ErrUnknownProtocol:
		return abi.EPROTONOSUPPORT
	case *tcpip.ErrUnknownProtocolOption, *tcpip.ErrQueueSizeNotSupported:
		return abi.ENOPROTOOPT
	case *tcpip.ErrNotSupported:
		return abi.EOPNOTSUPP
	}
	return abi.EIO
}
