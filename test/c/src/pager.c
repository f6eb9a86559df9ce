/* A task as a pager of memory: with an argument the machine allows it (boot argument
 * emmi=1), else vm_map says so. */
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <mach/memory_object_control.h>
#include <pthread.h>

enum { PAGE = 4096, PAGES = 512 };
static mach_port_t object;
static char returned[PAGES];
static int ended;

/* The kernel's messages, as MIG lays them out. */
struct init { mach_msg_header_t h; mach_msg_body_t b; mach_msg_port_descriptor_t control, name; };
struct request { mach_msg_header_t h; mach_msg_body_t b; mach_msg_port_descriptor_t control; NDR_record_t ndr; uint64_t offset, length; int access; } __attribute__((packed, aligned(4)));
struct ret { mach_msg_header_t h; mach_msg_body_t b; mach_msg_port_descriptor_t control; mach_msg_ool_descriptor_t data; NDR_record_t ndr; uint64_t offset; } __attribute__((packed, aligned(4)));

static void *pager(void *arg)
{
	mach_port_t control = MACH_PORT_NULL;
	for (;;) {
		union { mach_msg_header_t h; struct init i; struct request q; struct ret r; char room[512]; } m;
		if (mach_msg(&m.h, MACH_RCV_MSG, 0, sizeof m, object, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			return NULL;
		switch (m.h.msgh_id) {
		case 2200:
			control = m.i.control.name;
			CHECKEQ(memory_object_ready(control, TRUE, 0), KERN_SUCCESS);
			break;
		case 2203:
			for (uint64_t at = m.q.offset; at < m.q.offset + m.q.length; at += PAGE) {
				static char page[PAGE];
				memset(page, 'a' + at / PAGE % 26, PAGE);
				if (at / PAGE == 300)
					memory_object_data_error(control, at, PAGE, KERN_FAILURE);
				else if (at / PAGE == 2)
					memory_object_data_unavailable(control, at, PAGE);
				else
					memory_object_data_supply(control, at, (vm_offset_t)page, PAGE, VM_PROT_NONE, FALSE);
			}
			break;
		case 2208:
			for (unsigned i = 0; i < m.r.data.size / PAGE; i++)
				if (m.r.offset / PAGE + i < PAGES)
					returned[m.r.offset / PAGE + i] = ((char *)m.r.data.address)[i * PAGE];
			break;
		case 2201:
			ended = 1;
			return NULL;
		}
	}
}

int main(int argc, char **argv)
{
	CHECKEQ(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &object), KERN_SUCCESS);
	CHECKEQ(mach_port_insert_right(mach_task_self(), object, object, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	mach_vm_address_t at = 0;
	kern_return_t kr = mach_vm_map(mach_task_self(), &at, PAGES * PAGE, 0, VM_FLAGS_ANYWHERE, object, 0, FALSE,
		VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL, VM_INHERIT_NONE);
	if (argc < 2) {
		CHECKEQ(kr, KERN_INVALID_OBJECT);
	} else {
		CHECKEQ(kr, KERN_SUCCESS);
		pthread_t t;
		CHECKEQ(pthread_create(&t, NULL, pager, NULL), 0);
		volatile char *m = (volatile char *)at;
		CHECKEQ(m[0], 'a');
		CHECKEQ(m[PAGE + 17], 'b');
		CHECKEQ(m[2 * PAGE], 0);
		CHECKEQ(m[27 * PAGE], 'b');
		char c;
		mach_vm_size_t got = 0;
		CHECK(mach_vm_read_overwrite(mach_task_self(), at + 300 * PAGE, 1, (mach_vm_address_t)&c, &got) != KERN_SUCCESS);
		m[5 * PAGE] = 'X';
		CHECKEQ(mach_vm_deallocate(mach_task_self(), at, PAGES * PAGE), KERN_SUCCESS);
		CHECKEQ(pthread_join(t, NULL), 0);
		CHECK(ended);
		CHECKEQ(returned[5], 'X');
	}
	if (!failures)
		puts("pager ok");
	DONE();
}
