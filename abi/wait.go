package abi

// Options of wait4 and waitid (<sys/wait.h>).
const (
	WNOHANG    = 0x01
	WUNTRACED  = 0x02
	WEXITED    = 0x04
	WSTOPPED   = 0x08
	WCONTINUED = 0x10
	WNOWAIT    = 0x20

	P_ALL  = 0
	P_PID  = 1
	P_PGID = 2

	WCOREFLAG = 0x80
)

// WExit is the wait status of exit(code).
func WExit(code int) uint32 { return uint32(code&0xff) << 8 }

// WSignal is the wait status of death by s.
func WSignal(s Signal) uint32 { return uint32(s) & 0x7f }

// WStop is the wait status of a stop by s; WStop(SIGCONT) is a continuation.
func WStop(s Signal) uint32 { return uint32(s)<<8 | 0x7f }
