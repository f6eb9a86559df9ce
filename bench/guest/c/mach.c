/*
 * The workloads of bench about Mach: its argument is one's name, and how many
 * milliseconds it should take. It prints nanoseconds for one operation.
 */
#include <mach/mach.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SELF mach_task_self()
#define MUST(call) do { kern_return_t kr_ = (call); if (kr_) { \
	fprintf(stderr, "%s: %s (%#x)\n", #call, mach_error_string(kr_), kr_); exit(1); } } while (0)

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static mach_port_t service(void)
{
	mach_port_t p;
	MUST(mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &p));
	MUST(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	return p;
}

/* The null BSD call. */
static double null(long n)
{
	double begin = now();
	for (long i = 0; i < n; i++)
		getppid();
	return now() - begin;
}

/* A message of 32 bytes to another task, and the answer of as many. */
struct small { mach_msg_header_t head; uint64_t data; };
struct small_room { struct small msg; mach_msg_max_trailer_t trailer; };

static void serve(mach_port_t p)
{
	struct small_room m;
	mach_msg_option_t send = 0;
	m.msg.head.msgh_remote_port = MACH_PORT_NULL;
	for (;;) {
		MUST(mach_msg(&m.msg.head, send | MACH_RCV_MSG, send ? sizeof m.msg : 0, sizeof m, p, 0, MACH_PORT_NULL));
		m.msg.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		m.msg.head.msgh_local_port = MACH_PORT_NULL;
		send = MACH_SEND_MSG;
	}
}

static pid_t server;

static double rpc(long n)
{
	static mach_port_t to;
	mach_port_t reply = mach_reply_port();
	if (!server) {
		/* The child finds the way back as its bootstrap port. */
		mach_port_t back = service(), old = bootstrap_port;
		MUST(task_set_special_port(SELF, TASK_BOOTSTRAP_PORT, back));
		if ((server = fork()) == 0) {
			struct { mach_msg_header_t head; mach_msg_body_t body; mach_msg_port_descriptor_t port; } m = {
				.head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX },
				.body = { 1 }, .port = { .disposition = MACH_MSG_TYPE_MAKE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR } };
			mach_port_t p;
			MUST(mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &p));
			MUST(task_get_special_port(SELF, TASK_BOOTSTRAP_PORT, &m.head.msgh_remote_port));
			m.port.name = p;
			MUST(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, 0, 0, MACH_PORT_NULL));
			serve(p);
		}
		struct { mach_msg_header_t head; mach_msg_body_t body; mach_msg_port_descriptor_t port; mach_msg_max_trailer_t trailer; } r;
		MUST(mach_msg(&r.head, MACH_RCV_MSG, 0, sizeof r, back, 0, MACH_PORT_NULL));
		to = r.port.name;
		MUST(task_set_special_port(SELF, TASK_BOOTSTRAP_PORT, old));
	}
	struct small_room m;
	double begin = now();
	for (long i = 0; i < n; i++) {
		m.msg.head = (mach_msg_header_t){ .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
			.msgh_remote_port = to, .msgh_local_port = reply };
		m.msg.data = i;
		MUST(mach_msg(&m.msg.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof m.msg, sizeof m, reply, 0, MACH_PORT_NULL));
		if (m.msg.data != (uint64_t)i)
			abort();
	}
	return now() - begin;
}

/* mach_port_type of this task's own port, by message and by its trap. */
extern kern_return_t _kernelrpc_mach_port_type(ipc_space_t, mach_port_name_t, mach_port_type_t *);

static double mig(long n)
{
	mach_port_type_t t;
	double begin = now();
	for (long i = 0; i < n; i++)
		MUST(_kernelrpc_mach_port_type(SELF, SELF, &t));
	return now() - begin;
}

static double trap(long n)
{
	mach_port_type_t t;
	double begin = now();
	for (long i = 0; i < n; i++)
		MUST(mach_port_type(SELF, SELF, &t));
	return now() - begin;
}

enum { mega = 1 << 20 };

/* A megabyte out of line to a port of this task: received, touched, given back. */
static double ool(long n)
{
	mach_port_t p = service();
	char *from = mmap(NULL, mega, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	memset(from, 1, mega);
	double begin = now();
	for (long i = 0; i < n; i++) {
		struct { mach_msg_header_t head; mach_msg_body_t body; mach_msg_ool_descriptor_t mem; mach_msg_max_trailer_t trailer; } m = {
			.head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_remote_port = p },
			.body = { 1 }, .mem = { .address = from, .size = mega, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR } };
		MUST(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof m - sizeof m.trailer, sizeof m, p, 0, MACH_PORT_NULL));
		if (*(volatile char *)m.mem.address != 1)
			abort();
		MUST(vm_deallocate(SELF, (vm_address_t)m.mem.address, mega));
	}
	return now() - begin;
}

