/*
 * Ports and rights: what each kind allows, how they are counted, how they move from
 * task to task, and what becomes of them when the port dies.
 */
#include "mach_check.h"

static void counting(void)
{
	census_t before = census();
	mach_port_t p = port_new();
	CHECKEQ(type_of(p), MACH_PORT_TYPE_RECEIVE);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_RECEIVE), 1);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 0);
	CHECKKR(mach_port_deallocate(SELF, p), KERN_INVALID_RIGHT);
	CHECKKR(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 1), MACH_SEND_INVALID_DEST);
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_COPY_SEND));
	CHECKEQ(type_of(p), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 3);
	/* Two rights were made of the receive right; the third is a copy. */
	CHECKEQ(status_of(p).mps_mscount, 2);
	OK(mach_port_set_mscount(SELF, p, 40));
	CHECKEQ(status_of(p).mps_mscount, 40);
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, 5));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 8);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, -9), KERN_INVALID_VALUE);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 8);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND_ONCE, -1), KERN_INVALID_RIGHT);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_DEAD_NAME, -1), KERN_INVALID_RIGHT);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, 1), KERN_INVALID_VALUE);
	CHECKKR(mach_port_mod_refs(SELF, p, 99, 1), KERN_INVALID_VALUE);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, 0x7fffffff), KERN_INVALID_VALUE);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 8);
	OK(mach_port_deallocate(SELF, p));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 7);
	OK(mach_port_destroy(SELF, p));
	CHECKKR(mach_port_destroy(SELF, p), KERN_INVALID_NAME);
	CHECKKR(mach_port_deallocate(SELF, p), KERN_INVALID_NAME);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, 1), KERN_INVALID_NAME);
	SAME(before);
}

/* A count that has reached its largest value, 65,535, stays there: it was lost. */
static void overflow(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, 65535));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 65535);
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_deallocate(SELF, p));
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, -100));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 65535);
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, -65535));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 0);
	port_end(p);
	SAME(before);
}

static void names(void)
{
	census_t before = census();
	mach_port_t a, b = port_with_send(), n = 0x12345600 | (b & 0xff);
	CHECKKR(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, b), KERN_NAME_EXISTS);
	CHECKKR(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_NULL), KERN_INVALID_VALUE);
	CHECKKR(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_DEAD), KERN_INVALID_VALUE);
	CHECKKR(mach_port_allocate(SELF, MACH_PORT_RIGHT_SEND, &a), KERN_INVALID_VALUE);
	CHECKKR(mach_port_allocate(SELF, 99, &a), KERN_INVALID_VALUE);
	/* A task that has a right to a port can't have it under another name. */
	a = port_new();
	CHECKKR(mach_port_insert_right(SELF, n, a, MACH_MSG_TYPE_MAKE_SEND), KERN_RIGHT_EXISTS);
	CHECKKR(mach_port_insert_right(SELF, b, a, MACH_MSG_TYPE_MAKE_SEND), KERN_RIGHT_EXISTS);
	CHECKKR(mach_port_insert_right(SELF, b, a, MACH_MSG_TYPE_MAKE_SEND_ONCE), KERN_NAME_EXISTS);
	CHECKKR(mach_port_insert_right(SELF, n, a, 99), KERN_INVALID_VALUE);
	/* Dead names can be made, and count. */
	mach_port_t d;
	OK(mach_port_allocate(SELF, MACH_PORT_RIGHT_DEAD_NAME, &d));
	CHECKEQ(type_of(d), MACH_PORT_TYPE_DEAD_NAME);
	OK(mach_port_mod_refs(SELF, d, MACH_PORT_RIGHT_DEAD_NAME, 2));
	CHECKEQ(refs(d, MACH_PORT_RIGHT_DEAD_NAME), 3);
	CHECKKR(send_word(d, MACH_MSG_TYPE_COPY_SEND, 1, 1), MACH_SEND_INVALID_DEST);
	port_end(d);
	/* A task's names are its own: another's mean nothing here. */
	CHECKEQ(type_of(0x7fffff00), 0);
	CHECKKR(mach_port_type(SELF, MACH_PORT_NULL, &(mach_port_type_t){ 0 }), KERN_INVALID_NAME);
	CHECKKR(mach_port_type(MACH_PORT_NULL, b, &(mach_port_type_t){ 0 }), MACH_SEND_INVALID_DEST);
	port_end(a);
	port_end(b);
	SAME(before);
}

