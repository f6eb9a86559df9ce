/* Pages. */
#ifndef _MACH_VM_PARAM_H_
#define _MACH_VM_PARAM_H_

#include <mach/mach_types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096
#define PAGE_MASK (PAGE_SIZE - 1)
#define PAGE_SIZE_64 4096ULL
#define PAGE_MASK_64 (PAGE_SIZE_64 - 1)
#define round_page(x) (((vm_offset_t)(x) + PAGE_MASK) & ~(vm_offset_t)PAGE_MASK)
#define trunc_page(x) ((vm_offset_t)(x) & ~(vm_offset_t)PAGE_MASK)
#define round_page_64(x) (((uint64_t)(x) + PAGE_MASK_64) & ~PAGE_MASK_64)
#define trunc_page_64(x) ((uint64_t)(x) & ~PAGE_MASK_64)
#define atop(x) ((vm_offset_t)(x) >> PAGE_SHIFT)
#define ptoa(x) ((vm_offset_t)(x) << PAGE_SHIFT)

__BEGIN_DECLS
extern vm_size_t page_size;
extern vm_size_t page_mask;
extern int page_shift;
__END_DECLS

#endif
