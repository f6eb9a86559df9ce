/*
 * mach_msg and its forms: queues and their limits, time-outs, sizes, trailers, sets,
 * a round trip with another task; and that what fails leaves everything as it was.
 */
#include "mach_check.h"
#include <pthread.h>
#include <signal.h>
#include <mach/mach_sync_ipc.h>

/* Answers every message with its word plus one, at its reply port; 0 ends it. */
static int server(mach_port_t main)
{
	mach_port_t mine = port_new();
	OK(send_right(main, mine, MACH_MSG_TYPE_MAKE_SEND, 0));
	for (;;) {
		received_t r;
		OK(receive(mine, &r, sizeof r, 0));
		CHECKEQ(MACH_MSGH_BITS_REMOTE(r.m.head.msgh_bits), MACH_MSG_TYPE_PORT_SEND_ONCE);
		CHECKEQ(MACH_MSGH_BITS_LOCAL(r.m.head.msgh_bits), MACH_MSG_TYPE_PORT_SEND);
		CHECKEQ(r.m.head.msgh_local_port, mine);
		simple_t a = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), sizeof a, r.m.head.msgh_remote_port, 0, 0,
		    r.m.head.msgh_id + 100 }, .word = { r.m.word[0] + 1 } };
		OK(mach_msg(&a.head, MACH_SEND_MSG, sizeof a, 0, 0, 0, 0));
		if (r.m.word[0] == 0)
			return failures != 0;
	}
}

static void rpc(void)
{
	census_t before = census();
	mach_port_t main = port_with_send();
	pid_t pid = child(main, server);
	mach_port_t to = receive_right(main, NULL);
	received_t m;
	/* With the thread's own port for replies, as stubs of UseSpecialReplyPort do, and without one again. */
	mach_port_t special = mig_get_special_reply_port();
	CHECK(MACH_PORT_VALID(special));
	CHECKEQ(mig_get_special_reply_port(), special);
	m.m.head = (mach_msg_header_t){ MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof m.m, to, special, 0, 1000 };
	m.m.word[0] = 41;
	OK(mach_msg(&m.m.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_SYNC_OVERRIDE | MACH_SEND_SYNC_USE_THRPRI | MACH_RCV_SYNC_WAIT,
	    sizeof m.m, sizeof m, special, 0, 0));
	CHECKEQ(m.m.word[0], 42);
	mig_dealloc_special_reply_port(special);
	mach_port_type_t type;
	CHECKKR(mach_port_type(mach_task_self(), special, &type), KERN_INVALID_NAME);
	for (int i = 500; i >= 0; i--) {
		m.m.head = (mach_msg_header_t){ MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof m.m, to, main, 0, 1000 };
		m.m.word[0] = i;
		OK(mach_msg(&m.m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof m.m, sizeof m, main, 0, 0));
		CHECKEQ(m.m.head.msgh_id, 1100);
		CHECKEQ(m.m.head.msgh_size, sizeof m.m);
		CHECKEQ(m.m.head.msgh_local_port, main);
		CHECKEQ(m.m.word[0], i + 1);
	}
	ended(pid);
	port_end(to);
	port_end(main);
	SAME(before);
}

static void queue(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	CHECKEQ(status_of(p).mps_qlimit, MACH_PORT_QLIMIT_DEFAULT);
	CHECKKR(poll_port(p), MACH_RCV_TIMED_OUT);
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, i));
	CHECKKR(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 9), MACH_SEND_TIMED_OUT);
	CHECKEQ(status_of(p).mps_msgcount, MACH_PORT_QLIMIT_DEFAULT);
	/* Send-once rights are not bound by the limit. */
	mach_port_t once;
	OK(mach_port_extract_right(SELF, p, MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &(mach_msg_type_name_t){ 0 }));
	OK(send_word(once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1, MACH_PORT_QLIMIT_DEFAULT));
	mach_port_limits_t l = { 100 };
	OK(mach_port_set_attributes(SELF, p, MACH_PORT_LIMITS_INFO, (mach_port_info_t)&l, MACH_PORT_LIMITS_INFO_COUNT));
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, MACH_PORT_QLIMIT_DEFAULT + 1));
	l.mpl_qlimit = MACH_PORT_QLIMIT_MAX + 1;
	CHECKKR(mach_port_set_attributes(SELF, p, MACH_PORT_LIMITS_INFO, (mach_port_info_t)&l, 1), KERN_INVALID_VALUE);
	/* In the order in which they were sent, and numbered so. */
	uint32_t first = status_of(p).mps_seqno;
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT + 2; i++) {
		received_t r;
		OK(receive(p, &r, sizeof r, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_SEQNO)));
		CHECKEQ(r.m.word[0], i);
		mach_msg_seqno_trailer_t *t = (void *)((char *)&r + r.m.head.msgh_size);
		CHECKEQ(t->msgh_trailer_size, sizeof *t);
		CHECKEQ(t->msgh_seqno, first + i);
	}
	OK(mach_port_set_seqno(SELF, p, 1000));
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 1));
	received_t r;
	OK(receive(p, &r, sizeof r, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_SEQNO)));
	CHECKEQ(((mach_msg_seqno_trailer_t *)&r.room)->msgh_seqno, 1000);
	port_end(p);
	SAME(before);
}

