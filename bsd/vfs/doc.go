// Package vfs is the file layer: vnodes and the operations on them, mounts,
// name lookup, open files on vnodes, advisory locks, attributes.
//
// A Vnode is one active file of one file system. It is counted: Lookup and
// everything else that returns a *Vnode returns a reference, and the receiver
// calls Unref. Two lookups of the same file give the same *Vnode for as long as
// somebody holds it, which is what locks, kevents, mappings and FIFOs rely on.
// A file that nobody holds has no Vnode; there is no name cache, because the
// host has one.
//
// A file system is a set of VOPs (vop.go). They hold the mechanism only; the
// rules of Darwin (which error for unlink of a directory, when a trailing slash
// follows a link) are in the calls of this package (open.go, remove.go, ...),
// each the body of a system call. These take a Namespace (root and current
// directory of a process) and, for the *at calls, the directory.
//
// # Covers
//
// A mount covers a name in a directory: from then on that name leads to the
// mount's root. The same mechanism puts single files over another file system
// (the C library's, where the host has none) and hides names (a cover without a
// vnode: whiteout). Covered names can't be removed or renamed (EBUSY).
//
// # Whole paths
//
// Where a prefix of a path is known to be plain (directories only, no link, no
// "..", no cover), a file system that implements PathOps resolves the whole of it
// in one step. What is known is forgotten on any rename or symlink made through
// us, on any mount, and after plainTTL for changes that others make.
//
// # Lock order
//
// Namespace.mu, Tree.mu, then a file system's own locks, then Table.mu, then
// sys.Klist. The lock of advisory locks (lockf.go) is taken with none of them.
// No VOP is called with a lock of this package held but File's directory lock.
package vfs
