// Package ramfs is a file system in memory: for the files that Puggle itself
// brings (the C library, /System), for devfs, and as a scratch disk.
//
// Its files live as long as they have a name or a vnode in use; their memory is
// ordinary kernel memory, counted against a limit (ENOSPC). A file made with
// AddFile shares its caller's bytes until it is written to.
//
// # Lock order
//
// FS.mu guards names, attributes and directory entries; node.io guards the data
// of one file. FS.mu may be taken with node.io held, not the other way round.
package ramfs