static void *drain(void *p) { return (void *)(long)receive_word((mach_port_t)(long)p); }

/* A sender waits for room, and goes on when there is. */
static void blocking(void)
{
	mach_port_t p = port_with_send();
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 50 + i));
	pthread_t t;
	CHECKEQ(pthread_create(&t, NULL, drain, (void *)(long)p), 0);
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, p, 0, 0, 1 }, .word = { 99 } };
	OK(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, 0, 0, 0));
	void *got;
	pthread_join(t, &got);
	CHECKEQ((long)got, 50);
	for (int i = 1; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		CHECKEQ(receive_word(p), 50 + i);
	CHECKEQ(receive_word(p), 99);
	/* A receiver is told when its port dies. */
	struct timespec ms = { 0, 20000000 };
	CHECKEQ(pthread_create(&t, NULL, drain, (void *)(long)p), 0);
	nanosleep(&ms, NULL);
	port_end(p);
	pthread_join(t, &got);
	CHECKEQ((long)got, -1);
}

static void sizes(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	struct { mach_msg_header_t head; char bytes[4096]; mach_msg_max_trailer_t room; } big;
	big.head = (mach_msg_header_t){ MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 24 + 2000, p, 0, 0, 7 };
	for (int i = 0; i < 2000; i++)
		big.bytes[i] = i * 7;
	OK(mach_msg(&big.head, MACH_SEND_MSG, 24 + 2000, 0, 0, 0, 0));
	/* MACH_RCV_LARGE: it stays, and its size is told. */
	received_t r;
	CHECKKR(receive(p, &r, sizeof r, MACH_RCV_LARGE), MACH_RCV_TOO_LARGE);
	CHECKEQ(r.m.head.msgh_size, 24 + 2000);
	CHECKEQ(status_of(p).mps_msgcount, 1);
	OK(receive(p, &big, sizeof big, 0));
	CHECKEQ(big.head.msgh_size, 24 + 2000);
	int wrong = 0;
	for (int i = 0; i < 2000; i++)
		wrong += big.bytes[i] != (char)(i * 7);
	CHECKEQ(wrong, 0);
	/* Without it the message is lost, and what it carried. */
	mach_port_t q = port_new();
	OK(send_right(p, q, MACH_MSG_TYPE_MAKE_SEND, 0));
	CHECKEQ(status_of(q).mps_srights, 1);
	struct { mach_msg_header_t head; mach_msg_trailer_t room; } small;
	CHECKKR(receive(p, &small, sizeof small, 0), MACH_RCV_TOO_LARGE);
	CHECKEQ(status_of(p).mps_msgcount, 0);
	CHECKEQ(status_of(q).mps_srights, 0);
	port_end(q);
	/* Too small to be one; not a multiple of four. */
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 20, p, 0, 0, 1 } };
	CHECKKR(mach_msg(&m.head, MACH_SEND_MSG, 20, 0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	CHECKKR(mach_msg(&m.head, MACH_SEND_MSG, 26, 0, 0, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	/* From and into memory that is not there. */
	CHECKKR(mach_msg((void *)0x1000, MACH_SEND_MSG, 32, 0, 0, 0, 0), MACH_SEND_INVALID_DATA);
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 1));
	CHECKKR(mach_msg((void *)0x1000, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 200, p, 0, 0), MACH_RCV_INVALID_DATA);
	CHECKKR(poll_port(p), MACH_RCV_TIMED_OUT);
	port_end(p);
	SAME(before);
}

/* What is wrong in a header or a descriptor, and that nothing moves then. */
static void refused(void)
{
	census_t before = census();
	mach_port_t p = port_with_send(), q = port_with_send();
	census_t with = census();
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, 0, 0, 0, 1 } };
#define SEND(want) do { simple_t t = m; CHECKKR(mach_msg(&t.head, MACH_SEND_MSG, sizeof t, 0, 0, 0, 0), want); SAME(with); } while (0)
	SEND(MACH_SEND_INVALID_DEST);
	m.head.msgh_remote_port = MACH_PORT_DEAD;
	SEND(MACH_SEND_INVALID_DEST);
	m.head.msgh_remote_port = 0x7777;
	SEND(MACH_SEND_INVALID_DEST);
	m.head.msgh_remote_port = p;
	m.head.msgh_bits = 0;
	SEND(MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_RECEIVE, 0);
	SEND(MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 9);
	SEND(MACH_SEND_INVALID_HEADER);
	m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND);
	m.head.msgh_local_port = 0x7777;
	SEND(MACH_SEND_INVALID_REPLY);
	m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	m.head.msgh_local_port = q;
	SEND(MACH_SEND_INVALID_REPLY);
	m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	m.head.msgh_local_port = 0;
	CHECKEQ(status_of(p).mps_msgcount, 0);
	/* The first descriptor is good and must be undone when the second is not. */
	for (int i = 0; i < 6; i++) {
		message_t c = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
		    sizeof c.head + sizeof c.body + 2 * sizeof c.port[0], p, 0, 0, 1 }, .body = { 2 } };
		c.port[0] = (mach_msg_port_descriptor_t){ .name = q, .disposition = MACH_MSG_TYPE_MOVE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR };
		c.port[1] = c.port[0];
		unsigned want = MACH_SEND_INVALID_RIGHT;
		switch (i) {
		case 0: c.port[1].name = 0x7777; break;
		case 1: c.port[1].disposition = MACH_MSG_TYPE_MOVE_SEND_ONCE; break;
		case 2: c.port[1].disposition = 3; break;
		case 3: c.port[1].type = 9; want = MACH_SEND_INVALID_TYPE; break;
		case 4: c.body.msgh_descriptor_count = 3; want = MACH_SEND_MSG_TOO_SMALL; break;
		case 5:
			*(mach_msg_ool_descriptor_t *)&c.port[1] = (mach_msg_ool_descriptor_t){ .address = (void *)0x1000, .size = 4096, .copy = MACH_MSG_VIRTUAL_COPY, .type = MACH_MSG_OOL_DESCRIPTOR };
			c.head.msgh_size += 4;
			want = MACH_SEND_INVALID_MEMORY;
		}
		mach_msg_return_t r = mach_msg(&c.head, MACH_SEND_MSG, c.head.msgh_size, 0, 0, 0, 0);
		CHECKKR(r & ~MACH_MSG_MASK, want);
		if (i == 3 || i == 4) /* seen before any right moved */
			SAME(with);
		else { /* the first right went to the message, and died with it */
			CHECKEQ(type_of(q), MACH_PORT_TYPE_RECEIVE);
			OK(mach_port_insert_right(SELF, q, q, MACH_MSG_TYPE_MAKE_SEND));
		}
		CHECKEQ(status_of(p).mps_msgcount, 0);
	}
	SAME(with);
	/* A message that finds no room comes back with its rights. */
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, i));
	message_t c = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) | MACH_MSGH_BITS_COMPLEX,
	    sizeof c.head + sizeof c.body + sizeof c.port[0], p, q, 0, 1 }, .body = { 1 } };
	c.port[0] = (mach_msg_port_descriptor_t){ .name = q, .disposition = MACH_MSG_TYPE_MAKE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR };
	CHECKKR(mach_msg(&c.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, c.head.msgh_size, 0, 0, 0, 0), MACH_SEND_TIMED_OUT);
	CHECKEQ(c.head.msgh_remote_port, p);
	CHECKEQ(MACH_MSGH_BITS_REMOTE(c.head.msgh_bits), MACH_MSG_TYPE_MOVE_SEND);
	CHECKEQ(MACH_MSGH_BITS_LOCAL(c.head.msgh_bits), MACH_MSG_TYPE_MOVE_SEND_ONCE);
	CHECKEQ(c.port[0].disposition, MACH_MSG_TYPE_MOVE_SEND);
	CHECKEQ(c.port[0].name, q);
	CHECKEQ(refs(q, MACH_PORT_RIGHT_SEND), 2);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 2);
	OK(mach_port_deallocate(SELF, q)); /* the one in the descriptor */
	OK(mach_port_deallocate(SELF, p));
	OK(mach_port_deallocate(SELF, c.head.msgh_local_port));
	port_end(p);
	port_end(q);
	SAME(before);
}

