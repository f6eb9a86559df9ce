/*
 * Exceptions: a handler in another task is told, looks at the thread and changes it,
 * and the thread goes on; or declines, and there is a signal.
 */
#include "mach_check.h"
#include <pthread.h>
#include <signal.h>
#include <mach/exception.h>

/* Where each fault happens and where it goes on are labels in the text. */
__attribute__((naked, noinline)) static long fault_read(void *p)
{
	__asm__("movq (%rdi), %rax\n\t.globl _fault_read_next\n_fault_read_next: retq");
}
__attribute__((naked, noinline)) static long fault_break(long v)
{
	__asm__("movq %rdi, %rax\n\tint3\n\tretq");
}
__attribute__((naked, noinline)) static long fault_ud2(void)
{
	__asm__("ud2\n\t.globl _fault_ud2_next\n_fault_ud2_next: retq");
}
__attribute__((naked, noinline)) static long fault_div(void)
{
	__asm__("xorl %ecx, %ecx\n\tmovl $1, %eax\n\txorl %edx, %edx\n\t.globl _fault_div_at\n_fault_div_at: divl %ecx\n\t.globl _fault_div_next\n_fault_div_next: retq");
}
extern char fault_read_next[], fault_ud2_next[], fault_div_at[], fault_div_next[];

#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t thread, task;
	NDR_record_t ndr;
	exception_type_t exception;
	mach_msg_type_number_t codes;
	union { int64_t wide[2]; int32_t narrow[2]; } code;
	char rest[3000];
} raised_t;
typedef struct {
	mach_msg_header_t head;
	NDR_record_t ndr;
	exception_type_t exception;
	mach_msg_type_number_t codes;
	int64_t code[2];
	int flavor;
	mach_msg_type_number_t count;
	natural_t state[THREAD_STATE_MAX];
	char room[100];
} state_t;
typedef struct { mach_msg_header_t head; NDR_record_t ndr; kern_return_t result; int flavor; mach_msg_type_number_t count; natural_t state[THREAD_STATE_MAX]; } answer_t;
#pragma pack(pop)

static void answer(mach_msg_header_t *to, kern_return_t r, natural_t *state)
{
	answer_t a = { .head = { MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(to->msgh_bits), 0), 36, to->msgh_remote_port, 0, 0, to->msgh_id + 100 },
	    .ndr = NDR_record, .result = r };
	if (state) {
		a.flavor = x86_THREAD_STATE64;
		a.count = x86_THREAD_STATE64_COUNT;
		memcpy(a.state, state, sizeof(x86_thread_state64_t));
		a.head.msgh_size = 44 + sizeof(x86_thread_state64_t);
	}
	OK(mach_msg(&a.head, MACH_SEND_MSG, a.head.msgh_size, 0, 0, 0, 0));
}

/* Receives an EXCEPTION_DEFAULT message. */
static void raised(mach_port_t at, raised_t *m, int exc, int64_t code)
{
	OK(receive(at, m, sizeof *m, 0));
	CHECKEQ(m->head.msgh_id, 2405);
	CHECKEQ(m->body.msgh_descriptor_count, 2);
	CHECKEQ(m->exception, exc);
	CHECKEQ(m->codes, 2);
	CHECKEQ(m->code.wide[0], code);
}
static void drop(raised_t *m)
{
	OK(mach_port_deallocate(SELF, m->thread.name));
	OK(mach_port_deallocate(SELF, m->task.name));
}
static x86_thread_state64_t registers(mach_port_t th)
{
	x86_thread_state64_t s;
	mach_msg_type_number_t n = x86_THREAD_STATE64_COUNT;
	memset(&s, 0, sizeof s);
	OK(thread_get_state(th, x86_THREAD_STATE64, (thread_state_t)&s, &n));
	CHECKEQ(n, x86_THREAD_STATE64_COUNT);
	return s;
}
static void set_registers(mach_port_t th, x86_thread_state64_t *s)
{
	OK(thread_set_state(th, x86_THREAD_STATE64, (thread_state_t)s, x86_THREAD_STATE64_COUNT));
}

