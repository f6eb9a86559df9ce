/*
 * What broke real kernels, one by one: who owns a right when a MIG routine fails,
 * replies and notifications that somebody else sends, memory that changes while it is
 * copied, counts that overflow, ports that die in messages, also in their own queues.
 * After each the task has what it had before.
 */
#include "mach_check.h"
#include <mach/mig_errors.h>
#include <pthread.h>
#include <servers/bootstrap.h>

/* A request made by hand: id, one right, and words. */
#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t right;
	NDR_record_t ndr;
	int word[16];
	mach_msg_max_trailer_t room;
} request_t;
#pragma pack(pop)

/* Sends it, and receives the answer's code. */
static kern_return_t call(mach_port_t to, int id, mach_port_t right, int disposition, unsigned words, const int *word)
{
	mach_port_t reply = mig_get_reply_port();
	request_t m;
	memset(&m, 0, sizeof m);
	m.head = (mach_msg_header_t){ MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) | MACH_MSGH_BITS_COMPLEX,
	    sizeof m.head + sizeof m.body + sizeof m.right + sizeof m.ndr + 4 * words, to, reply, 0, id };
	m.body.msgh_descriptor_count = 1;
	m.right.name = right;
	m.right.disposition = disposition;
	m.right.type = MACH_MSG_PORT_DESCRIPTOR;
	m.ndr = NDR_record;
	for (unsigned i = 0; i < words; i++)
		m.word[i] = word[i];
	mach_msg_return_t r = mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, m.head.msgh_size, sizeof m, reply, 30000, 0);
	if (r != MACH_MSG_SUCCESS)
		return r;
	CHECKEQ(m.head.msgh_id, id + 100);
	if (m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) {
		mach_msg_destroy(&m.head);
		return KERN_SUCCESS;
	}
	return ((mig_reply_error_t *)&m)->RetCode;
}

/* Each fails after the kernel has taken the right in: it must give it up once. */
static void ownership(void)
{
	mach_port_t p = port_new();
	census_t before = census();
	static const struct { int id; unsigned words; int word[4]; } calls[] = {
		{ 3410, 1, { 4711 } },             /* task_set_special_port: no such port */
		{ 3410, 0, { 0 } },                /* too short */
		{ 3410, 9, { 4 } },                /* too long */
		{ 3413, 3, { 1 << 30, 1, 0 } },    /* task_set_exception_ports: mask */
		{ 3413, 3, { 2, 99, 0 } },         /* behaviour */
		{ 3413, 3, { 2, 2, 4711 } },       /* flavour */
		{ 3214, 1, { 0 } },                /* mach_port_insert_right: no name */
		{ 3419, 0, { 0 } },                /* semaphore_destroy: no semaphore */
		{ 3419, 2, { 0 } },
		{ 3213, 3, { 0x7777, 72, 0 } },    /* mach_port_request_notification: no such name */
		{ 3213, 3, { 0x7777, 4711, 0 } },
		{ 4711, 2, { 1 } },                /* no such routine */
		{ 3404, 0, { 0 } },                /* one that takes no right */
		{ 4811, 4, { 0 } },                /* mach_vm_map: too short */
	};
	static const int kinds[] = { MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE };
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		for (int k = 0; k < 2; k++) {
			CHECK(call(SELF, calls[i].id, p, kinds[k], calls[i].words, calls[i].word) != KERN_SUCCESS);
			int told = 0; /* a send-once right that is given up says so, once */
			while (poll_port(p) == MACH_MSG_SUCCESS)
				told++;
			CHECKEQ(told, k);
			CHECKEQ(status_of(p).mps_srights, 0);
			CHECKEQ(status_of(p).mps_sorights, 0);
			SAME(before);
		}
	/* The receive right itself: it dies with the request. */
	mach_port_t q = port_new();
	call(SELF, 3410, q, MACH_MSG_TYPE_MOVE_RECEIVE, 1, calls[0].word);
	CHECKEQ(type_of(q), 0);
	SAME(before);
	port_end(p);
}