/* The same megabyte copied, into memory as fresh. */
static double copy(long n)
{
	char *from = mmap(NULL, mega, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	memset(from, 1, mega);
	double begin = now();
	for (long i = 0; i < n; i++) {
		vm_address_t to = 0;
		MUST(vm_allocate(SELF, &to, mega, VM_FLAGS_ANYWHERE));
		memcpy((void *)to, from, mega);
		if (*(volatile char *)to != 1)
			abort();
		MUST(vm_deallocate(SELF, to, mega));
	}
	return now() - begin;
}

/* And into memory that was written before. */
static double warm(long n)
{
	char *from = mmap(NULL, 2 * mega, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), *to = from + mega;
	memset(from, 1, 2 * mega);
	double begin = now();
	for (long i = 0; i < n; i++) {
		memcpy(to, from, mega);
		__asm__ volatile("" : : "r"(to) : "memory");
	}
	return now() - begin;
}

/* How many ports the task has, or the set. */
static long size;

/* Each turn looks up another name: a prime's distance apart, so that all are. */
static mach_port_t *many(mach_port_t set)
{
	mach_port_t *p = calloc(size, sizeof *p);
	for (long i = 0; i < size; i++) {
		p[i] = service();
		if (set)
			MUST(mach_port_insert_member(SELF, p[i], set));
	}
	return p;
}

static double ports(long n)
{
	static mach_port_t *p;
	if (!p)
		p = many(MACH_PORT_NULL);
	mach_port_type_t t;
	double begin = now();
	for (long i = 0; i < n; i++)
		MUST(mach_port_type(SELF, p[i * 7919 % size], &t));
	return now() - begin;
}

static double set(long n)
{
	static mach_port_t *p, set;
	if (!p) {
		MUST(mach_port_allocate(SELF, MACH_PORT_RIGHT_PORT_SET, &set));
		p = many(set);
	}
	double begin = now();
	for (long i = 0; i < n; i++) {
		mach_port_t to = p[i * 7919 % size];
		struct small_room m = { .msg.head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), .msgh_remote_port = to } };
		MUST(mach_msg(&m.msg.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof m.msg, sizeof m, set, 0, MACH_PORT_NULL));
		if (m.msg.head.msgh_local_port != to)
			abort();
	}
	return now() - begin;
}

/* Memory that nobody touches, come and gone. */
static double vm(long n)
{
	double begin = now();
	for (long i = 0; i < n; i++) {
		vm_address_t a = 0;
		MUST(vm_allocate(SELF, &a, 65536, VM_FLAGS_ANYWHERE));
		MUST(vm_deallocate(SELF, a, 65536));
	}
	return now() - begin;
}

static const struct workload { const char *name; double (*run)(long n); long size; } workloads[] = {
	{ "machnull", null }, { "machrpc", rpc }, { "machmig", mig }, { "machtrap", trap },
	{ "machool", ool }, { "machcopy", copy }, { "machwarm", warm }, { "machvm", vm },
	{ "machports10", ports, 10 }, { "machports1k", ports, 1000 }, { "machports100k", ports, 100000 },
	{ "machset10", set, 10 }, { "machset1k", set, 1000 }, { "machset10k", set, 10000 },
};

int main(int argc, char **argv)
{
	if (argc < 3)
		return 0;
	double goal = atof(argv[2]) * 1e6;
	for (unsigned i = 0; i < sizeof workloads / sizeof *workloads; i++) {
		if (strcmp(workloads[i].name, argv[1]))
			continue;
		size = workloads[i].size;
		workloads[i].run(1);
		for (long n = 1;;) {
			double d = workloads[i].run(n);
			if (d >= goal || n >= 1L << 28) {
				printf("%.1f\n", d / n);
				if (server)
					kill(server, SIGKILL);
				return 0;
			}
			double grow = d > goal / 1000 ? 1.2 * goal / d : 10;
			n = n * (grow < 10 ? grow : 10) + 1;
		}
	}
	fprintf(stderr, "mach: no such workload\n");
	return 99;
}