/* Who sent it: the kernel says so, not the sender. */
static int teller(mach_port_t main)
{
	OK(send_word(main, MACH_MSG_TYPE_COPY_SEND, 3, getpid()));
	return failures != 0;
}
static void trailers(void)
{
	mach_port_t p = port_with_send();
	pid_t pid = child(p, teller);
	received_t r;
	OK(receive(p, &r, sizeof r, MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT)));
	mach_msg_audit_trailer_t *t = (void *)&r.room;
	CHECKEQ(t->msgh_trailer_type, MACH_MSG_TRAILER_FORMAT_0);
	CHECKEQ(t->msgh_trailer_size, 52);
	CHECKEQ(t->msgh_audit.val[5], pid);
	CHECKEQ(t->msgh_audit.val[5], r.m.word[0]);
	CHECKEQ(t->msgh_audit.val[1], geteuid());
	CHECKEQ(t->msgh_audit.val[2], getegid());
	CHECKEQ(t->msgh_audit.val[3], getuid());
	CHECKEQ(t->msgh_sender.val[0], geteuid());
	CHECKEQ(t->msgh_sender.val[1], getegid());
	ended(pid);
	/* The port's context comes with the message. */
	OK(mach_port_set_context(SELF, p, 0x123456789abcdef0));
	mach_port_context_t c = 0;
	OK(mach_port_get_context(SELF, p, &c));
	CHECK(c == 0x123456789abcdef0);
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 1));
	OK(receive(p, &r, sizeof r, MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_CTX)));
	mach_msg_context_trailer_t *x = (void *)&r.room;
	CHECKEQ(x->msgh_trailer_size, 60);
	CHECK(x->msgh_context == 0x123456789abcdef0);
	/* Without being asked for: the shortest. */
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 1));
	OK(receive(p, &r, sizeof r, 0));
	CHECKEQ(r.room.msgh_trailer_size, 8);
	port_end(p);
}

