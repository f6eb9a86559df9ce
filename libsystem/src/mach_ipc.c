/*
 * The mach_ipc family: the work loop, and names for the traps. A thread's
 * transaction is the kernel's; the next event completes it.
 */
#include "private.h"
#include <mach/mach.h>
#include <mach/mach_ipc.h>
#include <mach/mig_errors.h>
#include <sys/mman.h>

struct next {
	kern_return_t result;
	uint32_t reply_size;
	void *reply, *data;
	uint32_t room, timeout;
	mach_ipc_event_t event;
};
_Static_assert(sizeof(struct next) == 80, "the kernel's layout");

enum { SET = 1, NOTIFICATION, RPC };

kern_return_t mach_ipc_create_trap(int kind, const void *arg, uint32_t count, mach_port_t *name);
kern_return_t mach_ipc_next_trap(mach_port_t set, struct next *);
kern_return_t mach_ipc_post_trap(mach_port_t, const void *state, uint32_t size, int all);
kern_return_t mach_ipc_wait_trap(mach_port_t, void *state, uint32_t size, uint32_t timeout);

kern_return_t mach_ipc_set_create(mach_ipc_set_t *set) { return mach_ipc_create_trap(SET, NULL, 0, set); }

kern_return_t mach_ipc_notification_create(uint32_t size, mach_ipc_notification_t *n)
{
	return mach_ipc_create_trap(NOTIFICATION, NULL, size, n);
}

kern_return_t mach_ipc_rpc_create(const mach_ipc_format_t *formats, uint32_t count, mach_ipc_rpc_t *r)
{
	return mach_ipc_create_trap(RPC, formats, count, r);
}

kern_return_t mach_ipc_notification_post(mach_ipc_notification_t n, const void *state, uint32_t size)
{
	return mach_ipc_post_trap(n, state, size, 0);
}

kern_return_t mach_ipc_notification_wait(mach_ipc_notification_t n, void *state, uint32_t size, uint32_t timeout)
{
	return mach_ipc_wait_trap(n, state, size, timeout);
}

kern_return_t mach_ipc_semaphore_post(mach_port_t s) { return mach_ipc_post_trap(s, NULL, 0, 0); }
kern_return_t mach_ipc_semaphore_post_all(mach_port_t s) { return mach_ipc_post_trap(s, NULL, 0, 1); }
kern_return_t mach_ipc_semaphore_wait(mach_port_t s, uint32_t timeout) { return mach_ipc_wait_trap(s, NULL, 0, timeout); }

/* Receives the message of an event, unless another thread was quicker. */
static kern_return_t message(const mach_ipc_callouts_t *c, void *context, const mach_ipc_event_t *e, void *data)
{
	mach_msg_header_t *h = data;
	if (mach_msg(h, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, MACH_IPC_BLOCK_MAX, e->object, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
		return KERN_SUCCESS;
	if (c->message)
		return c->message(context, e, h);
	mach_msg_destroy(h);
	return KERN_SUCCESS;
}

kern_return_t mach_msg_dispatch(const mach_ipc_callouts_t *c, void *context, const mach_ipc_event_t *e, void *data, void *reply)
{
	switch (e->kind) {
	case MACH_IPC_MESSAGE:
		return message(c, context, e, data);
	case MACH_IPC_SEMAPHORE:
		return c->semaphore ? c->semaphore(context, e) : KERN_SUCCESS;
	case MACH_IPC_NOTIFICATION:
		return c->notification ? c->notification(context, e, data) : KERN_SUCCESS;
	case MACH_IPC_LOCK:
		return c->lock ? c->lock(context, e) : KERN_SUCCESS;
	case MACH_IPC_RPC:
		return c->rpc ? c->rpc(context, e, data, reply) : MIG_BAD_ID;
	}
	return KERN_INVALID_ARGUMENT;
}

kern_return_t mach_ipc_dispatch(mach_ipc_set_t set, const mach_ipc_callouts_t *c, void *context, uint32_t timeout)
{
	/* Data and replies: a block each. */
	char *room = mmap(NULL, 2 * MACH_IPC_BLOCK_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	if (room == MAP_FAILED)
		return KERN_RESOURCE_SHORTAGE;
	struct next n = { .data = room, .room = MACH_IPC_BLOCK_MAX, .reply = room + MACH_IPC_BLOCK_MAX, .timeout = timeout };
	kern_return_t kr;
	int stop = 0;
	for (;;) {
		kr = mach_ipc_next_trap(set, &n);
		/* What was to be completed is: a signal or an error of the reply doesn't do it twice. */
		n.result = KERN_SUCCESS;
		n.reply_size = 0;
		if (stop)
			break;
		if (kr == KERN_ABORTED)
			continue;
		if (kr != KERN_SUCCESS)
			break;
		kern_return_t r = mach_msg_dispatch(c, context, &n.event, n.data, n.reply);
		stop = r == MACH_IPC_STOP;
		if (n.event.kind == MACH_IPC_RPC) {
			n.result = stop ? KERN_SUCCESS : r;
			n.reply_size = n.event.reply_size;
		}
		if (stop)
			n.timeout = MACH_IPC_FOREVER - 1; /* only the transaction's end */
	}
	munmap(room, 2 * MACH_IPC_BLOCK_MAX);
	return stop ? KERN_SUCCESS : kr;
}
