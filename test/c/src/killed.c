/* What is killed ends, also in the midst of a call that would take hours. */
#include <mach/mach.h>
#include <mach/mach_vm.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define HUGE_SIZE (1ull << 44)

/* Copies 16 TB, which are there, over 16 others. */
static void copy(void)
{
	mach_vm_address_t from = 0, to = 0;
	CHECKEQ(mach_vm_allocate(mach_task_self(), &from, HUGE_SIZE, VM_FLAGS_ANYWHERE), KERN_SUCCESS);
	CHECKEQ(mach_vm_allocate(mach_task_self(), &to, HUGE_SIZE, VM_FLAGS_ANYWHERE), KERN_SUCCESS);
	*(char *)(uintptr_t)from = 1;
	CHECKEQ(write(1, "", failures == 0), 1);
	mach_vm_copy(mach_task_self(), from, HUGE_SIZE, to);
}

/* Sends 16 GB that are to be copied at once, to itself. */
static void ool(void)
{
	enum { N = 4 };
	struct {
		mach_msg_header_t h;
		mach_msg_body_t b;
		mach_msg_ool_descriptor_t d[N];
	} m = { .h.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .h.msgh_size = sizeof m,
		.b.msgh_descriptor_count = N };
	mach_vm_address_t from = 0;
	CHECKEQ(mach_vm_allocate(mach_task_self(), &from, 0xfffff000, VM_FLAGS_ANYWHERE), KERN_SUCCESS);
	CHECKEQ(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &m.h.msgh_remote_port), KERN_SUCCESS);
	for (int i = 0; i < N; i++)
		m.d[i] = (mach_msg_ool_descriptor_t){ .address = (void *)(uintptr_t)from, .size = 0xfffff000,
			.copy = MACH_MSG_PHYSICAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR };
	CHECKEQ(write(1, "", failures == 0), 1);
	mach_msg(&m.h, MACH_SEND_MSG, sizeof m, 0, 0, 0, 0);
}

static void killed(void (*f)(void))
{
	int p[2], status = 0;
	char c;
	CHECKEQ(pipe(p), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		f();
		for (;;)
			pause();
	}
	close(p[1]);
	CHECKEQ(read(p[0], &c, 1), 1);
	usleep(50000); /* it is likely to be there now */
	CHECKEQ(kill(pid, SIGKILL), 0);
	CHECKEQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(p[0]);
}

int main(void)
{
	killed(copy);
	killed(ool);
	if (failures == 0)
		printf("killed ok\n");
	DONE();
}
