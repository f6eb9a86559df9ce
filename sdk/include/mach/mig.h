/* How MIG's servers describe themselves. */
#ifndef _MACH_MIG_H_
#define _MACH_MIG_H_
#include <mach/port.h>
#include <mach/message.h>
#include <mach/mach_types.h>
/* The output of Apple's MIG asks: are messages checked, and their structs packed? */
#ifndef __MigTypeCheck
#define __MigTypeCheck 1
#endif
#define __MigPackStructs 1
typedef void (*mig_stub_routine_t)(mach_msg_header_t *in, mach_msg_header_t *out);
typedef mig_stub_routine_t mig_routine_t;
typedef mig_routine_t (*mig_server_routine_t)(mach_msg_header_t *in);
typedef kern_return_t (*mig_impl_routine_t)(void);
typedef void *routine_arg_descriptor, *routine_arg_descriptor_t, *mig_routine_arg_descriptor_t;
#define MIG_ROUTINE_ARG_DESCRIPTOR_NULL ((mig_routine_arg_descriptor_t)0)
struct routine_descriptor {
	mig_impl_routine_t impl_routine;
	mig_stub_routine_t stub_routine;
	unsigned argc, descr_count;
	void *arg_descr;
	unsigned max_reply_msg;
};
typedef struct routine_descriptor *routine_descriptor_t, mig_routine_descriptor, *mig_routine_descriptor_t;
#define MIG_ROUTINE_DESCRIPTOR_NULL ((mig_routine_descriptor_t)0)
typedef struct mig_subsystem {
	mig_server_routine_t server;
	mach_msg_id_t start, end;
	mach_msg_size_t maxsize;
	vm_address_t reserved;
	struct routine_descriptor routine[1];
} *mig_subsystem_t;
typedef struct { char *name; int number; } mig_symtab_t;
mach_port_t mig_get_reply_port(void);
void mig_dealloc_reply_port(mach_port_t);
void mig_put_reply_port(mach_port_t);
void mig_allocate(vm_address_t *, vm_size_t); /* 0 when there is no memory */
void mig_deallocate(vm_address_t, vm_size_t);
/* Strings of at most len bytes, their zero included; how many that is. */
int mig_strncpy(char *dest, const char *src, int len);
int mig_strncpy_zerofill(char *dest, const char *src, int len);
#endif
