/*
 * Calls on tasks' names and memory that have traps: the trap serves the caller's
 * own task and whatever the kernel finds by a task port; where it says that the
 * target is none of those (MACH_SEND_INVALID_DEST), the message decides. Their
 * arguments are the same.
 */
#include "private.h"
#include <mach/mach.h>
#include <servers/bootstrap.h>

#define CALL(name, params, args) \
	kern_return_t _kernelrpc_##name##_trap params; \
	kern_return_t _kernelrpc_##name params; \
	kern_return_t name params \
	{ \
		kern_return_t kr = _kernelrpc_##name##_trap args; \
		return unlikely(kr == MACH_SEND_INVALID_DEST) ? _kernelrpc_##name args : kr; \
	}

CALL(mach_vm_deallocate, (vm_map_t t, mach_vm_address_t a, mach_vm_size_t n), (t, a, n))
CALL(mach_vm_protect, (vm_map_t t, mach_vm_address_t a, mach_vm_size_t n, boolean_t m, vm_prot_t p), (t, a, n, m, p))
CALL(mach_port_deallocate, (ipc_space_t t, mach_port_name_t n), (t, n))
CALL(mach_port_mod_refs, (ipc_space_t t, mach_port_name_t n, mach_port_right_t r, mach_port_delta_t d), (t, n, r, d))
CALL(mach_port_move_member, (ipc_space_t t, mach_port_name_t n, mach_port_name_t s), (t, n, s))
CALL(mach_port_insert_right, (ipc_space_t t, mach_port_name_t n, mach_port_poly_t p, mach_msg_type_name_t d), (t, n, p, d))
CALL(mach_port_insert_member, (ipc_space_t t, mach_port_name_t n, mach_port_name_t s), (t, n, s))
CALL(mach_port_extract_member, (ipc_space_t t, mach_port_name_t n, mach_port_name_t s), (t, n, s))
CALL(mach_port_construct, (ipc_space_t t, mach_port_options_ptr_t o, uint64_t c, mach_port_name_t *n), (t, o, c, n))
CALL(mach_port_destruct, (ipc_space_t t, mach_port_name_t n, mach_port_delta_t d, uint64_t g), (t, n, d, g))
CALL(mach_port_guard, (ipc_space_t t, mach_port_name_t n, uint64_t g, boolean_t s), (t, n, g, s))
CALL(mach_port_unguard, (ipc_space_t t, mach_port_name_t n, uint64_t g), (t, n, g))
CALL(mach_port_get_attributes, (ipc_space_t t, mach_port_name_t n, mach_port_flavor_t f, mach_port_info_t i, mach_msg_type_number_t *c),
    (t, n, f, i, c))
CALL(mach_port_request_notification, (ipc_space_t t, mach_port_name_t n, mach_msg_id_t id, mach_port_mscount_t s,
    mach_port_send_once_t p, mach_msg_type_name_t d, mach_port_move_send_once_t *old), (t, n, id, s, p, d, old))

/*
 * The most usual ones that give a word take and give it in registers: the kernel's CPU need
 * not have the cache line of the caller's variable. A null pointer is the trap's to refuse.
 */
struct answer { uint64_t kr, value; };
struct answer __puggle_vm_allocate(vm_map_t, mach_vm_address_t, mach_vm_size_t, int);
uint64_t __puggle_port_allocate(ipc_space_t, mach_port_right_t);
uint64_t __puggle_port_type(ipc_space_t, mach_port_name_t);
kern_return_t _kernelrpc_mach_vm_allocate_trap(vm_map_t, mach_vm_address_t *, mach_vm_size_t, int);
kern_return_t _kernelrpc_mach_vm_allocate(vm_map_t, mach_vm_address_t *, mach_vm_size_t, int);
kern_return_t _kernelrpc_mach_port_allocate_trap(ipc_space_t, mach_port_right_t, mach_port_name_t *);
kern_return_t _kernelrpc_mach_port_allocate(ipc_space_t, mach_port_right_t, mach_port_name_t *);
kern_return_t _kernelrpc_mach_port_type_trap(ipc_space_t, mach_port_name_t, mach_port_type_t *);
kern_return_t _kernelrpc_mach_port_type(ipc_space_t, mach_port_name_t, mach_port_type_t *);

kern_return_t mach_vm_allocate(vm_map_t t, mach_vm_address_t *a, mach_vm_size_t n, int f)
{
	if (unlikely(!a))
		return _kernelrpc_mach_vm_allocate_trap(t, a, n, f);
	struct answer r = __puggle_vm_allocate(t, *a, n, f);
	if (likely(r.kr == KERN_SUCCESS))
		*a = r.value;
	return unlikely(r.kr == MACH_SEND_INVALID_DEST) ? _kernelrpc_mach_vm_allocate(t, a, n, f) : (kern_return_t)r.kr;
}

