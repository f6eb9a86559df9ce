/* Pages of kernel memory. */
#ifndef _VM_VM_KERN_H_
#define _VM_VM_KERN_H_
#include <mach/mach_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
__BEGIN_DECLS
extern vm_map_t kernel_map;
vm_map_t current_map(void);
kern_return_t kmem_alloc(vm_map_t map, vm_offset_t *addrp, vm_size_t size);
kern_return_t kmem_alloc_wired(vm_map_t map, vm_offset_t *addrp, vm_size_t size);
kern_return_t kmem_alloc_pageable(vm_map_t map, vm_offset_t *addrp, vm_size_t size);
kern_return_t kmem_alloc_aligned(vm_map_t map, vm_offset_t *addrp, vm_size_t size);
kern_return_t kmem_alloc_contig(vm_map_t map, vm_offset_t *addrp, vm_size_t size, vm_offset_t mask, int flags);
void kmem_free(vm_map_t map, vm_offset_t addr, vm_size_t size);
/* Memory that kernel code shares with the program that it works for. */
kern_return_t mach_make_memory_entry_64(vm_map_t target_map, memory_object_size_t *size, memory_object_offset_t offset, vm_prot_t permission,
	ipc_port_t *object_handle, ipc_port_t parent_handle);
void mach_memory_entry_port_release(ipc_port_t port);
kern_return_t vm_map(vm_map_t target_map, vm_offset_t *address, vm_size_t size, vm_offset_t mask, int flags, ipc_port_t port, vm_offset_t offset,
	boolean_t copy, vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance);
kern_return_t vm_deallocate(vm_map_t map, vm_offset_t start, vm_size_t size);
__END_DECLS
#endif
