/* The instance variable, and what the kernel does for loadable kernel servers. ksp is
 * the address of an instance variable, whose first field is a kern_server_t. */
#ifndef _KERNSERV_KERN_SERVER_TYPES_H
#define _KERNSERV_KERN_SERVER_TYPES_H
#if !defined(KERNEL) || !defined(MACH)
#error "kernel servers are compiled with -DKERNEL -DKERNEL_FEATURES -DMACH"
#endif
#include <mach_types.h>
#include <sys/message.h>
#include <mach/mach.h>
#include <kernserv/prototypes.h>

/* What it points to is kern_loader's. */
typedef struct kern_server *kern_server_t;

/* A handler gets the message and the mapping's argument, a server interface the
 * message (with the argument as its msg_local_port) and room for the reply. */
typedef boolean_t (*port_map_proc_t)();
typedef boolean_t (*port_death_proc_t)(port_name_t port);
typedef char *panic_msg_t;

extern port_t kern_serv_bootstrap_port(void *ksp);
extern port_t kern_serv_local_port(void *ksp);
extern port_t kern_serv_notify_port(void *ksp);
extern port_set_name_t kern_serv_port_set(void *ksp);
extern task_t kern_serv_kernel_task_port(void);
extern kern_return_t kern_serv_callout(void *ksp, void (*func)(void *), void *arg);
extern void kern_serv_log(void *ksp, int log_level, char *format, ...);
extern kern_return_t kern_serv_notify(void *ksp, port_t reply_port, port_t request_port);
extern kern_return_t kern_serv_panic(port_t bootstrap_port, panic_msg_t message);
extern void kern_serv_port_gone(void *ksp, port_name_t port);
extern kern_return_t kern_serv_port_proc(void *ksp, port_all_t port, port_map_proc_t function, long arg);
extern kern_return_t kern_serv_port_serv(void *ksp, port_all_t port, port_map_proc_t function, long arg);
extern kern_return_t kern_serv_wire_range(void *ksp, vm_address_t address, vm_size_t size);
extern kern_return_t kern_serv_unwire_range(void *ksp, vm_address_t address, vm_size_t size);

/* With DEBUG, ASSERT panics for an expression that is 0. panic may be defined again. */
#ifdef DEBUG
#define ASSERT(e) ((void)((e) ? 0 : (printf("assertion failed: line %d, file %s\n", __LINE__, __FILE__), panic("assertion"), 0)))
#else
#define ASSERT(e) ((void)0)
#endif

#endif