/* A server that answers twice, with another's id, or with more than was asked for. */
static mach_port_t service;
static volatile int style;
static void *liar(void *x)
{
	for (;;) {
		received_t r;
		if (receive(service, &r, sizeof r, 0) != MACH_MSG_SUCCESS)
			return NULL;
		mach_port_t to = r.m.head.msgh_remote_port;
		request_t a = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), 36, to, 0, 0, r.m.head.msgh_id + 100 } };
		switch (style) {
		case 0: a.head.msgh_id++; break;
		case 1: a.head.msgh_size = 24; break;
		case 2: /* a right that nobody asked for */
			a.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
			a.head.msgh_size = 40;
			a.body.msgh_descriptor_count = 1;
			a.right = (mach_msg_port_descriptor_t){ .name = service, .disposition = MACH_MSG_TYPE_MAKE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR };
			break;
		case 3: /* none at all */
			OK(mach_port_deallocate(SELF, to));
			continue;
		case 4:
			style = -1;
			break;
		}
		OK(mach_msg(&a.head, MACH_SEND_MSG, a.head.msgh_size, 0, 0, 0, 0));
		/* The right was good for one: nobody can answer in its place again. */
		a.head.msgh_remote_port = to;
		CHECKKR(mach_msg(&a.head, MACH_SEND_MSG, a.head.msgh_size, 0, 0, 0, 0), MACH_SEND_INVALID_DEST);
	}
}
static void replies(void)
{
	pthread_t t;
	service = port_with_send();
	CHECKEQ(pthread_create(&t, NULL, liar, NULL), 0);
	mig_get_reply_port();
	census_t before = census();
	static const unsigned want[] = { MIG_REPLY_MISMATCH, MIG_TYPE_ERROR, MIG_TYPE_ERROR, MIG_SERVER_DIED };
	for (style = 0; style < 4; style++) {
		CHECKKR(task_resume(service), want[style]);
		SAME(before);
	}
	CHECKEQ(style, 4);
	OK(task_resume(service));
	port_end(service);
	pthread_join(t, NULL);
}

/* Notifications are the kernel's to send: forged ones end nothing. */
static void forged(void)
{
	census_t before = census();
	semaphore_t sem;
	mach_port_t entry = 0, host = mach_host_self(), thread = mach_thread_self(), clock = 0;
	vm_address_t a = 0;
	memory_object_size_t size = 4096;
	OK(vm_allocate(SELF, &a, 4096, VM_FLAGS_ANYWHERE));
	*(int *)a = 12345;
	OK(mach_make_memory_entry_64(SELF, &size, a, VM_PROT_DEFAULT, &entry, MACH_PORT_NULL));
	OK(semaphore_create(SELF, &sem, SYNC_POLICY_FIFO, 1));
	OK(host_get_clock_service(host, SYSTEM_CLOCK, &clock));
	mach_port_t to[] = { SELF, thread, host, sem, entry, clock, bootstrap_port };
	for (unsigned i = 0; i < sizeof to / sizeof *to; i++)
		for (int id = MACH_NOTIFY_FIRST; id <= MACH_NOTIFY_LAST; id++) {
			struct { mach_msg_header_t head; NDR_record_t ndr; int count; } m = {
				{ MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, to[i], 0, 0, id }, NDR_record, 0 };
			OK(mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof m, 0, 0, 1000, 0));
			int zero = 0;
			mach_port_t p = port_new();
			call(to[i], id, p, MACH_MSG_TYPE_MOVE_RECEIVE, 1, &zero);
			CHECKEQ(type_of(p), 0);
		}
	/* All are alive. An alarm can't be sent by a receive right, which ends with its message. */
	mach_port_t q = port_with_send();
	const int in[] = { TIME_RELATIVE, 3600, 0 };
	CHECKEQ(call(clock, 1002, q, MACH_MSG_TYPE_MOVE_RECEIVE, 3, in), KERN_INVALID_CAPABILITY);
	CHECKEQ(type_of(q), MACH_PORT_TYPE_DEAD_NAME);
	OK(mach_port_deallocate(SELF, q));
	OK(semaphore_wait(sem));
	OK(semaphore_destroy(SELF, sem));
	vm_address_t b = 0;
	OK(vm_map(SELF, &b, 4096, 0, VM_FLAGS_ANYWHERE, entry, 0, 0, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE));
	CHECKEQ(*(int *)b, 12345);
	mach_timespec_t now;
	OK(clock_get_time(clock, &now));
	CHECKKR(bootstrap_look_up(bootstrap_port, "no.such", &clock + 0) != KERN_SUCCESS, 1);
	for (unsigned i = 0; i < 2; i++)
		OK(vm_deallocate(SELF, i ? a : b, 4096));
	OK(mach_port_deallocate(SELF, entry));
	OK(mach_port_deallocate(SELF, to[5]));
	OK(mach_port_deallocate(SELF, host));
	OK(mach_port_deallocate(SELF, thread));
	SAME(before);
}

