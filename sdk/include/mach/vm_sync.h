/* vm_msync's flags. */
#ifndef _MACH_VM_SYNC_H_
#define _MACH_VM_SYNC_H_
typedef unsigned vm_sync_t;
#define VM_SYNC_ASYNCHRONOUS 1
#define VM_SYNC_SYNCHRONOUS 2
#define VM_SYNC_INVALIDATE 4
#define VM_SYNC_KILLPAGES 8
#define VM_SYNC_DEACTIVATE 16
#define VM_SYNC_CONTIGUOUS 32
#define VM_SYNC_REUSABLEPAGES 64
#endif
