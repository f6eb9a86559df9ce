/* Calls on port names. */
#ifndef _MACH_MACH_PORT_H_
#define _MACH_MACH_PORT_H_
#include <mach/port.h>
#include <mach/message.h>
__BEGIN_DECLS
kern_return_t mach_port_allocate(ipc_space_t, mach_port_right_t, mach_port_name_t *);
kern_return_t mach_port_deallocate(ipc_space_t, mach_port_name_t);
kern_return_t mach_port_destroy(ipc_space_t, mach_port_name_t);
kern_return_t mach_port_mod_refs(ipc_space_t, mach_port_name_t, mach_port_right_t, mach_port_delta_t);
kern_return_t mach_port_get_refs(ipc_space_t, mach_port_name_t, mach_port_right_t, mach_port_urefs_t *);
kern_return_t mach_port_move_member(ipc_space_t, mach_port_name_t, mach_port_name_t);
kern_return_t mach_port_insert_right(ipc_space_t, mach_port_name_t, mach_port_t, mach_msg_type_name_t);
kern_return_t mach_port_insert_member(ipc_space_t, mach_port_name_t, mach_port_name_t);
kern_return_t mach_port_extract_member(ipc_space_t, mach_port_name_t, mach_port_name_t);
kern_return_t mach_port_construct(ipc_space_t, mach_port_options_t *, mach_port_context_t, mach_port_name_t *);
kern_return_t mach_port_destruct(ipc_space_t, mach_port_name_t, mach_port_delta_t, mach_port_context_t);
kern_return_t mach_port_guard(ipc_space_t, mach_port_name_t, mach_port_context_t, boolean_t);
kern_return_t mach_port_unguard(ipc_space_t, mach_port_name_t, mach_port_context_t);
kern_return_t mach_port_type(ipc_space_t, mach_port_name_t, mach_port_type_t *);
kern_return_t mach_port_get_attributes(ipc_space_t, mach_port_name_t, mach_port_flavor_t, mach_port_info_t, mach_msg_type_number_t *);
kern_return_t mach_port_request_notification(ipc_space_t, mach_port_name_t, mach_msg_id_t, mach_port_mscount_t,
    mach_port_t, mach_msg_type_name_t, mach_port_t *);
__END_DECLS
#endif
