// Package kqueue waits for events: kqueues with kevent, and select and poll,
// which are kqueues for the length of one call.
//
// # What it promises
//
// A registration is published before it can fire: the knote goes on the
// object's Klist first, and the object is asked for its state afterwards. A
// scan takes a knote off the queue before it asks the object. So whatever
// changes after the answer activates the knote anew, and no edge is lost; at
// worst the same edge is looked at twice, and the second look finds nothing.
//
// A knote of a descriptor belongs to (descriptor, file). When a descriptor goes,
// its table calls Knotes.FdClose, after it has taken the entry out and before
// it drops the file's reference, without locks held. A registration looks the
// descriptor up again once it is published, so that one of the two sees the
// other. Kqueues are not inherited over fork: a table that is copied leaves
// files of type DTypeKqueue out. The number may be another file's before FdClose has come: a
// registration of that one replaces what is left of the old one's, and FdClose leaves it alone.
//
// Kqueues may be nested, to a depth of maxNest, without cycles (EINVAL).
//
// # Lock order
//
// Kqueue.ops serialises registration, scanning and closing of one kqueue; it is
// held around calls of filters (Attach, Detach, Ready), which must not sleep.
// A kqueue's ops comes before those of the kqueues inside it, because their
// Ready is asked. Then: a room's object lock, Klist.mu, Kqueue.mu. An
// activation takes the last two only.
//
// The descriptor table's lock may be taken under ops; so nobody may call this
// room with it held.
//
// # What it does not do
//
// Work queues and work loops (KEVENT_FLAG_WORKQ, KEVENT_FLAG_WORKLOOP) give
// ENOTSUP; so do the filters AIO, FS, VM, SOCK and MEMORYSTATUS. Qualities of
// service and timer leeway are accepted and have no effect. EVFILT_MACHPORT
// says that a message is there, and does not receive it.
//
// Sources: <sys/event.h>, kqueue(2), select(2), poll(2) of Mac OS X.
package kqueue
