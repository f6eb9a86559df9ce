/*
 * Mach, the part that is traps and thin layers over traps. Routines that are
 * messages to kernel objects come from MIG; mach_vm_region alone is written out
 * here, because Go's profiler needs it.
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
	int trap = opt & ~(MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT);
	mach_msg_return_t r = mach_msg_trap(msg, trap, send, rcv, name, timeout, notify);
	if (likely(r == MACH_MSG_SUCCESS))
		return r;
	if (!(opt & MACH_SEND_INTERRUPT))
		while (r == MACH_SEND_INTERRUPTED)
			r = mach_msg_trap(msg, trap, send, rcv, name, timeout, notify);
	if (!(opt & MACH_RCV_INTERRUPT))
		while (r == MACH_RCV_INTERRUPTED)
			r = mach_msg_trap(msg, trap & ~MACH_SEND_MSG, 0, rcv, name, timeout, notify);
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
			if (d->deallocate || d->copy == MACH_MSG_ALLOCATE)
				mach_vm_deallocate(mach_task_self_, (uintptr_t)d->address, d->size);
			p += sizeof *d;
			break;
		}
		case MACH_MSG_OOL_PORTS_DESCRIPTOR: {
			mach_msg_ool_ports_descriptor_t *d = (void *)p;
			mach_port_t *l = d->address;
			for (unsigned j = 0; l && j < d->count; j++)
				drop(l[j], d->disposition);
			if (d->deallocate || d->copy == MACH_MSG_ALLOCATE)
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

/* vm_* differ from mach_vm_* by type names only. */
kern_return_t vm_allocate(vm_map_t t, vm_address_t *a, vm_size_t n, int f) { return mach_vm_allocate(t, (mach_vm_address_t *)a, n, f); }
kern_return_t vm_deallocate(vm_map_t t, vm_address_t a, vm_size_t n) { return mach_vm_deallocate(t, a, n); }
kern_return_t vm_protect(vm_map_t t, vm_address_t a, vm_size_t n, boolean_t m, vm_prot_t p) { return mach_vm_protect(t, a, n, m, p); }

/*
 * Six arguments go with the trap; what it leaves out has the usual values:
 * no object, no copy, all as maximum protection, copy on inheritance.
 */
kern_return_t _kernelrpc_mach_vm_map_trap(vm_map_t, mach_vm_address_t *, mach_vm_size_t, mach_vm_offset_t, int, vm_prot_t);
kern_return_t mach_vm_map(vm_map_t t, mach_vm_address_t *a, mach_vm_size_t n, mach_vm_offset_t mask, int flags,
    mem_entry_name_port_t obj, memory_object_offset_t off, boolean_t copy, vm_prot_t cur, vm_prot_t max, vm_inherit_t inh)
{
	if (obj || copy || max != VM_PROT_ALL || inh != VM_INHERIT_DEFAULT)
		return KERN_NOT_SUPPORTED; /* by message only, which MIG's stub will send */
	return _kernelrpc_mach_vm_map_trap(t, a, n, mask, flags, cur);
}

#define MACH_VM_REGION 4816
kern_return_t mach_vm_region(vm_map_t task, mach_vm_address_t *addr, mach_vm_size_t *size, vm_region_flavor_t flavor,
    vm_region_info_t info, mach_msg_type_number_t *count, mach_port_t *object)
{
#pragma pack(push, 4)
	union {
		struct {
			mach_msg_header_t head;
			NDR_record_t ndr;
			mach_vm_address_t addr;
			int flavor;
			mach_msg_type_number_t count;
		} in;
		struct {
			mach_msg_header_t head;
			mach_msg_body_t body;
			mach_msg_port_descriptor_t object;
			NDR_record_t ndr;
			mach_vm_address_t addr;
			mach_vm_size_t size;
			mach_msg_type_number_t count;
			int info[10];
			mach_msg_trailer_t trailer;
		} out;
		struct {
			mach_msg_header_t head;
			NDR_record_t ndr;
			kern_return_t code;
		} err;
	} m;
#pragma pack(pop)
	memset(&m.in, 0, sizeof m.in);
	m.in.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	m.in.head.msgh_remote_port = task;
	m.in.head.msgh_local_port = mig_get_reply_port();
	m.in.head.msgh_id = MACH_VM_REGION;
	m.in.ndr = NDR_record;
	m.in.addr = *addr;
	m.in.flavor = flavor;
	m.in.count = *count < 10 ? *count : 10;
	kern_return_t r = mach_msg(&m.in.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof m.in, sizeof m,
	    m.in.head.msgh_local_port, 0, 0);
	if (r)
		return r;
	if (m.out.head.msgh_id != MACH_VM_REGION + 100)
		return -301; /* MIG_REPLY_MISMATCH */
	if (!(m.out.head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return m.err.code ? m.err.code : -300; /* MIG_TYPE_ERROR */
	if (m.out.count > 10 || m.out.count > *count)
		return -300;
	*addr = m.out.addr;
	*size = m.out.size;
	*object = m.out.object.name;
	*count = m.out.count;
	memcpy(info, m.out.info, m.out.count * sizeof(int));
	return KERN_SUCCESS;
}

char *mach_error_string(mach_error_t e)
{
	static const char *const text[] = { "(os/kern) successful", "(os/kern) invalid address",
		"(os/kern) protection failure", "(os/kern) no space available", "(os/kern) invalid argument",
		"(os/kern) failure", "(os/kern) resource shortage", "(os/kern) not receiver", "(os/kern) no access",
		"(os/kern) memory failure", "(os/kern) memory error", "(os/kern) already in set", "(os/kern) not in set",
		"(os/kern) name exists", "(os/kern) aborted", "(os/kern) invalid name", "(os/kern) invalid task",
		"(os/kern) invalid right", "(os/kern) invalid value", "(os/kern) urefs overflow",
		"(os/kern) invalid capability", "(os/kern) right exists", "(os/kern) invalid host",
		"(os/kern) memory present" };
	return (char *)((unsigned)e < countof(text) ? text[e] : "unknown error code");
}
