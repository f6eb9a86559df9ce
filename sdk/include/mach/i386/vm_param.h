/* Pages and addresses of x86-64. */
#ifndef _MACH_I386_VM_PARAM_H_
#define _MACH_I386_VM_PARAM_H_
#define BYTE_SIZE 8
#define I386_PGBYTES 4096
#define I386_PGSHIFT 12
#define PAGE_SHIFT I386_PGSHIFT
#define PAGE_SIZE I386_PGBYTES
#define PAGE_MASK (PAGE_SIZE - 1)
#define PAGE_MAX_SHIFT 14
#define PAGE_MAX_SIZE (1 << PAGE_MAX_SHIFT)
#define PAGE_MAX_MASK (PAGE_MAX_SIZE - 1)
#define PAGE_MIN_SHIFT 12
#define PAGE_MIN_SIZE (1 << PAGE_MIN_SHIFT)
#define PAGE_MIN_MASK (PAGE_MIN_SIZE - 1)
#define VM_MIN_ADDRESS64 ((user_addr_t)0x0000000000000000ULL)
#define VM_MAX_PAGE_ADDRESS ((user_addr_t)0x00007FFFFFE00000ULL)
#define MACH_VM_MIN_ADDRESS ((mach_vm_offset_t)0)
#define MACH_VM_MAX_ADDRESS ((mach_vm_offset_t)VM_MAX_PAGE_ADDRESS)
#define VM_MIN_ADDRESS ((vm_offset_t)0)
#define VM_MAX_ADDRESS ((vm_offset_t)0xFFE00000) /* of 32-bit programs */
#endif
