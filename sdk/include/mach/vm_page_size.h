/* The page's size. */
#ifndef _VM_PAGE_SIZE_H_
#define _VM_PAGE_SIZE_H_
#include <mach/mach_init.h>
#define trunc_page(x) ((x) & ~vm_page_mask)
#define round_page(x) trunc_page((x) + vm_page_mask)
#define mach_vm_trunc_page(x) ((mach_vm_offset_t)(x) & ~(mach_vm_offset_t)vm_page_mask)
#define mach_vm_round_page(x) mach_vm_trunc_page((mach_vm_offset_t)(x) + vm_page_mask)
#endif
