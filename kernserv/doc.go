// Package kernserv is NeXT's loadable kernel servers: kl_ld, which makes them,
// kern_loader, which keeps and loads them, and what the kernel does for them
// while they run (kern_serv_*), after Writing Loadable Kernel Servers (NeXT, 1990).
//
// # What a server is
//
// A relocatable object with its name, the name of its instance variable and two
// command scripts in sections of its own (relocatable.go). kern_loader allocates
// it: reserves room in the kernel's map, links it for that place and makes the ports
// that its load commands name. It loads it, by hand, at once (START) or when the
// first message arrives: the code is placed and wired, the load commands are done
// on the server's own thread, and the ports' receive rights have moved into the server's
// task, queued messages and all. So the first message that a server sees is the
// first that was sent.
//
// A server's thread belongs to a task of its own, with a port space and an address
// map of its own, but runs on the kernel's map: out-of-line memory of a message
// is in the task's map, where the server's code can't see it.
//
// # Layers
//
// Kernel is what this package needs of the machine: room in the kernel's map, code
// placed there, and upcalls. kpi implements it. The KPI rows of the NeXT
// generation call the methods of Server (kern_serv.go) and of Interrupts.
//
// # Lock order
//
//	Server.op    (one operation at a time: load, unload; held across upcalls)
//	Loader.mu    (the table of servers)
//	Server.mu    (its state, its port table, its notifications)
//	serverLog.mu
//
// Only Server.op is held during an upcall or while a message is sent.
//
// # Hostility
//
// Relocatables and scripts come from users and are bounded; a server's code is
// code of the kernel task, which can hurt that task but not the host. What it
// passes to kern_serv_* is checked like any guest's. A server that faults is
// unloaded by force, without its unload commands.
//
// # What it does not do
//
// No DMA, as on a NeXT. Servers are x86_64 code: pointers have eight bytes,
// and what was an int for an event or an argument holds an address.
package kernserv