static void death(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, 4));
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	/* The name stays, dead, with the references of the send right. */
	CHECKEQ(type_of(p), MACH_PORT_TYPE_DEAD_NAME);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_DEAD_NAME), 5);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 0);
	CHECKKR(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, -1), KERN_INVALID_RIGHT);
	CHECKKR(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 1), MACH_SEND_INVALID_DEST);
	/* A dead name travels as MACH_PORT_DEAD. */
	mach_port_t q = port_with_send();
	int disp = 0;
	OK(send_right(q, p, MACH_MSG_TYPE_COPY_SEND, 0));
	CHECKEQ(receive_right(q, &disp), MACH_PORT_DEAD);
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_SEND);
	port_end(p);
	/* A message that waits in a port dies with it, and the rights in it. */
	mach_port_t r = port_with_send();
	OK(send_right(q, r, MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	CHECKEQ(type_of(r), MACH_PORT_TYPE_SEND);
	port_end(q);
	CHECKEQ(type_of(r), MACH_PORT_TYPE_DEAD_NAME);
	port_end(r);
	SAME(before);
}

static void send_once(void)
{
	census_t before = census();
	mach_port_t p = port_new(), a, b;
	mach_msg_type_name_t disp;
	OK(mach_port_extract_right(SELF, p, MACH_MSG_TYPE_MAKE_SEND_ONCE, &a, &disp));
	OK(mach_port_extract_right(SELF, p, MACH_MSG_TYPE_MAKE_SEND_ONCE, &b, &disp));
	CHECK(a != b); /* each has a name of its own */
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_SEND_ONCE);
	CHECKEQ(type_of(a), MACH_PORT_TYPE_SEND_ONCE);
	CHECKEQ(status_of(p).mps_sorights, 2);
	CHECKKR(mach_port_mod_refs(SELF, a, MACH_PORT_RIGHT_SEND_ONCE, 1), KERN_INVALID_VALUE);
	CHECKKR(send_word(a, MACH_MSG_TYPE_COPY_SEND, 5, 1), MACH_SEND_INVALID_DEST);
	OK(send_word(a, MACH_MSG_TYPE_MOVE_SEND_ONCE, 5, 11));
	CHECKKR(send_word(a, MACH_MSG_TYPE_MOVE_SEND_ONCE, 5, 12), MACH_SEND_INVALID_DEST);
	CHECKEQ(receive_word(p), 11);
	/* One that is given up sends a message nonetheless, which says so. */
	OK(mach_port_deallocate(SELF, b));
	received_t r;
	OK(receive(p, &r, sizeof r, 0));
	CHECKEQ(r.m.head.msgh_id, MACH_NOTIFY_SEND_ONCE);
	CHECKEQ(r.m.head.msgh_size, sizeof(mach_msg_header_t));
	CHECKEQ(status_of(p).mps_sorights, 0);
	port_end(p);
	SAME(before);
}

/*
 * The other task: it is sent a right of each kind, and uses it. From main it has a send
 * right; the answers go there.
 */
