/* Mach, all of it. */
#ifndef _MACH_MACH_H_
#define _MACH_MACH_H_
#include <mach/vm_param.h>
#include <mach/std_types.h>
#include <mach/mach_types.h>
#include <mach/mach_interface.h>
#include <mach/mach_init.h>
#include <mach/mach_traps.h>
#include <mach/mach_error.h>
#include <mach/mach_host.h>
#include <mach/host_priv.h>
#include <mach/thread_switch.h>
#include <mach/vm_page_size.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
__BEGIN_DECLS
/* In libSystem, for servers made by MIG. */
mach_msg_return_t mach_msg_server(boolean_t (*)(mach_msg_header_t *, mach_msg_header_t *), mach_msg_size_t, mach_port_t, mach_msg_options_t);
mach_msg_return_t mach_msg_server_once(boolean_t (*)(mach_msg_header_t *, mach_msg_header_t *), mach_msg_size_t, mach_port_t, mach_msg_options_t);
__END_DECLS
#endif
