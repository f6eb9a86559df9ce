/*
 * machdb: a debugger made of Mach calls alone. It starts a program suspended, takes its
 * task port, and is told of its exceptions at a port of its own; memory and registers
 * are reached through the ports of task and thread.
 *
 *	machdb PROGRAM [ARG...]
 *
 * It reads commands, one a line; WHERE is 0xADDRESS or a symbol, plus an offset:
 *	b WHERE   set a breakpoint       d WHERE       delete it
 *	c         continue               s             step one instruction
 *	r         registers              r NAME VALUE  change one
 *	x WHERE [N]  N bytes of memory   w WHERE BYTE...  change them
 *	t         threads                k             kill and leave
 */
#include <mach/mach.h>
#include <mach/exception.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mach_exc_server.h"

extern char **environ;
static pid_t pid;
static mach_port_t task, thread, events; /* thread: the one that stopped */
static struct { uint64_t at; unsigned char was; } bp[64];
static int nbp, running, exited;
static exception_type_t what;
static int64_t code, subcode;
enum { TRAP_FLAG = 0x100 };

static void check(kern_return_t r, const char *did)
{
	if (r != KERN_SUCCESS)
		mach_error(did, r);
}

/* The program's symbols: what is defined in its symbol table. */
struct sym { uint32_t name; uint8_t type, sect; uint16_t desc; uint64_t value; };
static struct sym *syms;
static const char *strings;
static unsigned nsyms;
static void load_symbols(const char *file)
{
	int fd = open(file, O_RDONLY);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	char *f = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (f == MAP_FAILED)
		return;
	uint32_t *h = (uint32_t *)f, n = h[4], *c = h + 8;
	for (; h[0] == 0xfeedfacf && n-- > 0; c = (uint32_t *)((char *)c + c[1]))
		if (c[0] == 2) { /* LC_SYMTAB */
			syms = (struct sym *)(f + c[2]), nsyms = c[3], strings = f + c[4];
		}
}
static uint64_t where(const char *s)
{
	char name[128];
	size_t n = strcspn(s, "+");
	uint64_t plus = s[n] ? strtoull(s + n + 1, NULL, 0) : 0;
	if (s[0] == '0')
		return strtoull(s, NULL, 0) + plus;
	snprintf(name, sizeof name, "_%.*s", (int)n, s);
	for (unsigned i = 0; i < nsyms; i++)
		if ((syms[i].type & 0xe) == 0xe && !strcmp(strings + syms[i].name, name))
			return syms[i].value + plus;
	printf("no symbol %s\n", s);
	return 0;
}
static const char *named(uint64_t a)
{
	static char text[160];
	const struct sym *best = NULL;
	for (unsigned i = 0; i < nsyms; i++)
		if ((syms[i].type & 0xee) == 0xe && syms[i].value <= a && (!best || syms[i].value >= best->value))
			best = &syms[i];
	if (!best || a - best->value > 4096)
		return "?";
	snprintf(text, sizeof text, "%s+%llu", strings + best->name + 1, a - best->value);
	return text;
}

static int poke(uint64_t at, const void *b, unsigned n)
{
	mach_vm_address_t page = at & ~4095ull;
	mach_vm_size_t size = ((at + n + 4095) & ~4095ull) - page;
	vm_prot_t text = VM_PROT_READ | VM_PROT_EXECUTE;
	/* Text is read only; a copy of it need not be. */
	kern_return_t r = mach_vm_write(task, at, (vm_offset_t)b, n);
	if (r == KERN_PROTECTION_FAILURE && (r = mach_vm_protect(task, page, size, 0, VM_PROT_READ | VM_PROT_WRITE | VM_PROT_COPY)) == KERN_SUCCESS) {
		r = mach_vm_write(task, at, (vm_offset_t)b, n);
		mach_vm_protect(task, page, size, 0, text);
	}
	check(r, "write memory");
	return r == KERN_SUCCESS;
}
static int peek(uint64_t at, void *b, unsigned n)
{
	mach_vm_size_t got = 0;
	kern_return_t r = mach_vm_read_overwrite(task, at, n, (mach_vm_address_t)b, &got);
	check(r, "read memory");
	return r == KERN_SUCCESS;
}
static x86_thread_state64_t get(void)
{
	x86_thread_state64_t s = { 0 };
	mach_msg_type_number_t n = x86_THREAD_STATE64_COUNT;
	check(thread_get_state(thread, x86_THREAD_STATE64, (thread_state_t)&s, &n), "thread_get_state");
	return s;
}
static void put(x86_thread_state64_t s) { check(thread_set_state(thread, x86_THREAD_STATE64, (thread_state_t)&s, x86_THREAD_STATE64_COUNT), "thread_set_state"); }
static int breakpoint(uint64_t at)
{
	for (int i = 0; i < nbp; i++)
		if (bp[i].at == at)
			return i;
	return -1;
}

