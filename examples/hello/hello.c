/*
 * The smallest kernel extension: it says hello when it is loaded and goodbye when it
 * is unloaded. See README.md.
 */
#include <IOKit/IOLib.h>
#include <mach/mach_types.h>

static kern_return_t hello_start(kmod_info_t *ki, void *data)
{
	IOLog("Hello, kernel! I am %s, at %#lx, %lu bytes.\n", ki->name, ki->address, ki->size);
	return KERN_SUCCESS;
}

static kern_return_t hello_stop(kmod_info_t *ki, void *data)
{
	IOLog("Goodbye, kernel!\n");
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.hello, "1.0", hello_start, hello_stop)
