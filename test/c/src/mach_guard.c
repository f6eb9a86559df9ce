/* Broken guards of ports: EXC_GUARD, and the end of who has broken them. */
#include "mach_check.h"
#include <kern/exc_guard.h>
#include <mach/exception.h>
#include <mach/task_info.h>
#include <sys/mman.h>

kern_return_t _kernelrpc_mach_vm_deallocate(vm_map_t, mach_vm_address_t, mach_vm_size_t);

enum { NAME = 0x4711003, GUARD = 0x1234567 };

#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t thread, task;
	NDR_record_t ndr;
	exception_type_t exception;
	mach_msg_type_number_t codes;
	int64_t code[2];
	char rest[200];
} raised_t;
typedef struct { mach_msg_header_t head; NDR_record_t ndr; kern_return_t result; } answer_t;
#pragma pack(pop)

static void guarded(int flags)
{
	OK(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, NAME));
	OK(mach_port_guard_with_flags(SELF, NAME, GUARD, flags));
}

/* Each comes back from the call, and not much further. */
static int by_destroy(mach_port_t h) { guarded(0); mach_port_destroy(SELF, NAME); return 0; }
static int by_mod_refs(mach_port_t h) { guarded(0); mach_port_mod_refs(SELF, NAME, MACH_PORT_RIGHT_RECEIVE, -1); return 0; }
static int by_destruct(mach_port_t h) { guarded(0); mach_port_destruct(SELF, NAME, 0, GUARD + 1); return 0; }
static int by_unguard(mach_port_t h) { guarded(0); mach_port_unguard(SELF, NAME, GUARD + 1); return 0; }
static int by_swap(mach_port_t h) { guarded(MPG_STRICT); mach_port_swap_guard(SELF, NAME, GUARD, 1); return 0; }
static int by_context(mach_port_t h) { guarded(MPG_STRICT); mach_port_set_context(SELF, NAME, 1); return 0; }
static int by_unguarded(mach_port_t h)
{
	OK(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, NAME));
	mach_port_unguard(SELF, NAME, GUARD);
	return 0;
}
static int by_message(mach_port_t h) /* a receive right that must not move */
{
	message_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX, sizeof m - sizeof m.trailer, h, 0, 0, 1 },
	    .body = { 1 }, .port[0] = { .name = NAME, .disposition = MACH_MSG_TYPE_MOVE_RECEIVE, .type = MACH_MSG_PORT_DESCRIPTOR } };
	guarded(MPG_IMMOVABLE_RECEIVE);
	mach_msg(&m.head, MACH_SEND_MSG, m.head.msgh_size, 0, 0, 0, 0);
	return 0;
}
static int by_reply(mach_port_t h) /* a reply port by a right that may be used twice */
{
	mach_msg_header_t m = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND), sizeof m, h, NAME, 0, 1 };
	OK(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, NAME));
	mach_msg(&m, MACH_SEND_MSG | MACH_MSG_STRICT_REPLY, sizeof m, 0, 0, 0, 0);
	return 0;
}
static const struct { int (*f)(mach_port_t); unsigned flavor; uint64_t guard; } cases[] = {
	{ by_destroy, kGUARD_EXC_DESTROY, GUARD }, { by_mod_refs, kGUARD_EXC_MOD_REFS, GUARD }, { by_destruct, kGUARD_EXC_DESTROY, GUARD },
	{ by_unguard, kGUARD_EXC_INCORRECT_GUARD, GUARD }, { by_swap, kGUARD_EXC_SET_CONTEXT, GUARD },
	{ by_context, kGUARD_EXC_SET_CONTEXT, GUARD }, { by_unguarded, kGUARD_EXC_UNGUARDED, 0 }, { by_message, kGUARD_EXC_IMMOVABLE, 0 },
	{ by_reply, kGUARD_EXC_STRICT_REPLY, MPG_FLAGS_STRICT_REPLY_INVALID_REPLY_DISP | MACH_MSG_TYPE_MAKE_SEND },
};

static void killed(pid_t pid)
{
	int st = 0;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECK(WIFSIGNALED(st));
	CHECKEQ(WTERMSIG(st), SIGKILL);
}

/* Receives an exception, and says that all is well. */
static void heard_of(mach_port_t at, unsigned type, unsigned flavor, unsigned name, uint64_t guard)
{
	static raised_t m;
	OK(receive(at, &m, sizeof m, 0));
	CHECKEQ(m.head.msgh_id, 2405);
	CHECKEQ(m.exception, EXC_GUARD);
	CHECKEQ(m.codes, 2);
	CHECKEQ(EXC_GUARD_DECODE_GUARD_TYPE(m.code[0]), type);
	CHECKEQ(EXC_GUARD_DECODE_GUARD_FLAVOR(m.code[0]), flavor);
	CHECKEQ(EXC_GUARD_DECODE_GUARD_TARGET(m.code[0]), name);
	CHECKEQ((uint64_t)m.code[1], guard);
	answer_t a = { .head = { MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(m.head.msgh_bits), 0), sizeof a, m.head.msgh_remote_port, 0, 0, 2505 },
	    .ndr = NDR_record };
	OK(mach_msg(&a.head, MACH_SEND_MSG, sizeof a, 0, 0, 0, 0));
	mach_port_deallocate(SELF, m.thread.name);
	mach_port_deallocate(SELF, m.task.name);
}

