/*
 * The smallest kernel extension that one can see from a program: it says hello when it is
 * loaded and goodbye when it is unloaded, and in between there is a sysctl hw.l2cr. See
 * README.md.
 */
#include <IOKit/IOLib.h>
#include <mach/mach_types.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

static unsigned int L2CR = 0x80000000; /* the register, if there were one */

static int sysctl_l2cr SYSCTL_HANDLER_ARGS
{
	int error = sysctl_handle_int(oidp, oidp->oid_arg1, oidp->oid_arg2, req);

	if (!error && req->newptr)
		printf("hw.l2cr is now %#x\n", L2CR);
	return error;
}

SYSCTL_PROC(_hw, OID_AUTO, l2cr, CTLTYPE_INT | CTLFLAG_RW, &L2CR, 0, &sysctl_l2cr, "I", "L2 Cache Register");

static kern_return_t hello_start(kmod_info_t *ki, void *data)
{
	IOLog("Hello, kernel! I am %s, at %#lx, %lu bytes.\n", ki->name, ki->address, ki->size);
	sysctl_register_oid(&sysctl__hw_l2cr);
	return KERN_SUCCESS;
}

static kern_return_t hello_stop(kmod_info_t *ki, void *data)
{
	sysctl_unregister_oid(&sysctl__hw_l2cr);
	IOLog("Goodbye, kernel!\n");
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.hello, "1.0", hello_start, hello_stop)
