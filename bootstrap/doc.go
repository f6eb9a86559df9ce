// Package bootstrap is the bootstrap task: it gives services names, in contexts
// that are subsets of each other, and starts servers when they are needed.
//
// # Contexts
//
// A machine starts with one context, the startup context. A login has one of
// its own, a subset of it: a look-up that fails in a context goes on in its
// parent, so that a service registered in the subset is seen by the login's tasks
// alone and hides one of the same name. A task's bootstrap port is the port of its
// context; children inherit it. A subset ends when the port that was named as
// its requestor dies, or by Destroy: its port dies, so that its tasks can look
// nothing up any more; rights that they have go on working.
//
// # Services
//
// A service is declared (its port is made, and kept here until a server checks
// in), or registered (somebody gives a send right). Clients can look a declared
// service up and send to it before its server runs; messages wait. A server that
// is declared with a command is launched at once, or on demand: when the first
// message arrives at one of its services. When a server loses the receive right of
// a declared service, the right comes back here.
//
// The name of a declared service belongs to its server: others can't register
// it or check in to it (BOOTSTRAP_NOT_PRIVILEGED). A server is known by the
// bootstrap port that it was given.
//
// # Lock order
//
// Bootstrap.mu, then those of mach/ipc for looking at a port. Rights are released,
// and Launch is called, without a lock.
//
// # What it does not do
//
// bootstrap.conf's statements about forwarding and self are not known; a server
// is not restarted when it dies, but when a message arrives (unless it is
// restartable). Users' identities do not matter: whoever has a context's port
// may use it.
package bootstrap
