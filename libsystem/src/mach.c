/*
 * Mach, the part that is traps and thin layers over traps: a task's own ports,
 * sending and receiving. Routines that are messages to kernel objects are made by
 * MIG, in the directory mig.
 */
#include "private.h"
#include <errno.h>
#include <string.h>
#include <mach/mach.h>
#include <mach/mach_time.h>

mach_port_t bootstrap_port;
vm_size_t vm_page_size = PAGE, vm_page_mask = PAGE - 1;
int vm_page_shift = 12;
vm_size_t vm_kernel_page_size = PAGE, vm_kernel_page_mask = PAGE - 1;
int vm_kernel_page_shift = 12;
NDR_record_t NDR_record = { 0, 0, 0, 0, 1, 0, 0, 0 };

mach_port_t mach_host_self(void) { return host_self_trap(); }
mach_port_t mach_thread_self(void) { return thread_self_trap(); }
#undef mach_task_self
mach_port_t mach_task_self(void) { return mach_task_self_; }
kern_return_t host_page_size(host_t h, vm_size_t *n) { *n = PAGE; return KERN_SUCCESS; }

/* At a process's start, and in a forked child: none of the names is the parent's. */
void mach_init_ports(void)
{
	mach_task_self_ = task_self_trap();
	bootstrap_port = MACH_PORT_NULL;
	task_get_special_port(mach_task_self_, TASK_BOOTSTRAP_PORT, &bootstrap_port);
}
int mach_init(void) { return 0; }

/* A thread keeps one port for replies. */
mach_port_t mig_get_reply_port(void)
{
	mach_port_t p = (uintptr_t)tsd_get(TSD_MIG_REPLY);
	if (p == MACH_PORT_NULL)
		tsd_set(TSD_MIG_REPLY, (void *)(uintptr_t)(p = mach_reply_port()));
	return p;
}
void mig_put_reply_port(mach_port_t p) {}
void mig_dealloc_reply_port(mach_port_t p)
{
	mach_port_t mine = (uintptr_t)tsd_get(TSD_MIG_REPLY);
	if (mine && (p == mine || p == MACH_PORT_NULL)) {
		tsd_set(TSD_MIG_REPLY, NULL);
		mach_port_mod_refs(mach_task_self_, mine, MACH_PORT_RIGHT_RECEIVE, -1);
	}
}

/* And one that lends its priority to whom it waits for (<mach/mach_sync_ipc.h>). */
mach_port_t mig_get_special_reply_port(void)
{
	mach_port_t p = (uintptr_t)tsd_get(TSD_SPECIAL_REPLY);
	if (p == MACH_PORT_NULL)
		tsd_set(TSD_SPECIAL_REPLY, (void *)(uintptr_t)(p = thread_get_special_reply_port()));
	return p;
}
void mig_dealloc_special_reply_port(mach_port_t p)
{
	mach_port_t mine = (uintptr_t)tsd_get(TSD_SPECIAL_REPLY);
	if (mine == MACH_PORT_NULL)
		return;
	tsd_set(TSD_SPECIAL_REPLY, NULL);
	mach_port_mod_refs(mach_task_self(), mine, MACH_PORT_RIGHT_RECEIVE, -1);
	if (p != mine)
		mach_port_deallocate(mach_task_self(), p);
}

/* mach_msg_trap, its arguments in four registers. */
mach_msg_return_t __puggle_mach_msg(mach_msg_header_t *, uint64_t option_and_send, uint64_t rcv_and_name,
    uint64_t timeout_and_priority);

/*
 * The trap returns when a signal came; unless the caller asked to be told, the
 * part that was interrupted is done again.
 */
