/*
 * What the programs about Mach share: messages with everything in them, children
 * that are given a port, and a census of rights, by which a call that fails is
 * shown to have left nothing behind.
 */
#ifndef MACH_CHECK_H
#define MACH_CHECK_H
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF mach_task_self()
/* Results of Mach calls, in hexadecimal: those of messages are known so. */
#define CHECKKR(call, want) do { unsigned a_ = (call), b_ = (want); if (a_ != b_) { failures++; \
	fprintf(stderr, "%s:%d: %s is %#x (%s), want %#x\n", __FILE__, __LINE__, #call, a_, mach_error_string(a_), b_); } } while (0)
#define OK(call) CHECKKR(call, KERN_SUCCESS)

static inline mach_port_t port_new(void)
{
	mach_port_t p = MACH_PORT_NULL;
	OK(mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &p));
	return p;
}
static inline mach_port_t port_with_send(void)
{
	mach_port_t p = port_new();
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	return p;
}
static inline mach_port_type_t type_of(mach_port_t p)
{
	mach_port_type_t t = 0;
	return mach_port_type(SELF, p, &t) == KERN_SUCCESS ? t : 0;
}
static inline int refs(mach_port_t p, mach_port_right_t r)
{
	mach_port_urefs_t n = 0;
	return mach_port_get_refs(SELF, p, r, &n) == KERN_SUCCESS ? (int)n : -1;
}
static inline mach_port_status_t status_of(mach_port_t p)
{
	mach_port_status_t s = { 0 };
	mach_msg_type_number_t n = MACH_PORT_RECEIVE_STATUS_COUNT;
	OK(mach_port_get_attributes(SELF, p, MACH_PORT_RECEIVE_STATUS, (mach_port_info_t)&s, &n));
	return s;
}
static inline void port_end(mach_port_t p)
{
	mach_port_type_t t = type_of(p);
	if (t & MACH_PORT_TYPE_SEND)
		OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_SEND, -refs(p, MACH_PORT_RIGHT_SEND)));
	if (t & MACH_PORT_TYPE_RECEIVE)
		OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	if (t & MACH_PORT_TYPE_DEAD_NAME)
		OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_DEAD_NAME, -refs(p, MACH_PORT_RIGHT_DEAD_NAME)));
	if (t & MACH_PORT_TYPE_SEND_ONCE)
		OK(mach_port_deallocate(SELF, p));
	if (t & MACH_PORT_TYPE_PORT_SET)
		OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_PORT_SET, -1));
}

/* How many names the task has, and how many references there are in all. */
typedef struct { int names, refs; uint64_t regions; } census_t;
static inline census_t census(void)
{
	census_t c = { 0, 0, 0 };
	mach_port_name_t *names;
	mach_port_type_t *types;
	mach_msg_type_number_t n = 0, m = 0;
	OK(mach_port_names(SELF, &names, &n, &types, &m));
	c.names = n;
	for (unsigned i = 0; i < n; i++)
		for (unsigned r = 0; r < 5; r++) {
			mach_port_urefs_t u = 0;
			mach_port_get_refs(SELF, names[i], r, &u);
			c.refs += u;
		}
	vm_deallocate(SELF, (vm_address_t)names, n * sizeof *names);
	vm_deallocate(SELF, (vm_address_t)types, m * sizeof *types);
	return c;
}
/* A thread that was joined gives its own port up a moment later: that is waited for. */
static inline census_t settled(census_t want)
{
	census_t now = census();
	for (int i = 0; i < 2000 && (now.names != want.names || now.refs != want.refs); i++) {
		usleep(1000);
		now = census();
	}
	return now;
}
#define SAME(before) do { census_t now_ = settled(before); CHECKEQ(now_.names, (before).names); CHECKEQ(now_.refs, (before).refs); } while (0)

/* A message with room for three descriptors, data, and the longest trailer. */
typedef struct {
	mach_msg_header_t head;
	mach_msg_body_t body;
	union {
		mach_msg_port_descriptor_t port[3];
		mach_msg_ool_descriptor_t ool[3];
		mach_msg_ool_ports_descriptor_t ports[3];
		char bytes[256];
	};
	mach_msg_max_trailer_t trailer;
} message_t;
typedef struct { mach_msg_header_t head; int word[8]; } simple_t;
typedef struct { simple_t m; mach_msg_max_trailer_t room; } received_t;

static inline mach_msg_return_t send_word(mach_port_t to, int disposition, int id, int word)
{
	simple_t m = { .head = { MACH_MSGH_BITS(disposition, 0), sizeof m, to, MACH_PORT_NULL, 0, id }, .word = { word } };
	return mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof m, 0, 0, 0, 0);
}
/* A message that does not come in half a minute will not come. */
static inline mach_msg_return_t receive(mach_port_t from, void *m, mach_msg_size_t size, int options)
{
	memset(m, 0, size);
	return mach_msg(m, MACH_RCV_MSG | MACH_RCV_TIMEOUT | options, 0, size, from, 30000, 0);
}
/* The word of the message that came; -1 if none did. */
static inline int receive_word(mach_port_t from)
{
	received_t r;
	return receive(from, &r, sizeof r, 0) == MACH_MSG_SUCCESS ? r.m.word[0] : -1;
}
static inline mach_msg_return_t poll_port(mach_port_t from)
{
	received_t r;
	return mach_msg(&r.m.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof r, from, 0, 0);
}
/* Sends one right; extra is more of the options. */
static inline mach_msg_return_t send_right(mach_port_t to, mach_port_t right, int disposition, int extra)
{
	message_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
	    sizeof m.head + sizeof m.body + sizeof m.port[0], to, 0, 0, 77 }, .body = { 1 } };
	m.port[0].name = right;
	m.port[0].disposition = disposition;
	m.port[0].type = MACH_MSG_PORT_DESCRIPTOR;
	return mach_msg(&m.head, MACH_SEND_MSG | extra, m.head.msgh_size, 0, 0, 0, 0);
}
/* The right that came; its kind goes to *disposition. */
static inline mach_port_t receive_right(mach_port_t from, int *disposition)
{
	message_t m;
	OK(receive(from, &m, sizeof m, 0));
	CHECK(m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX);
	CHECKEQ(m.body.msgh_descriptor_count, 1);
	CHECKEQ(m.port[0].type, MACH_MSG_PORT_DESCRIPTOR);
	if (disposition)
		*disposition = m.port[0].disposition;
	return m.port[0].name;
}

/*
 * A child that runs f with a send right to p, which it is given among the registered
 * ports; its status is f's.
 */
static inline pid_t child(mach_port_t p, int (*f)(mach_port_t))
{
	mach_port_t l[1] = { p };
	OK(mach_ports_register(SELF, l, 1));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		mach_port_array_t got;
		mach_msg_type_number_t n = 0;
		failures = 0;
		OK(mach_ports_lookup(SELF, &got, &n));
		int st = f(got[0]);
		fflush(NULL);
		_exit(st | (failures != 0));
	}
	CHECK(pid > 0);
	OK(mach_ports_register(SELF, NULL, 0));
	return pid;
}
static inline void ended(pid_t pid)
{
	int st = -1;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECKEQ(st, 0);
}
#endif