/* The task that has the faults; its handler is the parent. */
static int faulter(mach_port_t handler)
{
	OK(task_set_exception_ports(SELF, EXC_MASK_BAD_ACCESS | EXC_MASK_BREAKPOINT | EXC_MASK_BAD_INSTRUCTION | EXC_MASK_ARITHMETIC,
	    handler, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE));
	CHECKEQ(fault_read((void *)0x4440), 11);
	vm_address_t page = 0;
	OK(vm_allocate(SELF, &page, 4096, VM_FLAGS_ANYWHERE));
	*(long *)page = 12;
	OK(vm_protect(SELF, page, 4096, 0, VM_PROT_NONE));
	CHECKEQ(fault_read((void *)page), 12); /* made readable, and done again */
	CHECKEQ(fault_break(13), 13);
	CHECKEQ(fault_ud2(), 14);
	CHECKEQ(fault_div(), 15);
	/* Handled by the thread's own port rather than the task's. */
	mach_port_t th = mach_thread_self();
	OK(thread_set_exception_ports(th, EXC_MASK_BREAKPOINT, handler, EXCEPTION_STATE | MACH_EXCEPTION_CODES, x86_THREAD_STATE64));
	CHECKEQ(fault_break(1), 16);
	OK(thread_set_exception_ports(th, EXC_MASK_BREAKPOINT, handler, EXCEPTION_STATE_IDENTITY | MACH_EXCEPTION_CODES, x86_THREAD_STATE64));
	CHECKEQ(fault_break(1), 17);
	OK(thread_set_exception_ports(th, EXC_MASK_BREAKPOINT, handler, EXCEPTION_DEFAULT, THREAD_STATE_NONE));
	CHECKEQ(fault_break(18), 18);
	return failures != 0;
}

static void handling(void)
{
	census_t before = census();
	mach_port_t h = port_with_send();
	pid_t pid = child(h, faulter);
	static raised_t m;
	raised(h, &m, EXC_BAD_ACCESS, KERN_INVALID_ADDRESS);
	CHECKEQ(m.code.wide[1], 0x4440);
	int p = 0;
	OK(pid_for_task(m.task.name, &p));
	CHECKEQ(p, pid);
	x86_thread_state64_t s = registers(m.thread.name);
	CHECKEQ(s.__rdi, 0x4440);
	x86_exception_state64_t e;
	mach_msg_type_number_t n = x86_EXCEPTION_STATE64_COUNT;
	OK(thread_get_state(m.thread.name, x86_EXCEPTION_STATE64, (thread_state_t)&e, &n));
	CHECKEQ(e.__faultvaddr, 0x4440);
	CHECKEQ(e.__trapno, 14);
	s.__rip = (uintptr_t)fault_read_next;
	s.__rax = 11;
	set_registers(m.thread.name, &s);
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	raised(h, &m, EXC_BAD_ACCESS, KERN_PROTECTION_FAILURE);
	OK(mach_vm_protect(m.task.name, m.code.wide[1], 4096, 0, VM_PROT_READ));
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	raised(h, &m, EXC_BREAKPOINT, EXC_I386_BPT);
	CHECKEQ(registers(m.thread.name).__rax, 13); /* rip is behind the int3 */
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	raised(h, &m, EXC_BAD_INSTRUCTION, EXC_I386_INVOP);
	s = registers(m.thread.name);
	s.__rip = (uintptr_t)fault_ud2_next;
	s.__rax = 14;
	set_registers(m.thread.name, &s);
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	raised(h, &m, EXC_ARITHMETIC, EXC_I386_DIV);
	s = registers(m.thread.name);
	CHECKEQ(s.__rip, (uintptr_t)fault_div_at);
	s.__rip = (uintptr_t)fault_div_next;
	s.__rax = 15;
	set_registers(m.thread.name, &s);
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	/* The registers come along, and go back. */
	static state_t st;
	OK(receive(h, &st, sizeof st, 0));
	CHECKEQ(st.head.msgh_id, 2406);
	CHECKEQ(st.exception, EXC_BREAKPOINT);
	CHECKEQ(st.flavor, x86_THREAD_STATE64);
	CHECKEQ(st.count, x86_THREAD_STATE64_COUNT);
	memcpy(&s, st.state, sizeof s);
	CHECKEQ(s.__rax, 1);
	s.__rax = 16;
	answer(&st.head, KERN_SUCCESS, (natural_t *)&s);
	OK(receive(h, &m, sizeof m, 0));
	CHECKEQ(m.head.msgh_id, 2407);
	memcpy(&n, m.rest + 4, 4);
	CHECKEQ(n, x86_THREAD_STATE64_COUNT);
	memcpy(&s, m.rest + 8, sizeof s);
	s.__rax = 17;
	answer(&m.head, KERN_SUCCESS, (natural_t *)&s);
	drop(&m);
	/* The older form: 32-bit codes. */
	OK(receive(h, &m, sizeof m, 0));
	CHECKEQ(m.head.msgh_id, 2401);
	CHECKEQ(m.code.narrow[0], EXC_I386_BPT);
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	ended(pid);
	port_end(h);
	SAME(before);
}

