/* Calls on port names that have traps. Their arguments are the traps' own. */
#include "private.h"
#include <mach/mach.h>
#define TRAP(name) kern_return_t _kernelrpc_##name##_trap
TRAP(mach_vm_allocate)(vm_map_t, mach_vm_address_t *, mach_vm_size_t, int);
TRAP(mach_vm_deallocate)(vm_map_t, mach_vm_address_t, mach_vm_size_t);
TRAP(mach_vm_protect)(vm_map_t, mach_vm_address_t, mach_vm_size_t, boolean_t, vm_prot_t);
TRAP(mach_port_allocate)(ipc_space_t, mach_port_right_t, mach_port_name_t *);
TRAP(mach_port_deallocate)(ipc_space_t, mach_port_name_t);
TRAP(mach_port_mod_refs)(ipc_space_t, mach_port_name_t, mach_port_right_t, mach_port_delta_t);
TRAP(mach_port_move_member)(ipc_space_t, mach_port_name_t, mach_port_name_t);
TRAP(mach_port_insert_right)(ipc_space_t, mach_port_name_t, mach_port_t, mach_msg_type_name_t);
TRAP(mach_port_insert_member)(ipc_space_t, mach_port_name_t, mach_port_name_t);
TRAP(mach_port_extract_member)(ipc_space_t, mach_port_name_t, mach_port_name_t);
TRAP(mach_port_construct)(ipc_space_t, mach_port_options_t *, uint64_t, mach_port_name_t *);
TRAP(mach_port_destruct)(ipc_space_t, mach_port_name_t, mach_port_delta_t, uint64_t);
TRAP(mach_port_guard)(ipc_space_t, mach_port_name_t, uint64_t, boolean_t);
TRAP(mach_port_unguard)(ipc_space_t, mach_port_name_t, uint64_t);
TRAP(mach_port_type)(ipc_space_t, mach_port_name_t, mach_port_type_t *);
TRAP(mach_port_get_attributes)(ipc_space_t, mach_port_name_t, mach_port_flavor_t, mach_port_info_t, mach_msg_type_number_t *);
TRAP(mach_port_request_notification)(ipc_space_t, mach_port_name_t, mach_msg_id_t, mach_port_mscount_t, mach_port_t,
    mach_msg_type_name_t, mach_port_t *);

kern_return_t mach_vm_allocate(vm_map_t t, mach_vm_address_t *a, mach_vm_size_t n, int f) { return _kernelrpc_mach_vm_allocate_trap(t, a, n, f); }
kern_return_t mach_vm_deallocate(vm_map_t t, mach_vm_address_t a, mach_vm_size_t n) { return _kernelrpc_mach_vm_deallocate_trap(t, a, n); }
kern_return_t mach_vm_protect(vm_map_t t, mach_vm_address_t a, mach_vm_size_t n, boolean_t m, vm_prot_t p) { return _kernelrpc_mach_vm_protect_trap(t, a, n, m, p); }
kern_return_t mach_port_allocate(ipc_space_t t, mach_port_right_t r, mach_port_name_t *n) { return _kernelrpc_mach_port_allocate_trap(t, r, n); }
kern_return_t mach_port_deallocate(ipc_space_t t, mach_port_name_t n) { return _kernelrpc_mach_port_deallocate_trap(t, n); }
kern_return_t mach_port_mod_refs(ipc_space_t t, mach_port_name_t n, mach_port_right_t r, mach_port_delta_t d) { return _kernelrpc_mach_port_mod_refs_trap(t, n, r, d); }
kern_return_t mach_port_move_member(ipc_space_t t, mach_port_name_t n, mach_port_name_t s) { return _kernelrpc_mach_port_move_member_trap(t, n, s); }
kern_return_t mach_port_insert_right(ipc_space_t t, mach_port_name_t n, mach_port_t p, mach_msg_type_name_t d) { return _kernelrpc_mach_port_insert_right_trap(t, n, p, d); }
kern_return_t mach_port_insert_member(ipc_space_t t, mach_port_name_t n, mach_port_name_t s) { return _kernelrpc_mach_port_insert_member_trap(t, n, s); }
kern_return_t mach_port_extract_member(ipc_space_t t, mach_port_name_t n, mach_port_name_t s) { return _kernelrpc_mach_port_extract_member_trap(t, n, s); }
kern_return_t mach_port_construct(ipc_space_t t, mach_port_options_t *o, mach_port_context_t c, mach_port_name_t *n) { return _kernelrpc_mach_port_construct_trap(t, o, c, n); }
kern_return_t mach_port_destruct(ipc_space_t t, mach_port_name_t n, mach_port_delta_t d, mach_port_context_t g) { return _kernelrpc_mach_port_destruct_trap(t, n, d, g); }
kern_return_t mach_port_guard(ipc_space_t t, mach_port_name_t n, mach_port_context_t g, boolean_t s) { return _kernelrpc_mach_port_guard_trap(t, n, g, s); }
kern_return_t mach_port_unguard(ipc_space_t t, mach_port_name_t n, mach_port_context_t g) { return _kernelrpc_mach_port_unguard_trap(t, n, g); }
kern_return_t mach_port_type(ipc_space_t t, mach_port_name_t n, mach_port_type_t *p) { return _kernelrpc_mach_port_type_trap(t, n, p); }
kern_return_t mach_port_get_attributes(ipc_space_t t, mach_port_name_t n, mach_port_flavor_t f, mach_port_info_t i, mach_msg_type_number_t *c) { return _kernelrpc_mach_port_get_attributes_trap(t, n, f, i, c); }
kern_return_t mach_port_request_notification(ipc_space_t t, mach_port_name_t n, mach_msg_id_t id, mach_port_mscount_t s,
    mach_port_t p, mach_msg_type_name_t d, mach_port_t *old)
{
	return _kernelrpc_mach_port_request_notification_trap(t, n, id, s, p, d, old);
}
