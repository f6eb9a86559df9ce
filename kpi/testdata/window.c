/*
 * Memory that kernel code and a program share: the program's, by a memory entry that is mapped in
 * the kernel, and a page of the kernel's own, that the program may only read.
 * test/c/src/window_child.c is the other side.
 */
#include <mach/mach_types.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <vm/vm_kern.h>

#define RW (VM_PROT_READ | VM_PROT_WRITE)
static vm_offset_t window;
static vm_offset_t page;

static int map_buffer(user_addr_t at)
{
	memory_object_size_t size = 2 * 4096, huge = 1ull << 50;
	ipc_port_t entry, other;

	if (mach_make_memory_entry_64(current_map(), &huge, at, RW, &entry, 0) == KERN_SUCCESS && huge >= 1ull << 50)
		return 1;
	if (mach_make_memory_entry_64((vm_map_t)8, &size, at, RW, &entry, 0) != KERN_INVALID_ARGUMENT)
		return 2;
	if (mach_make_memory_entry_64(current_map(), &size, at, RW, &entry, 0) != KERN_SUCCESS || size != 8192)
		return 3;
	if (mach_make_memory_entry_64(current_map(), &size, at, VM_PROT_READ, &other, 0) != KERN_SUCCESS)
		return 4;
	if (vm_map(kernel_map, &window, size, 0, VM_FLAGS_ANYWHERE, other, 0, FALSE, RW, RW, VM_INHERIT_NONE) == KERN_SUCCESS)
		return 5; /* more than the entry allows */
	mach_memory_entry_port_release(other);
	if (vm_map(kernel_map, &window, size, 0, VM_FLAGS_FIXED, entry, 0, FALSE, RW, RW, VM_INHERIT_NONE) != KERN_INVALID_ARGUMENT)
		return 6;
	if (vm_map(kernel_map, &window, size, 0, VM_FLAGS_ANYWHERE, 0, 0, FALSE, RW, RW, VM_INHERIT_NONE) == KERN_SUCCESS)
		return 7;
	if (vm_map(kernel_map, &window, size, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE, RW, RW, VM_INHERIT_NONE) != KERN_SUCCESS)
		return 8;
	mach_memory_entry_port_release(entry);
	if (strncmp((char *)window, "the program's", 14) != 0)
		return 9;
	strlcpy((char *)window + 4090, "across two pages", 20);
	return 0;
}

/* Written: where the program's buffer is; 0 ends the sharing. */
static int buffer SYSCTL_HANDLER_ARGS
{
	quad_t at = 0;
	int error = sysctl_handle_quad(oidp, &at, 0, req);

	if (error || !req->newptr)
		return error;
	if (at)
		return map_buffer(at) ? EIO : 0;
	if (vm_deallocate(kernel_map, window + 4096, 4096) == KERN_SUCCESS || vm_deallocate(kernel_map, window, 8192) != KERN_SUCCESS ||
	    vm_deallocate(kernel_map, window, 8192) != KERN_INVALID_ADDRESS)
		return EIO;
	window = 0;
	return 0;
}

/* The first number in the buffer. */
static int word SYSCTL_HANDLER_ARGS
{
	return window ? sysctl_handle_int(oidp, (int *)window, 0, req) : ENXIO;
}

/* Read: where the kernel's page is in the program now. */
static int kernels SYSCTL_HANDLER_ARGS
{
	memory_object_size_t size = 4096;
	vm_offset_t at = 0;
	ipc_port_t entry;
	quad_t v;

	strlcpy((char *)page, "the kernel's", 20);
	if (mach_make_memory_entry_64(kernel_map, &size, page, VM_PROT_READ, &entry, 0) != KERN_SUCCESS)
		return EIO;
	if (vm_map(current_map(), &at, size, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE, RW, RW, VM_INHERIT_NONE) == KERN_SUCCESS ||
	    vm_map(current_map(), &at, size, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE) != KERN_SUCCESS)
		return EIO;
	mach_memory_entry_port_release(entry);
	v = at;
	return SYSCTL_OUT(req, &v, sizeof v);
}

static int kernels_word SYSCTL_HANDLER_ARGS
{
	return sysctl_handle_int(oidp, (int *)(page + 512), 0, req);
}

SYSCTL_NODE(_debug, OID_AUTO, window, CTLFLAG_RW, 0, "shared memory");
SYSCTL_DECL(_debug_window);
SYSCTL_PROC(_debug_window, OID_AUTO, buffer, CTLTYPE_QUAD | CTLFLAG_RW, 0, 0, &buffer, "Q", "");
SYSCTL_PROC(_debug_window, OID_AUTO, word, CTLTYPE_INT | CTLFLAG_RW, 0, 0, &word, "I", "");
SYSCTL_PROC(_debug_window, OID_AUTO, kernels, CTLTYPE_QUAD | CTLFLAG_RD, 0, 0, &kernels, "Q", "");
SYSCTL_PROC(_debug_window, OID_AUTO, kernels_word, CTLTYPE_INT | CTLFLAG_RW, 0, 0, &kernels_word, "I", "");

static struct sysctl_oid *const oids[] = {&sysctl__debug_window, &sysctl__debug_window_buffer, &sysctl__debug_window_word,
	&sysctl__debug_window_kernels, &sysctl__debug_window_kernels_word};
#define NOIDS ((int)(sizeof oids / sizeof oids[0]))

static kern_return_t window_start(kmod_info_t *ki, void *data)
{
	if (kmem_alloc(kernel_map, &page, 4096) != KERN_SUCCESS)
		return KERN_FAILURE;
	for (int i = 0; i < NOIDS; i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

static kern_return_t window_stop(kmod_info_t *ki, void *data)
{
	for (int i = NOIDS - 1; i >= 0; i--)
		sysctl_unregister_oid(oids[i]);
	kmem_free(kernel_map, page, 4096);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.window, "1.0", window_start, window_stop)
