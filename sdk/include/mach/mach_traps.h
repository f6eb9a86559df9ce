/* Mach calls that are traps. */
#ifndef _MACH_MACH_TRAPS_H_
#define _MACH_MACH_TRAPS_H_
#include <mach/mach_init.h>
#include <mach/message.h>
__BEGIN_DECLS
mach_port_name_t task_self_trap(void);
mach_port_name_t thread_self_trap(void);
mach_port_name_t host_self_trap(void);
kern_return_t thread_switch(mach_port_name_t, int, mach_msg_timeout_t);
boolean_t swtch(void);
boolean_t swtch_pri(int);
mach_msg_return_t mach_msg_trap(mach_msg_header_t *, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t,
    mach_port_name_t, mach_msg_timeout_t, mach_port_name_t);
mach_msg_return_t mach_msg_overwrite_trap(mach_msg_header_t *, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t,
    mach_port_name_t, mach_msg_timeout_t, mach_port_name_t, mach_msg_header_t *, mach_msg_size_t);
/* Pairs of 32-bit values, the first in the low half. */
mach_msg_return_t mach_msg2_trap(void *data, uint64_t options, uint64_t bits_and_send_size, uint64_t remote_and_local,
    uint64_t voucher_and_id, uint64_t count_and_rcv_name, uint64_t rcv_size_and_priority, uint64_t timeout);
kern_return_t host_create_mach_voucher_trap(mach_port_name_t host, unsigned char *recipes, int recipes_size, mach_port_name_t *voucher);
kern_return_t mach_voucher_extract_attr_recipe_trap(mach_port_name_t voucher, unsigned key, unsigned char *recipe, mach_msg_type_number_t *recipe_size);
kern_return_t clock_sleep_trap(mach_port_name_t, int, int, int, mach_timespec_t *);
__END_DECLS
#endif
