// Package ipc is Mach IPC: ports, rights, spaces, messages, port sets and
// notifications, after XNU's osfmk/ipc.
//
// # Objects
//
// A Port is a queue of messages, or the handle of a kernel object (kobject.go).
// A Space is one task's name space: names to entries, each with the rights held
// under that name. A PortSet is received from as if it were one port. A Kmsg is
// a message between sender and receiver: its rights are *Port pointers, its
// memory is a Copy, and nothing in it is read from the sender again.
//
// # Rights outside of spaces
//
// Inside the kernel a right is a *Port together with what the holder knows
// about it: "a naked send right" is one that the port counts in srights and
// that no entry holds. Null (nil) and Dead are the two ports that are none.
// Every function that takes or gives a naked right says in its comment who owns
// it afterwards: "consumes" means in every case, also on failure, unless the
// comment says otherwise. The complete set of transfers:
//
//	Port.MakeSend, CopySend, MakeSendOnce       give a new naked right
//	ReleaseSend, ReleaseSendOnce, ReleaseReceive consume one
//	Space.copyin (right_copyin.go)              entry -> naked right
//	Space.copyout (right_copyout.go)            naked right -> entry
//	Kmsg.destroy (kmsg.go)                      consumes all that a message holds
//
// # Death
//
// A port dies when its receive right does. Entries that name it turn into dead
// names when they are next looked at (Space.check). Whatever releasing a right
// sets off (notifications, destruction of queued messages, which release more
// rights) is put on a list of chores and done after all locks are dropped,
// by a loop and not by recursion: a guest can nest messages in messages as
// deep as it has ports.
//
// # Lock order
//
//	Space.mu
//	transitMu   (global; only for receive rights that enter or leave a message)
//	Port.mu     (one at a time)
//	PortSet.mu  (one at a time)
//	sched.WaitQueue
//
// No lock is held while a kernel object's server runs, while guest memory is
// copied, or while a thread sleeps. Callers of functions that consume rights
// must hold no lock that a KernelServer or a NoSenders hook takes.
//
// # Bounds
//
// A guest can make the kernel keep at most MaxPorts ports and, for inline data,
// descriptors and rights in messages, MaxKmsgBytes; both are limits of the whole
// kernel. Notifications are exempt up to twice MaxKmsgBytes and lost beyond.
// A space has at most maxChunks*chunkSize names.
//
// # Mach 2.5
//
// NeXT's calls (mach25_port.go; traps of our own numbers) and typed messages (mach25_msg.go) work on the
// same objects. A message of one generation to a receiver of the other is
// translated (translate25.go); kernel objects take Mach 3 messages only.
//
// # What it does not do
//
// No importance: priorities and override options are accepted and ignored. No message filters, service ports
// or connection ports (KERN_NOT_SUPPORTED). MACH_MSG_STRICT_REPLY checks the
// reply's disposition, not its count of rights. mach_msg2 wants a kind of
// destination to be named, but does not hold the sender to it. Messages are
// those of 64-bit tasks. The mach_ipc family of 2002 is not here.
package ipc