/* Two threads: one sends a message over and over, the other rewrites it meanwhile. */
static message_t shifting;
static volatile int done;
static mach_port_t sink;
static char *memory;
static void *shifter(void *x)
{
	for (unsigned i = 0; !done; i++) {
		shifting.body.msgh_descriptor_count = i % 4;
		shifting.ool[0].size = (i % 7) << 12;
		shifting.ool[0].type = i % 5;
		shifting.ool[0].address = i % 3 ? memory : (void *)(long)(i << 12);
		shifting.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | (i % 11 ? MACH_MSGH_BITS_COMPLEX : 0);
		memory[(i * 4099) & 0x7fff] = i;
		if (i % 64 == 0) {
			vm_protect(SELF, (vm_address_t)memory, 0x8000, 0, i % 128 ? VM_PROT_READ : VM_PROT_DEFAULT);
			if (i % 128)
				vm_protect(SELF, (vm_address_t)memory, 0x8000, 0, VM_PROT_DEFAULT);
		}
	}
	return NULL;
}
static void races(void)
{
	census_t before = census();
	vm_address_t a = 0;
	OK(vm_allocate(SELF, &a, 0x8000, VM_FLAGS_ANYWHERE));
	memory = (char *)a;
	sink = port_with_send();
	pthread_t t;
	CHECKEQ(pthread_create(&t, NULL, shifter, NULL), 0);
	int arrived = 0;
	for (int i = 0; i < 3000; i++) {
		shifting.head.msgh_remote_port = sink;
		shifting.head.msgh_local_port = 0;
		mach_msg_return_t r = mach_msg(&shifting.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof shifting.head + 4 + 16, 0, 0, 0, 0);
		if (r == MACH_SEND_TIMED_OUT)
			continue; /* what came back was given up by the next one's header */
		message_t m;
		while (mach_msg(&m.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof m, sink, 0, 0) == MACH_MSG_SUCCESS) {
			/* Whatever was taken is of one piece. */
			if (m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX && m.body.msgh_descriptor_count == 1 && m.ool[0].type == MACH_MSG_OOL_DESCRIPTOR && m.ool[0].size)
				for (unsigned k = 0; k < m.ool[0].size; k += 4096)
					(void)((volatile char *)m.ool[0].address)[k];
			mach_msg_destroy(&m.head);
			arrived++;
		}
	}
	done = 1;
	pthread_join(t, NULL);
	CHECK(arrived > 0);
	OK(vm_deallocate(SELF, a, 0x8000));
	port_end(sink);
	SAME(before);
}

static void counts(void)
{
	census_t before = census();
	mach_port_t p = port_with_send();
	/* Suspensions have a limit rather than an end. */
	mach_port_t th = mach_thread_self();
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, 65534 - 1));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 65534);
	for (int i = 0; i < 3; i++)
		OK(send_right(p, p, MACH_MSG_TYPE_COPY_SEND, 0));
	for (int i = 0; i < 3; i++)
		CHECKEQ(receive_right(p, NULL), p);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_SEND), 65535);
	/* A dead name takes the references of the notification, and no more than there are. */
	mach_port_t old;
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_DEAD_NAME), 65535);
	mach_port_t me = port_new();
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_SEND_POSSIBLE, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECKEQ(refs(p, MACH_PORT_RIGHT_DEAD_NAME), 65535);
	OK(mach_port_destroy(SELF, p));
	/* Make-send counts wrap; a semaphore's does not go below nothing. */
	OK(mach_port_set_mscount(SELF, me, 0xffffffff));
	OK(mach_port_insert_right(SELF, me, me, MACH_MSG_TYPE_MAKE_SEND));
	CHECKEQ(status_of(me).mps_mscount, 0);
	semaphore_t s;
	OK(semaphore_create(SELF, &s, SYNC_POLICY_FIFO, 0x7fffffff));
	semaphore_signal(s);
	OK(semaphore_wait(s));
	OK(semaphore_destroy(SELF, s));
	OK(mach_port_deallocate(SELF, th));
	port_end(me);
	SAME(before);
}

/* Receive rights in messages: lost with them, also in a circle. */
static void circles(void)
{
	census_t before = census();
	/* In its own queue. */
	mach_port_t p = port_with_send();
	send_right(p, p, MACH_MSG_TYPE_MOVE_RECEIVE, MACH_SEND_TIMEOUT);
	port_end(p);
	SAME(before);
	/* Each in the other's. */
	mach_port_t a = port_with_send(), b = port_with_send();
	OK(send_right(a, b, MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	send_right(b, a, MACH_MSG_TYPE_MOVE_RECEIVE, MACH_SEND_TIMEOUT);
	port_end(a);
	port_end(b);
	SAME(before);
	/* A long chain, let go at one end. */
	enum { N = 2000 };
	static mach_port_t chain[N];
	for (int i = 0; i < N; i++)
		chain[i] = port_with_send();
	for (int i = N - 1; i > 0; i--)
		OK(send_right(chain[i - 1], chain[i], MACH_MSG_TYPE_MOVE_RECEIVE, 0));
	OK(mach_port_mod_refs(SELF, chain[0], MACH_PORT_RIGHT_RECEIVE, -1));
	for (int i = 0; i < N; i++) {
		CHECKEQ(type_of(chain[i]), MACH_PORT_TYPE_DEAD_NAME);
		port_end(chain[i]);
	}
	SAME(before);
	/* The reply port of a call dies while the server has the request. */
	mach_port_t svc = port_with_send(), reply = port_new();
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof m, svc, reply, 0, 5 } };
	OK(mach_msg(&m.head, MACH_SEND_MSG, sizeof m, 0, 0, 0, 0));
	port_end(reply);
	received_t r;
	OK(receive(svc, &r, sizeof r, 0));
	CHECKEQ(r.m.head.msgh_remote_port, MACH_PORT_DEAD);
	port_end(svc);
	SAME(before);
}

int main(void)
{
	mig_get_reply_port();
	ownership();
	replies();
	forged();
	races();
	counts();
	circles();
	printf("mach_seeds ok\n");
	DONE();
}