mach_msg_return_t mach_msg_overwrite(mach_msg_header_t *msg, mach_msg_option_t opt, mach_msg_size_t send,
    mach_msg_size_t rcv, mach_port_name_t name, mach_msg_timeout_t timeout, mach_port_name_t notify,
    mach_msg_header_t *into, mach_msg_size_t limit)
{
	int trap = opt & ~(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT);
	mach_msg_return_t r = mach_msg_overwrite_trap(msg, trap, send, rcv, name, timeout, notify, into, limit);
	if (likely(r == MACH_MSG_SUCCESS))
		return r;
	if (!(opt & MACH_SEND_INTERRUPT))
		while (r == MACH_SEND_INTERRUPTED)
			r = mach_msg_overwrite_trap(msg, trap, send, rcv, name, timeout, notify, into, limit);
	if (!(opt & MACH_RCV_INTERRUPT))
		while (r == MACH_RCV_INTERRUPTED)
			r = mach_msg_overwrite_trap(msg, trap & ~MACH_SEND_MSG, 0, rcv, name, timeout, notify, into, limit);
	return r;
}
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t opt, mach_msg_size_t send, mach_msg_size_t rcv,
    mach_port_name_t name, mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	uint64_t trap = opt & ~(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT) & 0xffffffff;
	uint64_t into = rcv | (uint64_t)name << 32, when = timeout | (uint64_t)notify << 32;
	mach_msg_return_t r = __puggle_mach_msg(msg, trap | (uint64_t)send << 32, into, when);
	if (likely(r == MACH_MSG_SUCCESS))
		return r;
	if (!(opt & MACH_SEND_INTERRUPT))
		while (r == MACH_SEND_INTERRUPTED)
			r = __puggle_mach_msg(msg, trap | (uint64_t)send << 32, into, when);
	if (!(opt & MACH_RCV_INTERRUPT))
		while (r == MACH_RCV_INTERRUPTED)
			r = __puggle_mach_msg(msg, trap & ~(uint64_t)MACH_SEND_MSG, into, when);
	return r;
}
mach_msg_return_t mach_msg2_internal(void *data, mach_msg_option64_t opt, uint64_t bits, uint64_t ports, uint64_t id,
    uint64_t name, uint64_t rcv, uint64_t timeout)
{
	mach_msg_option64_t trap = opt & ~(MACH64_SEND_INTERRUPT | MACH64_RCV_INTERRUPT);
	mach_msg_return_t r = mach_msg2_trap(data, trap, bits, ports, id, name, rcv, timeout);
	if (likely(r == MACH_MSG_SUCCESS))
		return r;
	if (!(opt & MACH64_SEND_INTERRUPT))
		while (r == MACH_SEND_INTERRUPTED)
			r = mach_msg2_trap(data, trap, bits, ports, id, name, rcv, timeout);
	if (!(opt & MACH64_RCV_INTERRUPT))
		while (r == MACH_RCV_INTERRUPTED)
			r = mach_msg2_trap(data, trap & ~(MACH64_SEND_MSG | MACH64_RCV_SYNC_WAIT), (uint32_t)bits, ports, id, name, rcv, timeout);
	return r;
}
mach_msg_return_t mach_msg_send(mach_msg_header_t *m) { return mach_msg(m, MACH_SEND_MSG, m->msgh_size, 0, 0, 0, 0); }
mach_msg_return_t mach_msg_receive(mach_msg_header_t *m)
{
	return mach_msg(m, MACH_RCV_MSG, 0, m->msgh_size, m->msgh_local_port, 0, 0);
}

/* Everything that a received message carries is given back. */
static void drop(mach_port_t p, unsigned disposition)
{
	if (!MACH_PORT_VALID(p))
		return;
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		mach_port_deallocate(mach_task_self_, p);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		mach_port_mod_refs(mach_task_self_, p, MACH_PORT_RIGHT_RECEIVE, -1);
		break;
	}
}
void mach_msg_destroy(mach_msg_header_t *m)
{
	drop(m->msgh_remote_port, MACH_MSGH_BITS_REMOTE(m->msgh_bits));
	if (!(m->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *b = (void *)m;
	char *p = (char *)(b + 1), *end = (char *)m + m->msgh_size;
	for (unsigned i = 0; i < b->body.msgh_descriptor_count && p + 12 <= end; i++) {
		switch (((mach_msg_type_descriptor_t *)p)->type) {
		case MACH_MSG_PORT_DESCRIPTOR: {
			mach_msg_port_descriptor_t *d = (void *)p;
			drop(d->name, d->disposition);
			p += sizeof *d;
			break;
		}
		case MACH_MSG_OOL_DESCRIPTOR:
		case MACH_MSG_OOL_VOLATILE_DESCRIPTOR: {
			mach_msg_ool_descriptor_t *d = (void *)p;
			if (d->deallocate && d->type == MACH_MSG_OOL_DESCRIPTOR)
				mach_vm_deallocate(mach_task_self_, (uintptr_t)d->address, d->size);
			p += sizeof *d;
			break;
		}
		case MACH_MSG_OOL_PORTS_DESCRIPTOR: {
			mach_msg_ool_ports_descriptor_t *d = (void *)p;
			mach_port_t *l = d->address;
			for (unsigned j = 0; l && j < d->count; j++)
				drop(l[j], d->disposition);
			if (d->deallocate)
				mach_vm_deallocate(mach_task_self_, (uintptr_t)l, d->count * sizeof *l);
			p += sizeof *d;
			break;
		}
		default:
			return;
		}
	}
}

kern_return_t semaphore_timedwait_trap(semaphore_t, unsigned, int);
kern_return_t semaphore_timedwait_signal_trap(semaphore_t, semaphore_t, unsigned, int);
kern_return_t semaphore_timedwait(semaphore_t s, mach_timespec_t t)
{
	return semaphore_timedwait_trap(s, t.tv_sec, t.tv_nsec);
}
kern_return_t semaphore_timedwait_signal(semaphore_t w, semaphore_t s, mach_timespec_t t)
{
	return semaphore_timedwait_signal_trap(w, s, t.tv_sec, t.tv_nsec);
}

