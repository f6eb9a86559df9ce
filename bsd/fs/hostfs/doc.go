// Package hostfs is a file system whose files are the host's: a directory of the
// host (usually its root) and everything below.
//
// A vnode here is a host file that somebody holds, found by the host's device and
// inode number. It keeps at most one descriptor of each kind: one to read, one
// to write, and a bare one (O_PATH) only while it has no other. All I/O has explicit
// positions, so opens of one file share descriptors. A file that nobody holds
// costs nothing.
//
// Permissions are the host's to check while the guest's effective ids are the
// host process's own. For other ids (a guest that is root on the host and
// changed its ids) we check permission bits ourselves, directory by directory.
//
// # Invariants
//
//   - No host path that is opened follows a symbolic link (openPlain): links are
//     followed by namei, in the guest's name space. StatPath alone trusts what
//     namei found out about a prefix a moment ago.
//   - No descriptor is opened without O_CLOEXEC, and a FIFO, socket or device of the
//     host is never opened for I/O: FIFOs and sockets are names only, and devices
//     belong to devfs.
//   - The host's umask is 0 (New sets it): the guest's is applied by vfs.
//
// # Lock order
//
// node.mu and node.dirMu are last; no other lock is taken under them.
//
// What it does not do: birth times can't be set on Linux; flags (chflags) neither.
package hostfs
