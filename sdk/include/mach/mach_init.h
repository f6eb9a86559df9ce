/* A task's own ports. */
#ifndef _MACH_MACH_INIT_H_
#define _MACH_MACH_INIT_H_
#include <mach/mach_types.h>
#include <sys/cdefs.h>
__BEGIN_DECLS
extern mach_port_t mach_task_self_;
#define mach_task_self() mach_task_self_
#define current_task() mach_task_self()
mach_port_t mach_host_self(void);
mach_port_t mach_thread_self(void);
int mach_init(void);
mach_port_name_t mach_reply_port(void);
mach_port_t mig_get_reply_port(void);
void mig_dealloc_reply_port(mach_port_t);
void mig_put_reply_port(mach_port_t);
mach_port_t thread_get_special_reply_port(void);
extern mach_port_t bootstrap_port;
extern vm_size_t vm_page_size, vm_page_mask;
extern int vm_page_shift;
extern vm_size_t vm_kernel_page_size, vm_kernel_page_mask;
extern int vm_kernel_page_shift;
kern_return_t host_page_size(host_t, vm_size_t *);
kern_return_t host_statistics(host_t, host_flavor_t, host_info_t, mach_msg_type_number_t *);
kern_return_t mach_ports_register(task_t, mach_port_array_t, mach_msg_type_number_t);
kern_return_t mach_ports_lookup(task_t, mach_port_array_t *, mach_msg_type_number_t *);
kern_return_t clock_sleep(clock_serv_t, sleep_type_t, mach_timespec_t, mach_timespec_t *);
kern_return_t task_for_pid(mach_port_name_t, int, mach_port_name_t *);
kern_return_t task_name_for_pid(mach_port_name_t, int, mach_port_name_t *);
kern_return_t task_inspect_for_pid(mach_port_name_t, int, mach_port_name_t *);
kern_return_t task_read_for_pid(mach_port_name_t, int, mach_port_name_t *);
boolean_t mach_task_is_self(task_name_t);
kern_return_t pid_for_task(mach_port_name_t, int *);
__END_DECLS
#endif