static void sets(void)
{
	census_t before = census();
	mach_port_t s, s2, p[10];
	OK(mach_port_allocate(SELF, MACH_PORT_RIGHT_PORT_SET, &s));
	OK(mach_port_allocate(SELF, MACH_PORT_RIGHT_PORT_SET, &s2));
	CHECKEQ(type_of(s), MACH_PORT_TYPE_PORT_SET);
	CHECKKR(poll_port(s), MACH_RCV_TIMED_OUT);
	for (int i = 0; i < 10; i++) {
		p[i] = port_with_send();
		OK(mach_port_insert_member(SELF, p[i], s));
	}
	CHECKKR(mach_port_insert_member(SELF, p[0], s), KERN_ALREADY_IN_SET);
	CHECKKR(mach_port_insert_member(SELF, p[0], p[1]), KERN_INVALID_RIGHT);
	CHECKKR(mach_port_insert_member(SELF, s, s2), KERN_INVALID_RIGHT);
	CHECKKR(mach_port_insert_member(SELF, 0x7777, s), KERN_INVALID_NAME);
	CHECKKR(mach_port_extract_member(SELF, p[0], s2), KERN_NOT_IN_SET);
	OK(mach_port_insert_member(SELF, p[0], s2)); /* in both */
	OK(mach_port_extract_member(SELF, p[0], s2));
	mach_port_name_t *l;
	mach_msg_type_number_t n = 0;
	OK(mach_port_get_set_status(SELF, s, &l, &n));
	CHECKEQ(n, 10);
	for (unsigned i = 0; i < n; i++) {
		int found = 0;
		for (int j = 0; j < 10; j++)
			found += l[i] == p[j];
		CHECKEQ(found, 1);
	}
	vm_deallocate(SELF, (vm_address_t)l, n * sizeof *l);
	/* What comes says from which; each port's own order is kept. */
	for (int i = 0; i < 30; i++)
		OK(send_word(p[i % 10], MACH_MSG_TYPE_COPY_SEND, 1, i));
	int next[10];
	for (int i = 0; i < 10; i++)
		next[i] = i;
	for (int i = 0; i < 30; i++) {
		received_t r;
		OK(receive(s, &r, sizeof r, 0));
		int j = 0;
		while (j < 10 && p[j] != r.m.head.msgh_local_port)
			j++;
		CHECK(j < 10);
		if (j < 10) {
			CHECKEQ(r.m.word[0], next[j]);
			next[j] += 10;
		}
	}
	/* Too large in a set: which port it is in. */
	OK(send_word(p[4], MACH_MSG_TYPE_COPY_SEND, 1, 1));
	mach_msg_header_t h;
	CHECKKR(receive(s, &h, sizeof h, MACH_RCV_LARGE | MACH_RCV_LARGE_IDENTITY), MACH_RCV_TOO_LARGE);
	CHECKEQ(h.msgh_local_port, p[4]);
	CHECKEQ(h.msgh_size, sizeof(simple_t));
	CHECKEQ(receive_word(p[4]), 1); /* members can be received from, too */
	/* A port that leaves the set takes its messages along. */
	OK(send_word(p[3], MACH_MSG_TYPE_COPY_SEND, 1, 33));
	OK(mach_port_move_member(SELF, p[3], s2));
	CHECKKR(poll_port(s), MACH_RCV_TIMED_OUT);
	CHECKEQ(receive_word(s2), 33);
	OK(mach_port_move_member(SELF, p[3], MACH_PORT_NULL));
	CHECKKR(mach_port_move_member(SELF, p[3], MACH_PORT_NULL), KERN_NOT_IN_SET);
	/* Destroying the set leaves its ports; a send right to a set there is not. */
	CHECKKR(mach_port_insert_right(SELF, s, s, MACH_MSG_TYPE_MAKE_SEND), KERN_INVALID_RIGHT);
	CHECKKR(send_word(s, MACH_MSG_TYPE_COPY_SEND, 1, 1), MACH_SEND_INVALID_DEST);
	OK(mach_port_mod_refs(SELF, s, MACH_PORT_RIGHT_PORT_SET, -1));
	CHECKEQ(type_of(p[0]), MACH_PORT_TYPE_SEND_RECEIVE);
	OK(send_word(p[0], MACH_MSG_TYPE_COPY_SEND, 1, 12));
	CHECKEQ(receive_word(p[0]), 12);
	port_end(s2);
	for (int i = 0; i < 10; i++)
		port_end(p[i]);
	SAME(before);
}

