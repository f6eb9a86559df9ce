/* Types and return codes of Mach 2.5, for kernel servers. Pointers have eight
 * bytes here: vm_address_t and what holds one are as wide. */
#ifndef _MACH_TYPES_H
#define _MACH_TYPES_H

typedef int boolean_t;
typedef int kern_return_t;
typedef unsigned int port_name_t;
typedef port_name_t port_t, port_all_t, port_set_name_t, port_rcv_t;
typedef unsigned long vm_address_t, vm_size_t, vm_offset_t, pointer_t;
typedef struct task *task_t;
typedef struct thread *thread_t;
typedef task_t vm_task_t;
typedef char *caddr_t;

#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif
#ifndef NULL
#define NULL ((void *)0)
#endif
#define PORT_NULL ((port_t)0)
#define TASK_NULL ((task_t)0)
#define THREAD_NULL ((thread_t)0)

#define KERN_SUCCESS 0
#define KERN_INVALID_ADDRESS 1
#define KERN_PROTECTION_FAILURE 2
#define KERN_NO_SPACE 3
#define KERN_INVALID_ARGUMENT 4
#define KERN_FAILURE 5
#define KERN_RESOURCE_SHORTAGE 6
#define KERN_NOT_RECEIVER 7
#define KERN_NO_ACCESS 8
#define KERN_ALREADY_IN_SET 11
#define KERN_NOT_IN_SET 12
#define KERN_NAME_EXISTS 13

#endif