/* Called by the server that MIG made, for each exception: the task stands from here on. */
kern_return_t catch_mach_exception_raise(mach_port_t port, mach_port_t th, mach_port_t tk, exception_type_t e,
    mach_exception_data_t c, mach_msg_type_number_t n)
{
	task_suspend(task);
	running = 0;
	if (thread)
		mach_port_deallocate(mach_task_self(), thread);
	mach_port_deallocate(mach_task_self(), tk);
	thread = th, what = e, code = n > 0 ? c[0] : 0, subcode = n > 1 ? c[1] : 0;
	return KERN_SUCCESS;
}
kern_return_t catch_mach_exception_raise_state(mach_port_t p, exception_type_t e, const mach_exception_data_t c, mach_msg_type_number_t n,
    int *f, const thread_state_t o, mach_msg_type_number_t on, thread_state_t s, mach_msg_type_number_t *sn) { return KERN_FAILURE; }
kern_return_t catch_mach_exception_raise_state_identity(mach_port_t p, mach_port_t th, mach_port_t tk, exception_type_t e, mach_exception_data_t c,
    mach_msg_type_number_t n, int *f, thread_state_t o, mach_msg_type_number_t on, thread_state_t s, mach_msg_type_number_t *sn) { return KERN_FAILURE; }

static boolean_t demux(mach_msg_header_t *in, mach_msg_header_t *out)
{
	if (in->msgh_id != MACH_NOTIFY_DEAD_NAME)
		return mach_exc_server(in, out);
	exited = 1, running = 0;
	((mig_reply_error_t *)out)->RetCode = MIG_NO_REPLY;
	out->msgh_bits = 0;
	out->msgh_remote_port = MACH_PORT_NULL;
	return TRUE;
}
static void go(int step)
{
	if (thread) {
		x86_thread_state64_t s = get();
		s.__rflags = step ? s.__rflags | TRAP_FLAG : s.__rflags & ~(uint64_t)TRAP_FLAG;
		put(s);
	}
	running = 1;
	check(task_resume(task), "task_resume");
	while (running)
		check(mach_msg_server_once(demux, 4096, events, 0), "mach_msg_server_once");
	if (exited)
		return;
	x86_thread_state64_t s = get();
	s.__rflags &= ~(uint64_t)TRAP_FLAG;
	if (what == EXC_BREAKPOINT && breakpoint(s.__rip - 1) >= 0 && code == EXC_I386_BPT)
		s.__rip--;
	put(s);
}
/* Over a breakpoint: its instruction is put back for one step. */
static void resume(int step)
{
	int i = thread ? breakpoint(get().__rip) : -1;
	if (i >= 0) {
		poke(bp[i].at, &bp[i].was, 1);
		go(1);
		if (!exited)
			poke(bp[i].at, "\xcc", 1);
		if (exited || step || what != EXC_BREAKPOINT || code != EXC_I386_SGL)
			return;
	}
	go(step);
}
static void tell(void)
{
	static const char *const kind[] = { "", "bad access", "bad instruction", "arithmetic", "emulation", "software", "breakpoint" };
	int st = 0;
	if (exited) {
		waitpid(pid, &st, 0);
		printf(WIFSIGNALED(st) ? "killed by signal %d\n" : "exited with status %d\n", WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
		return;
	}
	uint64_t rip = get().__rip;
	printf("%s at %#llx %s", what == EXC_BREAKPOINT && code == EXC_I386_SGL ? "step" : kind[what < 7 ? what : 5], rip, named(rip));
	printf(what == EXC_BAD_ACCESS ? ", address %#llx\n" : "\n", subcode);
}

static const char *const regs[] = { "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13",
	"r14", "r15", "rip", "rflags" };
static void registers(char *name, char *value)
{
	if (!thread) {
		printf("it has not run yet\n");
		return;
	}
	x86_thread_state64_t s = get();
	uint64_t *v = (uint64_t *)&s;
	for (unsigned i = 0; i < 18; i++)
		if (!name)
			printf("%-6s %016llx%s", regs[i], v[i], i % 3 == 2 ? "\n" : "  ");
		else if (!strcmp(name, regs[i]) && value)
			v[i] = strtoull(value, NULL, 0);
		else if (!strcmp(name, regs[i]))
			printf("%s %#llx\n", name, v[i]);
	if (value)
		put(s);
}
static void threads(void)
{
	thread_act_array_t l;
	mach_msg_type_number_t n = 0;
	check(task_threads(task, &l, &n), "task_threads");
	printf("%u threads\n", n);
	for (unsigned i = 0; i < n; i++)
		mach_port_deallocate(mach_task_self(), l[i]);
	if (n)
		vm_deallocate(mach_task_self(), (vm_address_t)l, n * sizeof *l);
}

/* One command; false ends the session. */
static int command(char *line)
{
	char *a[20] = { 0 };
	int n = 0;
	for (char *w = strtok(line, " \t\n"); w && n < 19; w = strtok(NULL, " \t\n"))
		a[n++] = w;
	if (n == 0)
		return 1;
	uint64_t at = n > 1 && strchr("bdxw", a[0][0]) ? where(a[1]) : 0;
	unsigned char b[256];
	switch (a[0][0]) {
	case 'b':
		if (at && nbp < 64 && breakpoint(at) < 0 && peek(at, &bp[nbp].was, 1) && poke(at, "\xcc", 1))
			bp[nbp++].at = at, printf("breakpoint at %#llx %s\n", at, named(at));
		break;
	case 'd': {
		int i = breakpoint(at);
		if (i >= 0 && poke(at, &bp[i].was, 1))
			bp[i] = bp[--nbp];
		break;
	}
	case 'c': case 's': resume(a[0][0] == 's'); tell(); return !exited;
	case 'r': registers(a[1], a[2]); break;
	case 't': threads(); break;
	case 'x': {
		unsigned len = n > 2 ? strtoul(a[2], NULL, 0) : 16;
		if (len > sizeof b)
			len = sizeof b;
		if (at && peek(at, b, len))
			for (unsigned i = 0; i < len; i++)
				printf("%02x%s", b[i], i % 16 == 15 || i == len - 1 ? "\n" : " ");
		break;
	}
	case 'w':
		for (int i = 2; i < n; i++)
			b[i - 2] = strtoul(a[i], NULL, 0);
		if (at && n > 2)
			poke(at, b, n - 2);
		break;
	case 'k': kill(pid, SIGKILL); task_resume(task); return 0;
	default: printf("what?\n");
	}
	return 1;
}

int main(int argc, char **argv)
{
	posix_spawnattr_t at;
	char line[512];
	mach_port_t old;
	if (argc < 2) {
		fprintf(stderr, "usage: machdb PROGRAM [ARG...]\n");
		return 2;
	}
	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_START_SUSPENDED);
	int e = posix_spawnp(&pid, argv[1], NULL, &at, argv + 1, environ);
	if (e) {
		fprintf(stderr, "machdb: %s: %s\n", argv[1], strerror(e));
		return 1;
	}
	load_symbols(argv[1]);
	check(task_for_pid(mach_task_self(), pid, &task), "task_for_pid");
	check(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &events), "mach_port_allocate");
	check(mach_port_insert_right(mach_task_self(), events, events, MACH_MSG_TYPE_MAKE_SEND), "mach_port_insert_right");
	check(task_set_exception_ports(task, EXC_MASK_BAD_ACCESS | EXC_MASK_BAD_INSTRUCTION | EXC_MASK_ARITHMETIC | EXC_MASK_BREAKPOINT,
	    events, EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES, THREAD_STATE_NONE), "task_set_exception_ports");
	check(mach_port_request_notification(mach_task_self(), task, MACH_NOTIFY_DEAD_NAME, 0, events, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old), "notification");
	/* From the process's stop to one of ours. */
	check(task_suspend(task), "task_suspend");
	kill(pid, SIGCONT);
	while (fgets(line, sizeof line, stdin) && command(line))
		fflush(stdout);
	if (!exited)
		kill(pid, SIGKILL), waitpid(pid, NULL, 0);
	return 0;
}
