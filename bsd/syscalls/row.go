package syscalls

import "puggle/abi"

// Row is one kernel call.
type Row struct {
	Num  int
	Name string
	// Ret is what C returns: int, uint, ssize, addr, off, u64; kr or port for
	// Mach traps.
	Ret string
	// Args are "kind name, ...": int and uint have 32 bits; long, size, off, addr
	// and path have 64. path is the address of a string, for the tracer.
	Args    string
	Handler Handler // nil: not there
	Status  Status
	Rule    Rule
	Note    string // what is partial, or why it is not there
}

// Handler does a call. The result goes into c.Ret; an Errno other than 0 is the
// call's failure (for Mach traps the handler puts the kern_return_t into Ret and
// returns 0).
type Handler func(c *Call) abi.Errno

// Status says how much of a call is there.
type Status uint8

const (
	No      Status = iota // ENOSYS and SIGSYS
	Partial               // the note says what is missing
	Yes
	Refuse // there as a name; always fails honestly, with the errno that the note gives
)

func (s Status) String() string { return [...]string{"no", "partial", "yes", "refuse"}[s] }

// Rule is what dispatch must know besides the arguments.
type Rule uint8

const (
	// Eintr: a signal handler ends the call with EINTR even with SA_RESTART.
	Eintr Rule = 1 << iota
	// Cancel: a cancellation point: __pthread_markcancel ends its waits with EINTR.
	Cancel
)

// justReturn is a handler's way to say that it has set the registers itself, or
// that the thread ends: the call has no result.
const justReturn abi.Errno = -2