static void heard(mach_port_t at, unsigned flavor, unsigned name, uint64_t guard)
{
	heard_of(at, GUARD_TYPE_MACH_PORT, flavor, name, guard);
}

static int which;
static int with_handler(mach_port_t h)
{
	OK(task_set_exception_ports(SELF, EXC_MASK_GUARD, h, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE));
	return cases[which].f(h);
}

/* Those that a task has to ask for. */
static int unasked(mach_port_t h)
{
	OK(task_set_exception_ports(SELF, EXC_MASK_GUARD, h, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE));
	CHECKKR(mach_port_deallocate(SELF, NAME), KERN_INVALID_NAME);
	return 0;
}
static int told(mach_port_t h)
{
	OK(task_set_exception_ports(SELF, EXC_MASK_GUARD, h, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE));
	OK(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_MP_DELIVER));
	CHECKKR(mach_port_deallocate(SELF, NAME), KERN_INVALID_NAME);
	return 0;
}
static int fatal(mach_port_t h)
{
	OK(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_MP_DELIVER | TASK_EXC_GUARD_MP_FATAL));
	mach_port_deallocate(SELF, NAME);
	return 0;
}
/* Memory given back twice, by trap, by munmap and by message; then memory partly there. */
enum { PAGE = 4096 };
static vm_address_t hole;
static int given_back(mach_port_t h)
{
	OK(task_set_exception_ports(SELF, EXC_MASK_GUARD, h, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE));
	OK(vm_deallocate(SELF, hole, PAGE)); /* child() may have found the room */
	OK(vm_deallocate(SELF, hole, PAGE)); /* nobody has asked */
	OK(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_VM_DELIVER));
	OK(vm_deallocate(SELF, hole, PAGE));
	CHECKEQ(munmap((void *)hole, PAGE), 0);
	OK(_kernelrpc_mach_vm_deallocate(SELF, hole, PAGE));
	OK(vm_deallocate(SELF, hole - PAGE, 3 * PAGE));
	return 0;
}
static int fatally(mach_port_t h)
{
	OK(vm_deallocate(SELF, hole, PAGE));
	OK(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_VM_DELIVER | TASK_EXC_GUARD_VM_FATAL));
	OK(vm_deallocate(SELF, hole - PAGE, PAGE));
	vm_deallocate(SELF, hole, PAGE);
	return 0;
}
static void memory(mach_port_t h)
{
	OK(vm_allocate(SELF, &hole, 3 * PAGE, VM_FLAGS_ANYWHERE));
	hole += PAGE;
	OK(vm_deallocate(SELF, hole, PAGE));
	pid_t pid = child(h, given_back);
	for (int i = 0; i < 4; i++)
		heard_of(h, GUARD_TYPE_VIRT_MEMORY, kGUARD_EXC_DEALLOC_GAP, 0, hole);
	ended(pid);
	killed(child(h, fatally));
	OK(vm_deallocate(SELF, hole - PAGE, 3 * PAGE));
}
static int behavior(mach_port_t h)
{
	task_exc_guard_behavior_t b = 1;
	OK(task_get_exc_guard_behavior(SELF, &b));
	CHECKEQ(b, TASK_EXC_GUARD_NONE);
	CHECKKR(task_set_exc_guard_behavior(SELF, 0x100), KERN_INVALID_VALUE);
	CHECKKR(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_MP_ONCE), KERN_DENIED);
	OK(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_MP_DELIVER | TASK_EXC_GUARD_VM_DELIVER));
	CHECKKR(task_set_exc_guard_behavior(SELF, TASK_EXC_GUARD_VM_DELIVER), KERN_DENIED);
	pid_t pid = fork();
	if (pid == 0) {
		OK(task_get_exc_guard_behavior(SELF, &b));
		CHECKEQ(b, TASK_EXC_GUARD_MP_DELIVER | TASK_EXC_GUARD_VM_DELIVER);
		_exit(failures != 0);
	}
	ended(pid);
	return 0;
}

int main(void)
{
	mach_port_t h = port_with_send();
	for (which = 0; which < (int)(sizeof cases / sizeof *cases); which++) {
		killed(child(h, cases[which].f));
		pid_t pid = child(h, with_handler);
		heard(h, cases[which].flavor, NAME, cases[which].guard);
		killed(pid); /* whatever the handler says */
	}
	ended(child(h, unasked));
	pid_t pid = child(h, told);
	heard(h, kGUARD_EXC_INVALID_NAME, NAME, 0);
	ended(pid);
	killed(child(h, fatal));
	ended(child(h, behavior));
	memory(h);
	CHECKEQ(status_of(h).mps_msgcount, 0);
	printf("mach_guard ok\n");
	DONE();
}
