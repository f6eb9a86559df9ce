package sys

import "puggle/mach/sched"

// Context is a vfs_context_t: on whose behalf, and on which thread, a thing is
// done. It is made for one call and not kept.
type Context struct {
	Thread *sched.Thread // what sleeps
	Cred   *Cred
	PID    int32 // of the caller; 0 is the kernel
	// Proc is the caller's *kern.Proc for the rooms above; nil for the kernel.
	Proc any
	// Umask is the caller's file creation mask.
	Umask uint32
	// FsizeLimit is RLIMIT_FSIZE in bytes; 0 means none. A write beyond it
	// gives EFBIG, and the caller of the room posts SIGXFSZ.
	FsizeLimit int64
}
