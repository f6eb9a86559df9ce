/* Kernel memory by size. */
#ifndef _KERN_KALLOC_H_
#define _KERN_KALLOC_H_
#include <mach/mach_types.h>
__BEGIN_DECLS
void *kalloc(vm_size_t size);
void *kget(int size);
void kfree(void *addr, vm_size_t size);
__END_DECLS
#endif