/* The newer forms of the trap, and scattering the reply. */
static void forms(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, p, 0, 0, 5 }, .word = { 42 } };
	received_t r;
	OK(mach_msg_overwrite(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof m, sizeof r, p, 0, 0, &r.m.head, 0));
	CHECKEQ(r.m.word[0], 42);
	CHECKEQ(m.word[0], 42);
	CHECKEQ(m.head.msgh_remote_port, p); /* what was sent is as it was */
#define PAIR(lo, hi) ((uint64_t)(uint32_t)(hi) << 32 | (uint32_t)(lo))
	const uint64_t mach_msg_call = 0x800000000; /* MACH64_SEND_ANY: to whatever kind of port */
	m = (simple_t){ .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, p, 0, 0, 6 }, .word = { 43 } };
	OK(mach_msg2_trap(&m, MACH_SEND_MSG | mach_msg_call, PAIR(m.head.msgh_bits, sizeof m), PAIR(p, 0), PAIR(0, 6), PAIR(0, 0), 0, 0));
	memset(&r, 0, sizeof r);
	OK(mach_msg2_trap(&r, MACH_RCV_MSG | MACH_RCV_TIMEOUT | mach_msg_call, 0, 0, 0, PAIR(0, p), PAIR(sizeof r, 0), 30000));
	CHECKEQ(r.m.word[0], 43);
	CHECKEQ(r.m.head.msgh_id, 6);
	/* Neither sending nor receiving: nothing. */
	OK(mach_msg(&m.head, 0, 0, 0, 0, 0, 0));
	OK(mach_msg_send(&(mach_msg_header_t){ MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 24, p, 0, 0, 8 }));
	CHECKEQ(receive(p, &r, sizeof r, 0), 0);
	CHECKEQ(r.m.head.msgh_id, 8);
	port_end(p);
	SAME(before);
}

/* Messages in two pieces: the second comes where there is room for it, is left out where
 * nobody has heard of pieces, and is too large where one piece is expected. */
