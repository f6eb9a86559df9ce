/*
 * Stubs and a server that `puggle mig -2.5` made of mig25/shop.defs: each kind of argument
 * in Mach 2.5's typed messages, between two tasks; what is of the wrong type is refused.
 */
#include "mach_check.h"
#include "mig25/shop.h"
#include "mig25/shopUser.c"
/* The two files bring the same helpers. */
#define mig25_type mig25_type_
#define mig25_put mig25_put_
#define mig25_put_string mig25_put_string_
#define mig25_put_out mig25_put_out_
#define mig25_get mig25_get_
#include "mig25/shopServer.c"

enum { page = 4096 };
static int noted, stopped;

kern_return_t do_add(mach_port_t server, int a, int b, int *sum)
{
	*sum = a + b;
	return KERN_SUCCESS;
}
kern_return_t do_strings(mach_port_t server, char_p a, char_p b, char_p c, char_p d)
{
	snprintf(c, 20, "%s!", a);
	for (int i = 0; i < 5; i++)
		d[i] = b[4 - i];
	return KERN_SUCCESS;
}
kern_return_t do_arrays(mach_port_t server, short_p a, unsigned an, int_p b, unsigned *bn, pair_t p, pair_t *q)
{
	int sum = 0;
	for (unsigned i = 0; i < an; i++)
		sum += a[i];
	if (*bn + 2 > 5000)
		return KERN_NO_SPACE;
	b[(*bn)++] = sum;
	b[(*bn)++] = p.words[0];
	q->words[0] = p.words[1];
	q->words[1] = an;
	return KERN_SUCCESS;
}
kern_return_t do_memory(mach_port_t server, char_p a, unsigned an, char_p *b, unsigned *bn)
{
	vm_address_t to = 0;
	kern_return_t r = vm_allocate(SELF, &to, an, VM_FLAGS_ANYWHERE);
	if (r)
		return r;
	for (unsigned i = 0; i < an; i++)
		((char *)to)[i] = a[i] + 1;
	vm_deallocate(SELF, (vm_address_t)a, an);
	*b = (char *)to;
	*bn = an;
	return KERN_SUCCESS;
}
static mach_port_t kept;
kern_return_t do_rights(mach_port_t server, mach_port_t a, mach_port_t b, mach_port_t *c, port_p d, unsigned *dn)
{
	if (type_of(a) != MACH_PORT_TYPE_SEND || type_of(b) != MACH_PORT_TYPE_RECEIVE)
		return KERN_INVALID_RIGHT;
	kept = b;
	*c = a;
	d[0] = b; /* its receiver names it: a send right is made */
	d[1] = MACH_PORT_NULL;
	d[2] = a;
	*dn = 3;
	return KERN_SUCCESS;
}
kern_return_t do_note(mach_port_t server, int a)
{
	noted += a;
	return KERN_SUCCESS;
}
kern_return_t do_fails(mach_port_t server, int *a)
{
	*a = noted;
	return noted == 7 ? KERN_FAILURE : KERN_ABORTED;
}
kern_return_t do_stop(mach_port_t server)
{
	stopped = 1;
	return KERN_SUCCESS;
}

typedef union { msg_header_t head; char bytes[32768]; } room_t;
static room_t in, out;

static int serves(mach_port_t main)
{
	port_t mine;
	OK(port_allocate(SELF, &mine));
	OK(send_right(main, mine, MACH_MSG_TYPE_MAKE_SEND, 0));
	while (!stopped) {
		in.head.msg_local_port = mine;
		in.head.msg_size = sizeof in;
		CHECKEQ(msg_receive(&in.head, MSG_OPTION_NONE, 0), RCV_SUCCESS);
		shop_server(&in.head, &out.head);
		if (((mig25_reply_t *)&out)->RetCode != MIG_NO_REPLY)
			CHECKEQ(msg_send(&out.head, MSG_OPTION_NONE, 0), SEND_SUCCESS);
	}
	return failures != 0;
}

/* A request made by hand; its answer is a return code. */
static int by_hand(port_t server, int id, int words, const unsigned *w)
{
	union { msg_header_t head; unsigned w[64]; char room[512]; } m;
	m.head = (msg_header_t){ .msg_simple = 1, .msg_size = sizeof m.head + 4 * words, .msg_remote_port = server, .msg_local_port = thread_reply(), .msg_id = id };
	for (int i = 0; i < words; i++)
		m.w[6 + i] = w[i];
	CHECKEQ(msg_rpc(&m.head, MSG_OPTION_NONE, sizeof m, 0, 0), RCV_SUCCESS);
	CHECKEQ(m.head.msg_id, id + 100);
	CHECKEQ(m.head.msg_size, 32);
	return m.w[7];
}

