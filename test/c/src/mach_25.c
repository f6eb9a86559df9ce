/* Mach 2.5's ports and messages in programs, among each other and with those of today. */
#include "mach_check.h"
#include <mach/mach25.h>

enum { page = 4096, ADD = 1000, OUTSIDE, LAST };

/* Typed as MIG of that time made them: a port, an integer, memory out of line. */
typedef struct { msg_header_t head; msg_type_t type; port_t port; } port_msg_t;
typedef struct { msg_header_t head; msg_type_t type; int n[2]; } ints_msg_t;
#pragma pack(push, 4)
typedef struct { msg_header_t head; msg_type_t type; char *data; } memory_msg_t;
#pragma pack(pop)
typedef union { msg_header_t head; port_msg_t port; ints_msg_t ints; memory_msg_t memory; char room[256]; } any_t;

static msg_type_t type(int name, int size, int number, int inl)
{
	return (msg_type_t){ .msg_type_name = name, .msg_type_size = size, .msg_type_number = number, .msg_type_inline = inl };
}
static msg_header_t header(int simple, msg_size_t size, port_t to, port_t reply, int id)
{
	return (msg_header_t){ .msg_simple = simple, .msg_size = size, .msg_remote_port = to, .msg_local_port = reply, .msg_id = id };
}

/* A server: it tells its port, adds, and gives memory. */
static int serves(mach_port_t main)
{
	port_t mine;
	OK(port_allocate(task_self(), &mine));
	any_t m = { .port = { header(0, sizeof(port_msg_t), main, PORT_NULL, 1), type(MSG_TYPE_PORT, 32, 1, 1), mine } };
	CHECKEQ(msg_send(&m.head, MSG_OPTION_NONE, 0), SEND_SUCCESS);
	for (int id = 0; id != LAST;) {
		m.head.msg_local_port = mine;
		m.head.msg_size = sizeof m;
		CHECKEQ(msg_receive(&m.head, MSG_OPTION_NONE, 0), RCV_SUCCESS);
		CHECKEQ(m.head.msg_local_port, mine);
		port_t to = m.head.msg_remote_port;
		id = m.head.msg_id;
		if (id == ADD) {
			m.ints.n[0] += m.ints.n[1];
			m.head.msg_size = sizeof(ints_msg_t);
		} else if (id == OUTSIDE) {
			vm_address_t a = 0;
			OK(vm_allocate(SELF, &a, page, VM_FLAGS_ANYWHERE));
			strcpy((char *)a, "out of line");
			m.memory = (memory_msg_t){ header(0, sizeof(memory_msg_t), to, PORT_NULL, id), type(MSG_TYPE_CHAR, 8, page / 4, 0), (char *)a };
			m.memory.type.msg_type_deallocate = 1;
		} else {
			m.head.msg_size = sizeof m.head;
			m.head.msg_simple = 1;
		}
		m.head.msg_local_port = PORT_NULL;
		m.head.msg_remote_port = to;
		m.head.msg_id = id + 100;
		CHECKEQ(msg_send(&m.head, MSG_OPTION_NONE, 0), SEND_SUCCESS);
	}
	return failures != 0;
}

static void rpc(void)
{
	port_t main, reply, server;
	OK(port_allocate(task_self(), &main));
	OK(port_allocate(task_self(), &reply));
	pid_t pid = child(main, serves);
	any_t m = { .head = { .msg_local_port = main, .msg_size = sizeof m } };
	CHECKEQ(msg_receive(&m.head, MSG_OPTION_NONE, 0), RCV_SUCCESS);
	CHECKEQ(m.head.msg_simple, 0);
	CHECKEQ(m.port.type.msg_type_name, MSG_TYPE_PORT);
	server = m.port.port;
	m.ints = (ints_msg_t){ header(1, sizeof(ints_msg_t), server, reply, ADD), type(MSG_TYPE_INTEGER_32, 32, 2, 1), { 40, 2 } };
	CHECKEQ(msg_rpc(&m.head, MSG_OPTION_NONE, sizeof m, 0, 0), RCV_SUCCESS);
	CHECKEQ(m.head.msg_id, ADD + 100);
	CHECKEQ(m.ints.n[0], 42);
	m.head = header(1, sizeof m.head, server, reply, OUTSIDE);
	CHECKEQ(msg_rpc(&m.head, MSG_OPTION_NONE, sizeof m, 0, 0), RCV_SUCCESS);
	CHECKEQ(m.memory.type.msg_type_inline, 0);
	CHECKSTR(m.memory.data, "out of line");
	OK(vm_deallocate(SELF, (vm_address_t)m.memory.data, page / 4));
	m.head = header(1, sizeof m.head, server, reply, LAST);
	CHECKEQ(msg_rpc(&m.head, MSG_OPTION_NONE, sizeof m, 0, 0), RCV_SUCCESS);
	ended(pid);
	m.head = header(1, sizeof m.head, server, reply, LAST);
	for (int i = 0; i < 30000 && msg_send(&m.head, SEND_TIMEOUT, 0) != SEND_INVALID_PORT; i++)
		usleep(1000); /* until it has died with its task */
	CHECKEQ(msg_send(&m.head, SEND_TIMEOUT, 0), SEND_INVALID_PORT);
	OK(port_deallocate(task_self(), server));
	OK(port_deallocate(task_self(), reply));
	OK(port_deallocate(task_self(), main));
}