static void vectors(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	struct { mach_msg_aux_header_t head; char text[24]; } aux = { { 99, 7 }, "besides" }, got;
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, p, 0, 0, 5 }, .word = { 44 } };
	received_t r;
	mach_msg_vector_t out[2] = { { (uintptr_t)&m, 0, sizeof m, 0 }, { (uintptr_t)&aux, 0, sizeof aux, 0 } };
	mach_msg_vector_t in[2] = { { (uintptr_t)&r, 0, 0, sizeof r }, { 8, (uintptr_t)&got, 0, sizeof got } };
	const mach_msg_option64_t get = MACH64_RCV_MSG | MACH64_RCV_TIMEOUT, put = MACH64_SEND_MSG | MACH64_SEND_MQ_CALL | MACH64_MSG_VECTOR;
#define PUT() OK(mach_msg2(out, put, m.head, 2, 0, 0, 0, 0))
#define GET(to, how, n, wait) mach_msg2(to, get | (how), MACH_MSG_HEADER_EMPTY, 0, n, p, wait, 0)
	PUT();
	OK(GET(in, MACH64_MSG_VECTOR, 2, 30000));
	CHECKEQ(r.m.word[0], 44);
	CHECKEQ(got.head.msgdh_size, sizeof got);
	CHECKEQ(got.head.msgdh_reserved, 0);
	CHECKSTR(got.text, "besides");
	/* No room: told how much, if asked to be; otherwise the message is gone. */
	PUT();
	CHECKKR(GET(in, MACH64_MSG_VECTOR | MACH64_RCV_LARGE, 1, 30000), MACH_RCV_TOO_LARGE);
	CHECKEQ(r.m.head.msgh_size, sizeof m);
	in[1].msgv_rcv_size = sizeof got - 1;
	memset(&got, 0, sizeof got);
	CHECKKR(GET(in, MACH64_MSG_VECTOR | MACH64_RCV_LARGE, 2, 30000), MACH_RCV_TOO_LARGE);
	CHECKEQ(got.head.msgdh_size, sizeof aux);
	CHECKEQ(got.text[0], 0);
	CHECKKR(GET(in, MACH64_MSG_VECTOR, 1, 30000), MACH_RCV_TOO_LARGE);
	CHECKKR(GET(in, MACH64_MSG_VECTOR, 2, 0), MACH_RCV_TIMED_OUT);
	/* In one piece, by either call. */
	PUT();
	OK(GET(&r, 0, sizeof r, 30000));
	CHECKEQ(r.m.word[0], 44);
	PUT();
	OK(mach_msg(&r.m.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof r, p, 30000, 0));
	CHECKEQ(r.m.word[0], 44);
	/* Nothing besides: a header that says so. */
	OK(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, 0, 0, 0));
	in[1].msgv_rcv_size = sizeof got;
	got.head.msgdh_size = 1;
	OK(GET(in, MACH64_MSG_VECTOR, 2, 30000));
	CHECKEQ(got.head.msgdh_size, 0);
	port_end(p);
	SAME(before);
}

static void on_signal(int s) {}
static mach_port_t waits;
static void *waiter(void *x)
{
	received_t r;
	return (void *)(long)mach_msg(&r.m.head, MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0, sizeof r, waits, 0, 0);
}

/* A signal ends a receive that asks to be told; others go on waiting. */
static void interrupts(void)
{
	signal(SIGUSR1, on_signal);
	waits = port_with_send();
	pthread_t t;
	void *res = NULL;
	CHECKEQ(pthread_create(&t, NULL, waiter, NULL), 0);
	mach_port_t th = pthread_mach_thread_np(t);
	thread_basic_info_data_t b;
	do {
		mach_msg_type_number_t n = THREAD_BASIC_INFO_COUNT;
		OK(thread_info(th, THREAD_BASIC_INFO, (thread_info_t)&b, &n));
	} while (b.run_state != TH_STATE_WAITING);
	pthread_kill(t, SIGUSR1);
	pthread_join(t, &res);
	CHECKKR((unsigned)(long)res, MACH_RCV_INTERRUPTED);
	port_end(waits);
}

int main(void)
{
	rpc();
	queue();
	blocking();
	sizes();
	refused();
	trailers();
	sets();
	forms();
	vectors();
	interrupts();
	printf("mach_msg ok\n");
	DONE();
}