int main(void)
{
	mach_port_t main = port_with_send(), server = 0, extra, got = 0;
	thread_reply(); /* is made once, and stays */
	int sum = 0;
	pid_t pid = child(main, serves);
	server = receive_right(main, 0);
	census_t before = census();

	OK(add(server, 40, 2, &sum));
	CHECKEQ(sum, 42);
	char name[20], five[5];
	OK(strings(server, "hello", "abcde", name, five));
	CHECKSTR(name, "hello!");
	CHECK(memcmp(five, "edcba", 5) == 0);
	OK(strings(server, "0123456789012345678", "abcde", name, five)); /* all there is room for */
	CHECKSTR(name, "0123456789012345678");

	static short a[300];
	static int b[5000];
	pair_t p = { { 5, 6 } }, q;
	unsigned n = 4990;
	for (int i = 0; i < 300; i++)
		a[i] = i;
	for (int i = 0; i < 5000; i++)
		b[i] = i;
	OK(arrays(server, a, 300, b, &n, p, &q));
	CHECKEQ(n, 4992); /* a long type's number */
	CHECKEQ(b[4989], 4989);
	CHECKEQ(b[4990], 299 * 300 / 2);
	CHECKEQ(b[4991], 5);
	CHECKEQ(q.words[0], 6);
	CHECKEQ(q.words[1], 300);
	n = 0;
	OK(arrays(server, a, 0, b, &n, p, &q));
	CHECKEQ(n, 2);
	CHECKEQ(b[0], 0);
	CHECKKR(arrays(server, a, 301, b, &n, p, &q), MIG_ARRAY_TOO_LARGE);
	n = 5000;
	CHECKKR(arrays(server, a, 1, b, &n, p, &q), KERN_NO_SPACE);

	char *from = NULL, *to = NULL;
	OK(vm_allocate(SELF, (vm_address_t *)&from, 20 * page, VM_FLAGS_ANYWHERE));
	for (int i = 0; i < 20; i++)
		from[i * page] = i;
	OK(memory(server, from, 20 * page, &to, &n));
	CHECKEQ(n, 20 * page);
	for (int i = 0; i < 20; i++)
		CHECKEQ(to[i * page], i + 1);
	OK(vm_deallocate(SELF, (vm_address_t)to, n));
	OK(vm_deallocate(SELF, (vm_address_t)from, 20 * page));

	/* A send right comes back under its name; of a port that was given away, one comes. */
	extra = port_with_send();
	mach_port_t given = port_with_send(), l[4];
	OK(rights(server, extra, given, &got, l, &n));
	CHECKEQ(got, extra);
	CHECKEQ(n, 3);
	CHECKEQ(l[0], given);
	CHECKEQ(l[1], MACH_PORT_NULL);
	CHECKEQ(l[2], extra);
	CHECKEQ(type_of(given), MACH_PORT_TYPE_SEND);
	CHECKEQ(refs(given, MACH_PORT_RIGHT_SEND), 2);
	CHECKEQ(refs(extra, MACH_PORT_RIGHT_SEND), 3);
	port_end(given);
	port_end(extra);

	OK(note(server, 3));
	OK(note(server, 4));
	CHECKKR(fails(server, &sum), KERN_FAILURE);
	CHECKEQ(sum, 42); /* no result with a failure */

	/* add's two integers: of another type, too few, too many, too long. */
	unsigned one = 1 << 28 | 1 << 16 | 32 << 8 | 2;
	CHECKEQ(by_hand(server, 7000, 4, (unsigned[]){ one, 1, one & ~0xff, 2 }), MIG_TYPE_ERROR);
	CHECKEQ(by_hand(server, 7000, 2, (unsigned[]){ one, 1 }), MIG_TYPE_ERROR);
	CHECKEQ(by_hand(server, 7000, 3, (unsigned[]){ one, 1, one }), MIG_TYPE_ERROR);
	CHECKEQ(by_hand(server, 7000, 5, (unsigned[]){ one, 1, one, 2, 3 }), MIG_BAD_ARGUMENTS);
	CHECKEQ(by_hand(server, 7000, 4, (unsigned[]){ one, 1, one + (1 << 16), 2 }), MIG_TYPE_ERROR);
	/* An array's number is checked before its data are looked for: 301, and 1000 of none. */
	CHECKEQ(by_hand(server, 7002, 2, (unsigned[]){ 1 << 28 | 301 << 16 | 16 << 8 | 1, 0 }), MIG_TYPE_ERROR);
	CHECKEQ(by_hand(server, 7004, 0, NULL), MIG_BAD_ID);
	CHECKEQ(by_hand(server, 7009, 0, NULL), MIG_BAD_ID);
	CHECKEQ(by_hand(server, 6999, 0, NULL), MIG_BAD_ID);
	OK(add(server, 1, 2, &sum));
	CHECKEQ(sum, 3);
	SAME(before);
	OK(stop(server));
	ended(pid);
	printf("mach_mig25 ok\n");
	DONE();
}
