package iokit

import (
	"puggle/abi"
	"puggle/mach/vm"
)

// Object is the truth of an entry that is more than what the registry keeps. NoObject
// has the answers of an entry without one, to be embedded.
type Object interface {
	// Properties is the table as of now; nil says that the entry's own counts.
	Properties() map[string]any
	// SetProperties is IORegistryEntrySetCFProperties of a process.
	SetProperties(by *Client, properties any) abi.KernReturn
	// MatchPropertyTable is the driver's own part of matching a dictionary, after the
	// passive part fitted.
	MatchPropertyTable(table map[string]any) bool
	// NewUserClient opens the service for a process (io_service_open_extended).
	NewUserClient(by *Client, kind uint32, properties map[string]any) (UserClient, abi.KernReturn)
	// Message is IOService::message, from provider or nil.
	Message(kind uint32, provider *Entry, argument uint64) abi.KernReturn
	// Terminate is called once when the entry has become inactive and its clients have
	// ended; when it returns, the entry is detached from its providers.
	Terminate(options uint32)
}

// Client is who asks.
type Client struct {
	Task any    // *task.Task; nil for the kernel
	Root bool   // has an effective user id of 0
	Name string // of the program, for IOUserClientCreator: "pid N, NAME"
}

// NoObject answers as an IOService does that overrides nothing.
type NoObject struct{}

func (NoObject) Properties() map[string]any                    { return nil }
func (NoObject) SetProperties(*Client, any) abi.KernReturn     { return IOReturnUnsupported }
func (NoObject) MatchPropertyTable(map[string]any) bool        { return true }
func (NoObject) Message(uint32, *Entry, uint64) abi.KernReturn { return IOReturnUnsupported }
func (NoObject) Terminate(uint32)                              {}
func (NoObject) NewUserClient(*Client, uint32, map[string]any) (UserClient, abi.KernReturn) {
	return nil, IOReturnUnsupported
}

// Bounds of a call to a user client.
const (
	MaxScalars = 16
	MaxInband  = 4096    // bytes of a structure in the message
	MaxStruct  = 4 << 20 // bytes of one beside it
)

// Arguments are those of IOUserClient::externalMethod.
type Arguments struct {
	Selector    uint32
	ScalarInput []uint64
	StructInput []byte
	// ScalarOutput has room for what the caller wants; the method fills it and makes it
	// shorter if it gives less. StructRoom is the caller's room for StructOutput, which
	// the method sets.
	ScalarOutput []uint64
	StructRoom   int
	StructOutput []byte
	// Async is set for IOConnectCallAsync*: it stays the method's until it is released.
	Async Async
}

// Async is the reply port of an asynchronous call.
type Async interface {
	// Complete sends the result and at most MaxScalars arguments (sendAsyncResult64).
	Complete(result abi.KernReturn, arguments []uint64) abi.KernReturn
	Release()
}

// UserClient is one connection of a process to a service. Its methods may be called by
// several threads at once. Close comes once, and last.
type UserClient interface {
	// Entry is the client's own entry, a child of the service; nil if it has none.
	Entry() *Entry
	ExternalMethod(a *Arguments) abi.KernReturn
	// ClientMemory is memory that the client offers to map; the caller releases it.
	// MapOptions: read-only is bit 12 (kIOMapReadOnly).
	ClientMemory(kind uint32) (memory *vm.NamedEntry, options uint32, kr abi.KernReturn)
	// SetNotificationPort is registerNotificationPort; nil takes it back.
	SetNotificationPort(kind uint32, port Async, reference uint64) abi.KernReturn
	ConnectClient(other UserClient) abi.KernReturn
	SetProperties(properties any) abi.KernReturn
	// Close is clientClose, or clientDied when the process went without closing.
	Close(died bool)
}
