/*
 * Memory and arrays of rights out of line: a snapshot, copied when one side writes,
 * never seen half; and what does not arrive is given back.
 */
#include "mach_check.h"
#include <mach/vm_map.h>

enum { PAGE = 4096 };

static uint64_t used(void)
{
	task_vm_info_data_t v;
	mach_msg_type_number_t n = TASK_VM_INFO_COUNT;
	memset(&v, 0, sizeof v);
	OK(task_info(SELF, TASK_VM_INFO, (task_info_t)&v, &n));
	return v.virtual_size;
}

static mach_msg_return_t send_memory(mach_port_t to, void *a, mach_msg_size_t n, int copy, int dealloc)
{
	message_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
	    sizeof m.head + sizeof m.body + sizeof m.ool[0], to, 0, 0, 3 }, .body = { 1 } };
	m.ool[0] = (mach_msg_ool_descriptor_t){ .address = a, .size = n, .copy = copy, .deallocate = dealloc, .type = MACH_MSG_OOL_DESCRIPTOR };
	return mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, m.head.msgh_size, 0, 0, 0, 0);
}
static char *receive_memory(mach_port_t from, mach_msg_size_t want)
{
	message_t m;
	OK(receive(from, &m, sizeof m, 0));
	CHECKEQ(m.ool[0].type, MACH_MSG_OOL_DESCRIPTOR);
	CHECKEQ(m.ool[0].size, want);
	return m.ool[0].address;
}
static char *fresh(vm_size_t n)
{
	vm_address_t a = 0;
	OK(vm_allocate(SELF, &a, n, VM_FLAGS_ANYWHERE));
	for (vm_size_t i = 0; i < n; i++)
		((char *)a)[i] = i * 31 + (i >> 12);
	return (char *)a;
}
static int differs(const char *a, vm_size_t n)
{
	int d = 0;
	for (vm_size_t i = 0; i < n; i++)
		d += a[i] != (char)(i * 31 + (i >> 12));
	return d;
}

/* What is received is what was sent, whatever the sender writes afterwards. */
static void snapshot(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	const int copies[] = { MACH_MSG_PHYSICAL_COPY, MACH_MSG_VIRTUAL_COPY };
	const int sizes[] = { 1, 100, PAGE, PAGE + 1, 10 * PAGE, 1 << 20, (1 << 20) + 77 };
	uint64_t vm = used();
	for (unsigned c = 0; c < 2; c++)
		for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			char *a = fresh(sizes[i]);
			OK(send_memory(p, a, sizes[i], copies[c], 0));
			memset(a, 99, sizes[i]);
			char *b = receive_memory(p, sizes[i]);
			CHECK(b != a);
			CHECKEQ(differs(b, sizes[i]), 0);
			memset(b, 5, sizes[i]);
			CHECKEQ(a[sizes[i] - 1], 99);
			OK(vm_deallocate(SELF, (vm_address_t)a, sizes[i]));
			OK(vm_deallocate(SELF, (vm_address_t)b, sizes[i]));
		}
	/* Not at a page's start, and with deallocate: it leaves the sender. */
	char *a = fresh(4 * PAGE);
	OK(send_memory(p, a + 100, 2 * PAGE, MACH_MSG_VIRTUAL_COPY, 0));
	char *b = receive_memory(p, 2 * PAGE);
	CHECKEQ(memcmp(a + 100, b, 2 * PAGE), 0);
	OK(vm_deallocate(SELF, (vm_address_t)b, 2 * PAGE));
	OK(send_memory(p, a, 4 * PAGE, MACH_MSG_VIRTUAL_COPY, 1));
	vm_address_t gone = (vm_address_t)a;
	vm_offset_t data;
	mach_msg_type_number_t n;
	CHECKKR(vm_read(SELF, gone, PAGE, &data, &n), KERN_INVALID_ADDRESS);
	b = receive_memory(p, 4 * PAGE);
	CHECKEQ(differs(b, 4 * PAGE), 0);
	OK(vm_deallocate(SELF, (vm_address_t)b, 4 * PAGE));
	/* Nothing is sent as a null address. */
	OK(send_memory(p, NULL, 0, MACH_MSG_VIRTUAL_COPY, 0));
	CHECK(receive_memory(p, 0) == NULL);
	CHECKEQ(used(), vm);
	port_end(p);
	SAME(before);
}

/* Failures: no memory is lost, none appears. */
static void failing(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	char *a = fresh(8 * PAGE);
	uint64_t vm = used();
	CHECKKR(send_memory(p, (void *)0x2000, PAGE, MACH_MSG_VIRTUAL_COPY, 0) & ~MACH_MSG_MASK, MACH_SEND_INVALID_MEMORY);
	CHECKKR(send_memory(p, (void *)-4096l, 2 * PAGE, MACH_MSG_VIRTUAL_COPY, 0) & ~MACH_MSG_MASK, MACH_SEND_INVALID_MEMORY);
	CHECKKR(send_memory(p, a, PAGE, 9, 0) & ~MACH_MSG_MASK, MACH_SEND_INVALID_TYPE);
	CHECKEQ(status_of(p).mps_msgcount, 0);
	/* A port that dies discards what waits in it. */
	for (int i = 0; i < 5; i++)
		OK(send_memory(p, a, 8 * PAGE, MACH_MSG_VIRTUAL_COPY, 0));
	CHECKKR(send_memory(p, a, 8 * PAGE, MACH_MSG_VIRTUAL_COPY, 1), MACH_SEND_TIMED_OUT); /* and it comes back */
	port_end(p);
	CHECKEQ(used(), vm);
	/* A receiver without room loses the message, not the machine. */
	p = port_with_send();
	OK(send_memory(p, a, 8 * PAGE, MACH_MSG_VIRTUAL_COPY, 0));
	struct { mach_msg_header_t h; mach_msg_trailer_t t; } small;
	CHECKKR(receive(p, &small, sizeof small, 0), MACH_RCV_TOO_LARGE);
	CHECKEQ(used(), vm);
	/* The destructor of libSystem gives back what a message brought. */
	message_t m;
	OK(send_memory(p, a, 8 * PAGE, MACH_MSG_VIRTUAL_COPY, 0));
	OK(receive(p, &m, sizeof m, 0));
	mach_msg_destroy(&m.head);
	CHECKEQ(used(), vm);
	port_end(p);
	SAME(before);
}

