// Package control is the way into a running machine from outside: a socket in
// the host's file system, one for each machine, on which the puggle command
// talks to it.
//
// # The socket
//
// The sockets are in $XDG_RUNTIME_DIR/puggle, or /tmp/puggle-UID: a directory
// of mode 0700 that must belong to the caller. NAME.sock is a machine's socket,
// NAME.lock a file that the machine keeps locked while it lives; so a socket
// whose lock can be had is stale, and is removed.
//
// # The protocol
//
// A connection serves one request. Both sides send lines of JSON, each at most
// MaxLine bytes long. The first line is the caller's:
//
//	{"op": "ps", "args": {...}}
//
// Descriptors may come with its first byte (SCM_RIGHTS, at most MaxFiles). The
// machine answers with any number of {"event": ...} lines and one last line,
// {"result": ...} or {"error": "text", "status": 126}. What more the caller may
// say meanwhile depends on the operation; when it closes the connection, the
// operation ends. The operations are rows of the table in ops.go, their
// arguments, events and results the exported types of this package.
//
// # Who may
//
// The peer's credentials are asked of the host: only the user whose machine it
// is, or root, is answered.
//
// # Locks
//
// Server.mu guards the list of connections and nothing else; no other lock is
// taken with it held. Handlers run on a goroutine for each connection.
package control