static void sets(void)
{
	port_t a, b, set, in;
	int n, backlog;
	boolean_t owner, receiver;
	OK(port_allocate(task_self(), &a));
	OK(port_allocate(task_self(), &b));
	OK(port_set_allocate(task_self(), &set));
	OK(port_set_add(task_self(), set, a));
	OK(port_set_add(task_self(), set, b));
	port_name_array_t l;
	unsigned count;
	OK(port_set_status(task_self(), set, &l, &count));
	CHECKEQ(count, 2);
	OK(vm_deallocate(SELF, (vm_address_t)l, count * sizeof *l));
	any_t m = { .head = header(1, sizeof m.head, b, PORT_NULL, 7) };
	CHECKEQ(msg_send(&m.head, MSG_OPTION_NONE, 0), SEND_SUCCESS);
	OK(port_status(task_self(), b, &in, &n, &backlog, &owner, &receiver));
	CHECKEQ(in, set);
	CHECKEQ(n, 1);
	CHECKEQ(receiver, 1);
	m.head = (msg_header_t){ .msg_local_port = set, .msg_size = sizeof m };
	CHECKEQ(msg_receive(&m.head, RCV_TIMEOUT, 0), RCV_SUCCESS);
	CHECKEQ(m.head.msg_local_port, b);
	CHECKEQ(m.head.msg_id, 7);
	m.head = (msg_header_t){ .msg_local_port = set, .msg_size = sizeof m };
	CHECKEQ(msg_receive(&m.head, RCV_TIMEOUT, 1), RCV_TIMED_OUT);
	OK(port_set_remove(task_self(), a));
	CHECKKR(port_set_remove(task_self(), a), KERN_NOT_IN_SET);
	OK(port_set_backlog(task_self(), a, 2));
	CHECKKR(port_set_backlog(task_self(), a, 1000), KERN_INVALID_ARGUMENT);
	m.head = header(1, sizeof m.head, a, PORT_NULL, 8);
	CHECKEQ(msg_send(&m.head, SEND_TIMEOUT, 0), SEND_SUCCESS);
	CHECKEQ(msg_send(&m.head, SEND_TIMEOUT, 0), SEND_SUCCESS);
	CHECKEQ(msg_send(&m.head, SEND_TIMEOUT, 0), SEND_TIMED_OUT);
	/* Too little room leaves the message there, if that is asked for. */
	m.head = (msg_header_t){ .msg_local_port = a, .msg_size = 8 };
	CHECKEQ(msg_receive(&m.head, RCV_LARGE, 0), RCV_TOO_LARGE);
	OK(port_deallocate(task_self(), a));
	OK(port_deallocate(task_self(), b));
	OK(port_set_deallocate(task_self(), set));
	CHECKKR(port_deallocate(task_self(), a), KERN_INVALID_ARGUMENT);
}

/* The generations understand each other; the kernel's objects only the later one. */
static void translated(void)
{
	port_t p;
	OK(port_allocate(task_self(), &p));
	any_t m = { .ints = { header(1, sizeof(ints_msg_t), p, PORT_NULL, 5), type(MSG_TYPE_INTEGER_32, 32, 2, 1), { 3, 4 } } };
	CHECKEQ(msg_send(&m.head, MSG_OPTION_NONE, 0), SEND_SUCCESS);
	received_t r;
	OK(receive(p, &r, sizeof r, 0));
	CHECKEQ(r.m.head.msgh_id, 5);
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 6, 77));
	m.head = (msg_header_t){ .msg_local_port = p, .msg_size = sizeof m };
	CHECKEQ(msg_receive(&m.head, MSG_OPTION_NONE, 0), RCV_SUCCESS);
	CHECKEQ(m.head.msg_id, 6);
	m.head = header(1, sizeof m.head, task_self(), p, 3400);
	CHECKEQ(msg_send(&m.head, MSG_OPTION_NONE, 0), SEND_KERNEL_REFUSED);
	CHECKEQ(msg_send((msg_header_t *)8, MSG_OPTION_NONE, 0), SEND_INVALID_MEMORY);
	m.head.msg_size = 4;
	CHECKEQ(msg_send(&m.head, MSG_OPTION_NONE, 0), SEND_MSG_TOO_SMALL);
	OK(port_deallocate(task_self(), p));
}

int main(void)
{
	census_t before = census();
	rpc();
	sets();
	translated();
	SAME(before);
	printf("mach_25 ok\n");
	DONE();
}