static int other(mach_port_t main)
{
	census_t before = census();
	mach_port_t mine = port_new(), got;
	int disp;
	OK(send_right(main, mine, MACH_MSG_TYPE_MAKE_SEND, 0));
	/* A send right, moved: this task can send. */
	got = receive_right(mine, &disp);
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_SEND);
	CHECKEQ(type_of(got), MACH_PORT_TYPE_SEND);
	CHECKKR(poll_port(got), MACH_RCV_INVALID_NAME);
	OK(send_word(got, MACH_MSG_TYPE_COPY_SEND, 1, 100));
	/* The same port again, copied: the same name, two references. */
	CHECKEQ(receive_right(mine, &disp), got);
	CHECKEQ(refs(got, MACH_PORT_RIGHT_SEND), 2);
	OK(send_word(got, MACH_MSG_TYPE_MOVE_SEND, 1, 101));
	CHECKEQ(refs(got, MACH_PORT_RIGHT_SEND), 1);
	/* A send-once right. */
	mach_port_t once = receive_right(mine, &disp);
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_SEND_ONCE);
	OK(send_word(once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1, 102));
	CHECKEQ(type_of(once), 0);
	/* The receive right: now this task gets what is sent, before and after. */
	mach_port_t rcv = receive_right(mine, &disp);
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_RECEIVE);
	CHECKEQ(rcv, got); /* it had a send right to it */
	CHECKEQ(type_of(rcv), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECKEQ(receive_word(rcv), 103);
	OK(send_word(main, MACH_MSG_TYPE_COPY_SEND, 1, 104));
	CHECKEQ(receive_word(rcv), 105);
	/* Back it goes. */
	OK(send_right(main, rcv, MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	CHECKEQ(type_of(rcv), MACH_PORT_TYPE_SEND);
	port_end(rcv);
	port_end(mine);
	SAME(before);
	OK(send_word(main, MACH_MSG_TYPE_COPY_SEND, 1, 106));
	return failures != 0;
}

static void transfer(void)
{
	census_t before = census();
	mach_port_t main = port_with_send(), p = port_with_send();
	pid_t pid = child(main, other);
	int disp;
	mach_port_t to = receive_right(main, &disp);
	CHECKEQ(type_of(to), MACH_PORT_TYPE_SEND);
	OK(send_right(to, p, MACH_MSG_TYPE_MOVE_SEND, 0));
	CHECKEQ(type_of(p), MACH_PORT_TYPE_RECEIVE);
	CHECKEQ(receive_word(p), 100);
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	OK(send_right(to, p, MACH_MSG_TYPE_COPY_SEND, 0));
	CHECKEQ(receive_word(p), 101);
	OK(send_right(to, p, MACH_MSG_TYPE_MAKE_SEND_ONCE, 0));
	CHECKEQ(receive_word(p), 102);
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 103));
	OK(send_right(to, p, MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	CHECKEQ(type_of(p), MACH_PORT_TYPE_SEND);
	CHECKKR(poll_port(p), MACH_RCV_INVALID_NAME);
	CHECKEQ(receive_word(main), 104);
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 105));
	CHECKEQ(receive_right(main, &disp), p);
	CHECKEQ(disp, MACH_MSG_TYPE_PORT_RECEIVE);
	CHECKEQ(type_of(p), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECKEQ(receive_word(main), 106);
	ended(pid);
	/* The other task is gone, and its port with it. */
	CHECKEQ(type_of(to), MACH_PORT_TYPE_DEAD_NAME);
	port_end(to);
	port_end(p);
	port_end(main);
	SAME(before);
}

/* The control port of a task may do what its name port may not. */
static void control(void)
{
	census_t before = census();
	mach_port_t name = 0;
	OK(task_get_special_port(SELF, TASK_NAME_PORT, &name));
	CHECK(name != SELF);
	task_basic_info_64_data_t info;
	mach_msg_type_number_t n = TASK_BASIC_INFO_64_COUNT;
	OK(task_info(name, TASK_BASIC_INFO_64, (task_info_t)&info, &n));
	CHECKEQ(n, TASK_BASIC_INFO_64_COUNT);
	CHECK(info.virtual_size > 0);
	CHECK(task_suspend(name) != KERN_SUCCESS);
	thread_act_array_t l;
	CHECK(task_threads(name, &l, &n) != KERN_SUCCESS);
	mach_port_type_t t;
	CHECK(mach_port_type(name, SELF, &t) != KERN_SUCCESS);
	mach_vm_address_t a = 0;
	CHECK(mach_vm_allocate(name, &a, 4096, VM_FLAGS_ANYWHERE) != KERN_SUCCESS);
	OK(mach_port_deallocate(SELF, name));
	SAME(before);
}

int main(void)
{
	counting();
	overflow();
	names();
	death();
	send_once();
	transfer();
	control();
	printf("mach_rights ok\n");
	DONE();
}
