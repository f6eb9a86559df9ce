package kern

import (
	"math/bits"

	"puggle/abi"
)

// Sigset is a sigset_t: bit n-1 is signal n.
type Sigset uint32

func mask(s abi.Signal) Sigset { return 1 << (uint(s) - 1) }

// Has says whether s is in the set.
func (m Sigset) Has(s abi.Signal) bool { return m&mask(s) != 0 }

// first is the lowest signal of a set that is not empty.
func (m Sigset) first() abi.Signal { return abi.Signal(bits.TrailingZeros32(uint32(m)) + 1) }

// Sets of signals with a rule of their own.
const (
	cantMask  = Sigset(1<<(abi.SIGKILL-1) | 1<<(abi.SIGSTOP-1))
	stopMask  = Sigset(1<<(abi.SIGSTOP-1) | 1<<(abi.SIGTSTP-1) | 1<<(abi.SIGTTIN-1) | 1<<(abi.SIGTTOU-1))
	contMask  = Sigset(1 << (abi.SIGCONT - 1))
	faultMask = Sigset(1<<(abi.SIGILL-1) | 1<<(abi.SIGTRAP-1) | 1<<(abi.SIGFPE-1) | 1<<(abi.SIGBUS-1) | 1<<(abi.SIGSEGV-1) | 1<<(abi.SIGSYS-1))
)

// What a signal does by default (<sys/signalvar.h>).
type sigprop uint8

const (
	propKill sigprop = 1 << iota
	propCore
	propStop
	propTTY
	propIgnore
	propCont
)

var sigprops = [abi.NSIG]sigprop{
	abi.SIGHUP:    propKill,
	abi.SIGINT:    propKill,
	abi.SIGQUIT:   propKill | propCore,
	abi.SIGILL:    propKill | propCore,
	abi.SIGTRAP:   propKill | propCore,
	abi.SIGABRT:   propKill | propCore,
	abi.SIGEMT:    propKill | propCore,
	abi.SIGFPE:    propKill | propCore,
	abi.SIGKILL:   propKill,
	abi.SIGBUS:    propKill | propCore,
	abi.SIGSEGV:   propKill | propCore,
	abi.SIGSYS:    propKill | propCore,
	abi.SIGPIPE:   propKill,
	abi.SIGALRM:   propKill,
	abi.SIGTERM:   propKill,
	abi.SIGURG:    propIgnore,
	abi.SIGSTOP:   propStop,
	abi.SIGTSTP:   propStop | propTTY,
	abi.SIGCONT:   propIgnore | propCont,
	abi.SIGCHLD:   propIgnore,
	abi.SIGTTIN:   propStop | propTTY,
	abi.SIGTTOU:   propStop | propTTY,
	abi.SIGIO:     propIgnore,
	abi.SIGXCPU:   propKill,
	abi.SIGXFSZ:   propKill,
	abi.SIGVTALRM: propKill,
	abi.SIGPROF:   propKill,
	abi.SIGWINCH:  propIgnore,
	abi.SIGINFO:   propIgnore,
	abi.SIGUSR1:   propKill,
	abi.SIGUSR2:   propKill,
}
