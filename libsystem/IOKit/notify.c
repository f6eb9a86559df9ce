/*
 * Notification ports: a port of the program's to which the kernel sends what happens. Messages are
 * received on a queue, of this file's own for a run loop; then a source of the loop calls the program back.
 */
#include "iokit.h"
#include <dispatch/dispatch.h>
#include <pthread.h>

struct head { mach_msg_size_t size; natural_t type; uint64_t reference[8]; }; /* OSNotificationHeader64 */
enum { MESSAGE = 53, FIRST = 100, SERVICE_LAST = 102, COMPLETION = 150, INTEREST = 160, ROOM = 1024 };

typedef struct cf *loop_ref;
struct message { struct message *next; mach_msg_header_t h; };
struct place { struct place *next; loop_ref loop; };
struct IONotificationPort {
	pthread_mutex_t lock;
	int refs;
	mach_port_t main, port;
	bool gone;
	dispatch_source_t source;
	CFTypeRef loop_source;
	struct place *loops;
	struct message *first, **last;
};
struct source_context { /* CFRunLoopSourceContext */
	CFIndex version;
	void *info;
	const void *(*retain)(const void *);
	void (*release)(const void *);
	void *describe, *equal, *hash;
	void (*schedule)(void *, loop_ref, CFTypeRef);
	void (*cancel)(void *, loop_ref, CFTypeRef);
	void (*perform)(void *);
};
CFTypeRef CFRunLoopSourceCreate(const void *, CFIndex, const struct source_context *);
void CFRunLoopSourceSignal(CFTypeRef);
void CFRunLoopSourceInvalidate(CFTypeRef);
void CFRunLoopWakeUp(loop_ref);

static void drop(struct IONotificationPort *n)
{
	pthread_mutex_lock(&n->lock);
	bool last = --n->refs == 0;
	pthread_mutex_unlock(&n->lock);
	if (!last)
		return;
	while (n->first) {
		struct message *m = n->first;
		n->first = m->next;
		mach_msg_destroy(&m->h);
		free(m);
	}
	while (n->loops) {
		struct place *p = n->loops;
		n->loops = p->next;
		CFRelease(p->loop);
		free(p);
	}
	mach_port_mod_refs(mach_task_self(), n->port, MACH_PORT_RIGHT_RECEIVE, -1);
	__IOMainDone(0, n->main);
	pthread_mutex_destroy(&n->lock);
	free(n);
}
static void keep(struct IONotificationPort *n)
{
	pthread_mutex_lock(&n->lock);
	n->refs++;
	pthread_mutex_unlock(&n->lock);
}
IONotificationPortRef IONotificationPortCreate(mach_port_t main)
{
	struct IONotificationPort *n = calloc(1, sizeof *n);
	if (!n)
		return NULL;
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &n->port)) {
		free(n);
		return NULL;
	}
	n->main = __IOMain(0);
	n->refs = 1;
	n->last = &n->first;
	pthread_mutex_init(&n->lock, NULL);
	return n;
}
mach_port_t IONotificationPortGetMachPort(IONotificationPortRef n) { return n ? n->port : MACH_PORT_NULL; }
kern_return_t IONotificationPortSetImportanceReceiver(IONotificationPortRef n) { return n ? KERN_SUCCESS : kIOReturnBadArgument; }
kern_return_t IOCreateReceivePort(uint32_t type, mach_port_t *port)
{
	if (type != MESSAGE && type != 57)
		return kIOReturnBadArgument;
	return mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, port);
}

