/* The calls of Mach that kernel servers use. */
#ifndef _MACH_MACH_H
#define _MACH_MACH_H
#include <mach_types.h>
#include <sys/message.h>

extern task_t task_self(void);
extern thread_t thread_self(void);
extern kern_return_t port_allocate(task_t task, port_name_t *port);
extern kern_return_t port_deallocate(task_t task, port_name_t port);
extern kern_return_t port_set_allocate(task_t task, port_set_name_t *set);
extern kern_return_t port_set_deallocate(task_t task, port_set_name_t set);
extern kern_return_t port_set_add(task_t task, port_set_name_t set, port_name_t port);
extern kern_return_t port_set_remove(task_t task, port_name_t port);
extern kern_return_t port_set_backlog(task_t task, port_name_t port, int backlog);
/* Out-of-line data is in the server's task, not in the kernel's map: this copies it
 * to where the server sees it (target kern_serv_kernel_task_port()), or back. */
extern kern_return_t vm_write(vm_task_t target, vm_address_t address, pointer_t data, unsigned int data_count);

#endif