kern_return_t mach_port_allocate(ipc_space_t t, mach_port_right_t right, mach_port_name_t *n)
{
	if (unlikely(!n))
		return _kernelrpc_mach_port_allocate_trap(t, right, n);
	uint64_t r = __puggle_port_allocate(t, right);
	if (likely((kern_return_t)r == KERN_SUCCESS))
		*n = r >> 32;
	return unlikely((kern_return_t)r == MACH_SEND_INVALID_DEST) ? _kernelrpc_mach_port_allocate(t, right, n) : (kern_return_t)r;
}

kern_return_t mach_port_type(ipc_space_t t, mach_port_name_t n, mach_port_type_t *p)
{
	if (unlikely(!p))
		return _kernelrpc_mach_port_type_trap(t, n, p);
	uint64_t r = __puggle_port_type(t, n);
	if (likely((kern_return_t)r == KERN_SUCCESS))
		*p = r >> 32;
	return unlikely((kern_return_t)r == MACH_SEND_INVALID_DEST) ? _kernelrpc_mach_port_type(t, n, p) : (kern_return_t)r;
}

kern_return_t _kernelrpc_mach_task_is_self(task_name_t, boolean_t *);
boolean_t mach_task_is_self(task_name_t t)
{
	boolean_t is = FALSE;
	return t == mach_task_self() || (_kernelrpc_mach_task_is_self(t, &is) == KERN_SUCCESS && is);
}

/*
 * The trap takes six arguments; what it leaves out has the usual values: no
 * object, no copy, all as maximum protection, copy on inheritance.
 */
kern_return_t _kernelrpc_mach_vm_map_trap(vm_map_t, mach_vm_address_t *, mach_vm_size_t, mach_vm_offset_t, int, vm_prot_t);
kern_return_t _kernelrpc_mach_vm_map(vm_map_t, mach_vm_address_t *, mach_vm_size_t, mach_vm_offset_t, int, mem_entry_name_port_t,
    memory_object_offset_t, boolean_t, vm_prot_t, vm_prot_t, vm_inherit_t);
kern_return_t mach_vm_map(vm_map_t t, mach_vm_address_t *a, mach_vm_size_t n, mach_vm_offset_t mask, int flags,
    mem_entry_name_port_t obj, memory_object_offset_t off, boolean_t copy, vm_prot_t cur, vm_prot_t max, vm_inherit_t inh)
{
	if (obj == MACH_PORT_NULL && max == VM_PROT_ALL && inh == VM_INHERIT_DEFAULT) {
		kern_return_t r = _kernelrpc_mach_vm_map_trap(t, a, n, mask, flags, cur);
		if (r != MACH_SEND_INVALID_DEST)
			return r;
	}
	return _kernelrpc_mach_vm_map(t, a, n, mask, flags, obj, off, copy, cur, max, inh);
}

/* vm_* differ from mach_vm_* by type names only. */
kern_return_t vm_allocate(vm_map_t t, vm_address_t *a, vm_size_t n, int f) { return mach_vm_allocate(t, (mach_vm_address_t *)a, n, f); }
kern_return_t vm_deallocate(vm_map_t t, vm_address_t a, vm_size_t n) { return mach_vm_deallocate(t, a, n); }
kern_return_t vm_protect(vm_map_t t, vm_address_t a, vm_size_t n, boolean_t m, vm_prot_t p) { return mach_vm_protect(t, a, n, m, p); }

/* Three ports by name, in messages; an array of them here. */
kern_return_t _kernelrpc_mach_ports_register3(task_t, mach_port_t, mach_port_t, mach_port_t);
kern_return_t _kernelrpc_mach_ports_lookup3(task_t, mach_port_t *, mach_port_t *, mach_port_t *);
kern_return_t mach_ports_register(task_t t, mach_port_array_t l, mach_msg_type_number_t n)
{
	mach_port_t p[TASK_PORT_REGISTER_MAX] = { 0 };
	if (n > TASK_PORT_REGISTER_MAX)
		return KERN_INVALID_ARGUMENT;
	for (unsigned i = 0; i < n; i++)
		p[i] = l[i];
	return _kernelrpc_mach_ports_register3(t, p[0], p[1], p[2]);
}
/* The array is the caller's, to be given back by vm_deallocate. */
kern_return_t mach_ports_lookup(task_t t, mach_port_array_t *l, mach_msg_type_number_t *n)
{
	vm_address_t a = 0;
	kern_return_t r = vm_allocate(mach_task_self_, &a, TASK_PORT_REGISTER_MAX * sizeof **l, VM_FLAGS_ANYWHERE);
	if (r != KERN_SUCCESS)
		return r;
	mach_port_t *p = (mach_port_t *)a;
	if ((r = _kernelrpc_mach_ports_lookup3(t, p, p + 1, p + 2)) != KERN_SUCCESS) {
		vm_deallocate(mach_task_self_, a, TASK_PORT_REGISTER_MAX * sizeof **l);
		return r;
	}
	*l = p;
	*n = TASK_PORT_REGISTER_MAX;
	return KERN_SUCCESS;
}

kern_return_t clock_sleep(clock_serv_t c, sleep_type_t how, mach_timespec_t t, mach_timespec_t *wake)
{
	return clock_sleep_trap(c, how, t.tv_sec, t.tv_nsec, wake);
}