/* Calls back what a message is for, and gives back the rights in it. */
void IODispatchCalloutFromMessage(void *unused, mach_msg_header_t *h, void *reference)
{
	bool complex = h->msgh_bits & MACH_MSGH_BITS_COMPLEX;
	char *p = (char *)(h + 1), *end = (char *)h + h->msgh_size;
	if (complex) /* one descriptor: the service */
		p += sizeof(mach_msg_body_t) + sizeof(mach_msg_port_descriptor_t);
	struct head head;
	if (h->msgh_id != MESSAGE || end - p < (long)sizeof head) {
		mach_msg_destroy(h);
		return;
	}
	memcpy(&head, p, sizeof head);
	p += sizeof head;
	void *call = (void *)head.reference[1], *refcon = (void *)head.reference[2];
	if (head.type >= FIRST && head.type <= SERVICE_LAST && call) {
		((IOServiceMatchingCallback)call)(refcon, h->msgh_remote_port);
	} else if (head.type == INTEREST && call && end - p >= 12) {
		uint32_t kind;
		void *argument;
		memcpy(&kind, p, 4);
		memcpy(&argument, p + 4, 8);
		((IOServiceInterestCallback)call)(refcon, (io_service_t)head.reference[3], kind, argument);
	} else if (head.type == COMPLETION && call && end - p >= 4) {
		IOReturn result;
		void *args[16] = { 0 };
		memcpy(&result, p, 4);
		uint32_t n = head.size >= 4 ? (head.size - 4) / 8 : 0;
		if (n > 16)
			n = 16;
		if (n > (end - p - 4) / 8)
			n = (uint32_t)((end - p - 4) / 8);
		memcpy(args, p + 4, 8 * n);
		switch (n) {
		case 0: ((IOAsyncCallback0)call)(refcon, result); break;
		case 1: ((IOAsyncCallback1)call)(refcon, result, args[0]); break;
		case 2: ((IOAsyncCallback2)call)(refcon, result, args[0], args[1]); break;
		default: ((IOAsyncCallback)call)(refcon, result, args, n);
		}
	}
	mach_msg_destroy(h);
}

