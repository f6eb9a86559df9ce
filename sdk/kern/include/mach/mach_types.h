/* Types of Mach, as kernel code sees them. */
#ifndef _MACH_MACH_TYPES_H_
#define _MACH_MACH_TYPES_H_

#include <sys/types.h>

typedef int kern_return_t;
typedef int boolean_t;
typedef unsigned int natural_t;
typedef int integer_t;
typedef unsigned long vm_offset_t;
typedef unsigned long vm_address_t;
typedef unsigned long vm_size_t;
typedef int vm_prot_t;
typedef struct thread *thread_t;
typedef struct thread *thread_act_t;
typedef struct task *task_t;
typedef struct vm_map *vm_map_t;
typedef struct semaphore *semaphore_t;
typedef struct lock_set *lock_set_t;
typedef struct ipc_port *ipc_port_t;
typedef unsigned long long memory_object_offset_t;
typedef unsigned long long memory_object_size_t;
typedef unsigned int vm_inherit_t;
typedef natural_t mach_port_name_t;
typedef natural_t mach_msg_type_number_t;
typedef void *event_t;
typedef int wait_result_t;
typedef int wait_interrupt_t;

#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif

#define KERN_SUCCESS 0
#define KERN_INVALID_ADDRESS 1
#define KERN_PROTECTION_FAILURE 2
#define KERN_NO_SPACE 3
#define KERN_INVALID_ARGUMENT 4
#define KERN_FAILURE 5
#define KERN_RESOURCE_SHORTAGE 6
#define KERN_NOT_RECEIVER 7
#define KERN_NO_ACCESS 8
#define KERN_MEMORY_FAILURE 9
#define KERN_ABORTED 14
#define KERN_TERMINATED 37
#define KERN_LOCK_SET_DESTROYED 38
#define KERN_LOCK_UNSTABLE 39
#define KERN_LOCK_OWNED 40
#define KERN_LOCK_OWNED_SELF 41
#define KERN_NOT_WAITING 48
#define KERN_OPERATION_TIMED_OUT 49

#define THREAD_WAITING (-1)
#define THREAD_AWAKENED 0
#define THREAD_TIMED_OUT 1
#define THREAD_INTERRUPTED 2
#define THREAD_RESTART 3
#define THREAD_SHOULD_TERMINATE THREAD_INTERRUPTED

#define THREAD_UNINT 0
#define THREAD_INTERRUPTIBLE 1
#define THREAD_ABORTSAFE 2

typedef struct mach_timespec {
	unsigned int tv_sec;
	int tv_nsec;
} mach_timespec_t;

#include <mach/kmod.h>

#endif
