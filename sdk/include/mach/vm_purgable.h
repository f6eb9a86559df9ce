/* Memory that the kernel may take away. */
#ifndef _MACH_VM_PURGABLE_H_
#define _MACH_VM_PURGABLE_H_
typedef int vm_purgable_t;
#define VM_PURGABLE_SET_STATE 0
#define VM_PURGABLE_GET_STATE 1
#define VM_PURGABLE_PURGE_ALL 2
#define VM_PURGABLE_STATE_MASK 3
#define VM_PURGABLE_NONVOLATILE 0
#define VM_PURGABLE_VOLATILE 1
#define VM_PURGABLE_EMPTY 2
#define VM_PURGABLE_DENY 3
#endif