/* The next message, NULL if there is none now. */
static struct message *receive(struct IONotificationPort *n)
{
	struct message *m = calloc(1, sizeof *m + ROOM);
	if (!m)
		return NULL;
	if (mach_msg(&m->h, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof m->h + ROOM, n->port, 0, MACH_PORT_NULL)) {
		free(m);
		return NULL;
	}
	return m;
}
static void deliver(void *p)
{
	struct IONotificationPort *n = p;
	keep(n);
	for (struct message *m; !n->gone && (m = receive(n));) {
		IODispatchCalloutFromMessage(NULL, &m->h, n);
		free(m);
	}
	drop(n);
}
static void store(void *p)
{
	struct IONotificationPort *n = p;
	struct message *m;
	while ((m = receive(n))) {
		pthread_mutex_lock(&n->lock);
		*n->last = m;
		n->last = &m->next;
		CFRunLoopSourceSignal(n->loop_source);
		for (struct place *l = n->loops; l; l = l->next)
			CFRunLoopWakeUp(l->loop);
		pthread_mutex_unlock(&n->lock);
	}
}
static void perform(void *p)
{
	struct IONotificationPort *n = p;
	keep(n);
	for (;;) {
		pthread_mutex_lock(&n->lock);
		struct message *m = n->gone ? NULL : n->first;
		if (m && !(n->first = m->next))
			n->last = &n->first;
		pthread_mutex_unlock(&n->lock);
		if (!m)
			break;
		IODispatchCalloutFromMessage(NULL, &m->h, n);
		free(m);
	}
	drop(n);
}
static void schedule(void *p, loop_ref loop, CFTypeRef mode)
{
	struct IONotificationPort *n = p;
	struct place *l = calloc(1, sizeof *l);
	if (!l)
		abort();
	l->loop = (loop_ref)CFRetain(loop);
	pthread_mutex_lock(&n->lock);
	l->next = n->loops;
	n->loops = l;
	bool due = n->first;
	pthread_mutex_unlock(&n->lock);
	if (due) {
		CFRunLoopSourceSignal(n->loop_source);
		CFRunLoopWakeUp(loop);
	}
}
static void cancel(void *p, loop_ref loop, CFTypeRef mode)
{
	struct IONotificationPort *n = p;
	pthread_mutex_lock(&n->lock);
	for (struct place **l = &n->loops; *l; l = &(*l)->next)
		if ((*l)->loop == loop) {
			struct place *gone = *l;
			*l = gone->next;
			CFRelease(gone->loop);
			free(gone);
			break;
		}
	pthread_mutex_unlock(&n->lock);
}
static void cancelled(void *p) { drop(p); }
static void listen(struct IONotificationPort *n, dispatch_queue_t q, dispatch_function_t f)
{
	keep(n);
	n->source = dispatch_source_create(DISPATCH_SOURCE_TYPE_MACH_RECV, n->port, 0, q);
	dispatch_set_context(n->source, n);
	dispatch_source_set_event_handler_f(n->source, f);
	dispatch_source_set_cancel_handler_f(n->source, cancelled);
	dispatch_resume(n->source);
}
static void unlisten(struct IONotificationPort *n)
{
	if (!n->source)
		return;
	dispatch_source_cancel(n->source);
	dispatch_release(n->source);
	n->source = NULL;
}
/* The port's own reference; the source lives as long as the port. */
CFRunLoopSourceRef IONotificationPortGetRunLoopSource(IONotificationPortRef n)
{
	if (!n || n->loop_source)
		return n ? (CFRunLoopSourceRef)n->loop_source : NULL;
	struct source_context c = { .info = n, .schedule = schedule, .cancel = cancel, .perform = perform };
	n->loop_source = CFRunLoopSourceCreate(NULL, 0, &c);
	unlisten(n);
	listen(n, dispatch_get_global_queue(0, 0), store);
	return (CFRunLoopSourceRef)n->loop_source;
}
void IONotificationPortSetDispatchQueue(IONotificationPortRef n, struct dispatch_queue_s *q)
{
	if (!n)
		return;
	unlisten(n);
	if (q)
		listen(n, q, deliver);
}
void IONotificationPortDestroy(IONotificationPortRef n)
{
	if (!n)
		return;
	pthread_mutex_lock(&n->lock);
	n->gone = true;
	pthread_mutex_unlock(&n->lock);
	unlisten(n);
	if (n->loop_source) {
		CFRunLoopSourceInvalidate(n->loop_source);
		CFRelease(n->loop_source);
		n->loop_source = NULL;
	}
	drop(n);
}

static char *name_of(io_name_t to, const char *s)
{
	strlcpy(to, s ? s : "", sizeof(io_name_t));
	return to;
}
kern_return_t IOServiceAddMatchingNotification(IONotificationPortRef n, const io_name_t kind, CFDictionaryRef table,
	IOServiceMatchingCallback call, void *refcon, io_iterator_t *it)
{
	io_reference_t r = { 0, (uint64_t)call, (uint64_t)refcon };
	io_name_t name;
	size_t size;
	char *p = table ? __IOSerialize(table, &size) : NULL;
	kern_return_t result = 0, kr = kIOReturnBadArgument;
	if (n && p && size <= sizeof(io_struct_inband_t))
		kr = io_service_add_notification_bin(n->main, name_of(name, kind), p, size, n->port, r, 3, it);
	else if (n && p)
		kr = io_service_add_notification_ool(n->main, name_of(name, kind), p, size, n->port, r, 3, &result, it);
	free(p);
	if (table)
		CFRelease(table);
	return kr ? kr : result;
}
kern_return_t IOServiceAddInterestNotification(IONotificationPortRef n, io_service_t s, const io_name_t kind,
	IOServiceInterestCallback call, void *refcon, io_object_t *note)
{
	io_reference_t r = { 0, (uint64_t)call, (uint64_t)refcon, s };
	io_name_t name;
	return n ? io_service_add_interest_notification(s, name_of(name, kind), n->port, r, 4, note) : kIOReturnBadArgument;
}