static mach_msg_return_t send_ports(mach_port_t to, mach_port_t *l, unsigned n, int disposition)
{
	message_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
	    sizeof m.head + sizeof m.body + sizeof m.ports[0], to, 0, 0, 4 }, .body = { 1 } };
	m.ports[0] = (mach_msg_ool_ports_descriptor_t){ .address = l, .count = n, .disposition = disposition,
	    .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_PORTS_DESCRIPTOR };
	return mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, m.head.msgh_size, 0, 0, 0, 0);
}
static void arrays(void)
{
	census_t before = census();
	uint64_t vm = used();
	mach_port_t p = port_with_send(), l[100];
	message_t m;
	for (int i = 0; i < 100; i++)
		l[i] = port_new();
	OK(send_ports(p, l, 100, MACH_MSG_TYPE_MAKE_SEND));
	OK(receive(p, &m, sizeof m, 0));
	CHECKEQ(m.ports[0].count, 100);
	CHECKEQ(m.ports[0].disposition, MACH_MSG_TYPE_PORT_SEND);
	mach_port_t *got = m.ports[0].address;
	for (int i = 0; i < 100; i++) {
		CHECKEQ(got[i], l[i]);
		CHECKEQ(refs(l[i], MACH_PORT_RIGHT_SEND), 1);
	}
	mach_msg_destroy(&m.head);
	CHECKEQ(refs(l[50], MACH_PORT_RIGHT_SEND), 0);
	/* Holes and dead names pass. */
	mach_port_t holes[3] = { MACH_PORT_NULL, l[0], MACH_PORT_DEAD };
	OK(send_ports(p, holes, 3, MACH_MSG_TYPE_MAKE_SEND));
	OK(receive(p, &m, sizeof m, 0));
	got = m.ports[0].address;
	CHECKEQ(got[0], MACH_PORT_NULL);
	CHECKEQ(got[1], l[0]);
	CHECKEQ(got[2], MACH_PORT_DEAD);
	mach_msg_destroy(&m.head);
	/* One bad name: none goes. */
	census_t with = census();
	mach_port_t bad[3] = { l[0], 0x7777, l[1] };
	CHECKKR(send_ports(p, bad, 3, MACH_MSG_TYPE_MAKE_SEND) & ~MACH_MSG_MASK, MACH_SEND_INVALID_RIGHT);
	CHECKKR(send_ports(p, (void *)0x2000, 3, MACH_MSG_TYPE_MAKE_SEND) & ~MACH_MSG_MASK, MACH_SEND_INVALID_MEMORY);
	CHECKKR(send_ports(p, l, 0x40000000, MACH_MSG_TYPE_MAKE_SEND) & ~MACH_MSG_MASK, MACH_SEND_TOO_LARGE);
	SAME(with);
	/* All receive rights go, and die with the message. */
	OK(send_ports(p, l, 100, MACH_MSG_TYPE_MOVE_RECEIVE));
	CHECKEQ(type_of(l[7]), 0);
	port_end(p);
	SAME(before);
	CHECKEQ(used(), vm);
}

/* Between tasks: each has its own copy, made when one of them writes. */
static int other(mach_port_t main)
{
	mach_port_t mine = port_new();
	OK(send_right(main, mine, MACH_MSG_TYPE_MAKE_SEND, 0));
	char *a = receive_memory(mine, 64 * PAGE);
	CHECKEQ(differs(a, 64 * PAGE), 0);
	for (int i = 0; i < 64; i++)
		a[i * PAGE] = 1;
	OK(send_memory(main, a, 64 * PAGE, MACH_MSG_VIRTUAL_COPY, 1));
	return failures != 0;
}
static void between(void)
{
	census_t before = census();
	mach_port_t main = port_with_send();
	pid_t pid = child(main, other);
	mach_port_t to = receive_right(main, NULL);
	char *a = fresh(64 * PAGE);
	OK(send_memory(to, a, 64 * PAGE, MACH_MSG_VIRTUAL_COPY, 0));
	char *b = receive_memory(main, 64 * PAGE);
	CHECKEQ(differs(a, 64 * PAGE), 0);
	for (int i = 0; i < 64; i++)
		CHECKEQ(b[i * PAGE], 1);
	CHECKEQ(memcmp(a + 1, b + 1, PAGE - 1), 0);
	OK(vm_deallocate(SELF, (vm_address_t)a, 64 * PAGE));
	OK(vm_deallocate(SELF, (vm_address_t)b, 64 * PAGE));
	ended(pid);
	port_end(to);
	port_end(main);
	SAME(before);
}

int main(void)
{
	used();
	snapshot();
	failing();
	arrays();
	between();
	printf("mach_ool ok\n");
	DONE();
}