/* A handler that declines leaves the exception to the signal. */
static int declined(mach_port_t handler)
{
	OK(task_set_exception_ports(SELF, EXC_MASK_BAD_ACCESS, handler, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE));
	fault_read((void *)0x4440);
	return 0;
}
static void declining(void)
{
	census_t before = census();
	static raised_t m;
	mach_port_t h = port_with_send();
	for (int dies = 0; dies < 2; dies++) {
		pid_t pid = child(h, declined);
		raised(h, &m, EXC_BAD_ACCESS, KERN_INVALID_ADDRESS);
		if (dies) /* the reply port is given up instead of used */
			OK(mach_port_deallocate(SELF, m.head.msgh_remote_port));
		else
			answer(&m.head, KERN_FAILURE, NULL);
		int st = 0;
		CHECKEQ(waitpid(pid, &st, 0), pid);
		CHECK(WIFSIGNALED(st));
		CHECKEQ(WTERMSIG(st), SIGSEGV);
		OK(mach_port_mod_refs(SELF, m.thread.name, MACH_PORT_RIGHT_DEAD_NAME, -1));
		OK(mach_port_mod_refs(SELF, m.task.name, MACH_PORT_RIGHT_DEAD_NAME, -1));
	}
	port_end(h);
	SAME(before);
}

/* A handler in the same task, on a thread of its own. */
static mach_port_t own;
static void *own_handler(void *x)
{
	static raised_t m;
	raised(own, &m, EXC_BAD_ACCESS, KERN_INVALID_ADDRESS);
	CHECKEQ(m.task.name, SELF);
	x86_thread_state64_t s = registers(m.thread.name);
	s.__rip = (uintptr_t)fault_read_next;
	s.__rax = 99;
	set_registers(m.thread.name, &s);
	answer(&m.head, KERN_SUCCESS, NULL);
	drop(&m);
	return NULL;
}
static void same_task(void)
{
	own = port_with_send();
	pthread_t t;
	CHECKEQ(pthread_create(&t, NULL, own_handler, NULL), 0);
	exception_mask_t masks[EXC_TYPES_COUNT];
	mach_port_t ports[EXC_TYPES_COUNT];
	exception_behavior_t behaviors[EXC_TYPES_COUNT];
	thread_state_flavor_t flavors[EXC_TYPES_COUNT];
	mach_msg_type_number_t n = EXC_TYPES_COUNT;
	OK(task_swap_exception_ports(SELF, EXC_MASK_BAD_ACCESS, own, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE,
	    masks, &n, ports, behaviors, flavors));
	CHECKEQ(n, 1);
	CHECKEQ(masks[0], EXC_MASK_BAD_ACCESS);
	CHECKEQ(ports[0], MACH_PORT_NULL);
	CHECKEQ(fault_read((void *)0x5550), 99);
	pthread_join(t, NULL);
	n = EXC_TYPES_COUNT;
	OK(task_get_exception_ports(SELF, EXC_MASK_ALL, masks, &n, ports, behaviors, flavors));
	int found = 0;
	for (unsigned i = 0; i < n; i++) {
		if (masks[i] & EXC_MASK_BAD_ACCESS) {
			found++;
			CHECKEQ(ports[i], own);
			CHECKEQ(behaviors[i], (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES));
		}
		if (MACH_PORT_VALID(ports[i]))
			OK(mach_port_deallocate(SELF, ports[i]));
	}
	CHECKEQ(found, 1);
	/* What can't be. */
	CHECKKR(task_set_exception_ports(SELF, 0x80000000, own, EXCEPTION_DEFAULT, 0), KERN_INVALID_ARGUMENT);
	CHECKKR(task_set_exception_ports(SELF, EXC_MASK_BAD_ACCESS, own, 9, 0), KERN_INVALID_ARGUMENT);
	CHECKKR(task_set_exception_ports(SELF, EXC_MASK_BAD_ACCESS, own, EXCEPTION_STATE, 4711), KERN_INVALID_ARGUMENT);
	OK(task_set_exception_ports(SELF, EXC_MASK_BAD_ACCESS, MACH_PORT_NULL, EXCEPTION_DEFAULT, 0));
	port_end(own);
}

int main(void)
{
	handling();
	declining();
	same_task();
	printf("mach_exc ok\n");
	DONE();
}
