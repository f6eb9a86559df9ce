/* Notifications: of dead names, no senders, destroyed ports and room in a queue. */
#include "mach_check.h"

typedef struct {
	mach_msg_header_t head;
	union {
		struct { NDR_record_t ndr; mach_port_name_t name; } named;
		struct { mach_msg_body_t body; mach_msg_port_descriptor_t port; } destroyed;
	};
	mach_msg_max_trailer_t trailer;
} notice_t;

static int notice(mach_port_t from, notice_t *n)
{
	OK(receive(from, n, sizeof *n, 0));
	CHECKEQ(n->head.msgh_local_port, from);
	CHECKEQ(MACH_MSGH_BITS_LOCAL(n->head.msgh_bits), MACH_MSG_TYPE_PORT_SEND_ONCE);
	return n->head.msgh_id;
}

static void dead_names(void)
{
	census_t before = census();
	mach_port_t me = port_new(), p = port_with_send(), old = 1;
	notice_t n;
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_DEAD_NAME, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECKEQ(old, MACH_PORT_NULL);
	CHECK(type_of(p) & MACH_PORT_TYPE_DNREQUEST);
	/* The right of the first request comes back from the second; giving it up tells its port. */
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_DEAD_NAME, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECKEQ(type_of(old), MACH_PORT_TYPE_SEND_ONCE);
	OK(mach_port_deallocate(SELF, old));
	CHECKEQ(notice(me, &n), MACH_NOTIFY_SEND_ONCE);
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECKEQ(notice(me, &n), MACH_NOTIFY_DEAD_NAME);
	CHECKEQ(n.named.name, p);
	CHECKEQ(n.head.msgh_size, sizeof(mach_msg_header_t) + sizeof n.named);
	/* The notification brings a reference: the name can't be another's meanwhile. */
	CHECKEQ(refs(p, MACH_PORT_RIGHT_DEAD_NAME), 2);
	/*
	 * Asked of a name that is dead already: not at all, and the right that was not
	 * used is given up; but at once, if room was asked for.
	 */
	CHECKKR(mach_port_request_notification(SELF, p, MACH_NOTIFY_DEAD_NAME, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old), KERN_INVALID_ARGUMENT);
	CHECKEQ(notice(me, &n), MACH_NOTIFY_SEND_ONCE);
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_SEND_POSSIBLE, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECKEQ(notice(me, &n), MACH_NOTIFY_DEAD_NAME);
	CHECKEQ(refs(p, MACH_PORT_RIGHT_DEAD_NAME), 3);
	port_end(p);
	/* A name that is given up while it is watched says so. */
	p = port_with_send();
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_DEAD_NAME, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	OK(mach_port_destroy(SELF, p));
	CHECKEQ(notice(me, &n), MACH_NOTIFY_PORT_DELETED);
	CHECKEQ(n.named.name, p);
	/* What can't be asked. */
	census_t with = census();
	CHECKKR(mach_port_request_notification(SELF, 0x7777, MACH_NOTIFY_DEAD_NAME, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old), KERN_INVALID_NAME);
	CHECKKR(mach_port_request_notification(SELF, me, 99, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old), KERN_INVALID_VALUE);
	CHECKKR(mach_port_request_notification(SELF, me, MACH_NOTIFY_NO_SENDERS, 0, 0x7777, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old), KERN_INVALID_NAME);
	p = port_with_send();
	OK(mach_port_extract_right(SELF, p, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old, &(mach_msg_type_name_t){ 0 }));
	CHECKKR(mach_port_request_notification(SELF, old, MACH_NOTIFY_NO_SENDERS, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &(mach_port_t){ 0 }), KERN_INVALID_RIGHT);
	OK(mach_port_deallocate(SELF, old));
	port_end(p);
	SAME(with);
	port_end(me);
	SAME(before);
}

static void no_senders(void)
{
	census_t before = census();
	mach_port_t me = port_new(), p = port_new(), old;
	notice_t n;
	/* Never any: with sync 0, at once. */
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_NO_SENDERS, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECKEQ(notice(me, &n), MACH_NOTIFY_NO_SENDERS);
	CHECKEQ(n.named.name, 0); /* the make-send count */
	/* With sync 1: when the next has come and gone. */
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_NO_SENDERS, 1, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECKKR(poll_port(me), MACH_RCV_TIMED_OUT);
	CHECKEQ(status_of(p).mps_nsrequest, 1);
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_insert_right(SELF, p, p, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_deallocate(SELF, p));
	CHECKKR(poll_port(me), MACH_RCV_TIMED_OUT);
	OK(mach_port_deallocate(SELF, p));
	CHECKEQ(notice(me, &n), MACH_NOTIFY_NO_SENDERS);
	CHECKEQ(n.named.name, 2);
	CHECKEQ(status_of(p).mps_nsrequest, 0);
	/* A right in a message counts; one in a message that is destroyed no more. */
	mach_port_t q = port_with_send();
	OK(mach_port_set_mscount(SELF, p, 0));
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_NO_SENDERS, 1, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	OK(send_right(q, p, MACH_MSG_TYPE_MAKE_SEND, 0));
	CHECKKR(poll_port(me), MACH_RCV_TIMED_OUT);
	port_end(q);
	CHECKEQ(notice(me, &n), MACH_NOTIFY_NO_SENDERS);
	CHECKEQ(n.named.name, 1);
	port_end(p);
	port_end(me);
	SAME(before);
}

static int holder(mach_port_t main) { return 0; }

static void destroyed(void)
{
	census_t before = census();
	mach_port_t me = port_new(), p = port_with_send(), old;
	notice_t n;
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_PORT_DESTROYED, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, 55));
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECKEQ(type_of(p), MACH_PORT_TYPE_SEND); /* it lives, in the message */
	CHECKEQ(notice(me, &n), MACH_NOTIFY_PORT_DESTROYED);
	CHECK(n.head.msgh_bits & MACH_MSGH_BITS_COMPLEX);
	CHECKEQ(n.destroyed.port.name, p);
	CHECKEQ(n.destroyed.port.disposition, MACH_MSG_TYPE_PORT_RECEIVE);
	CHECKEQ(receive_word(p), 55); /* with what waits in it */
	port_end(p);
	/* A task's end: those who have rights to its ports hear of it. */
	mach_port_t main = port_with_send();
	pid_t pid = child(main, holder);
	mach_port_t task = 0;
	if (task_for_pid(SELF, pid, &task) == KERN_SUCCESS) { /* it may have ended already */
		kern_return_t r = mach_port_request_notification(SELF, task, MACH_NOTIFY_DEAD_NAME, 1, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old);
		OK(r);
		CHECKEQ(notice(me, &n), MACH_NOTIFY_DEAD_NAME);
		CHECKEQ(n.named.name, task);
		port_end(task);
	}
	ended(pid);
	port_end(main);
	port_end(me);
	SAME(before);
}

/* A sender that found no room asks to be told when there is some. */
static void send_possible(void)
{
	census_t before = census();
	mach_port_t me = port_new(), p = port_with_send(), old;
	notice_t n;
	for (int i = 0; i < MACH_PORT_QLIMIT_DEFAULT; i++)
		OK(send_word(p, MACH_MSG_TYPE_COPY_SEND, 1, i));
	OK(mach_port_request_notification(SELF, p, MACH_NOTIFY_SEND_POSSIBLE, 0, me, MACH_MSG_TYPE_MAKE_SEND_ONCE, &old));
	CHECK(type_of(p) & MACH_PORT_TYPE_SPREQUEST);
	simple_t m = { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof m, p, 0, 0, 1 } };
	CHECKKR(mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY, sizeof m, 0, 0, 0, 0), MACH_SEND_TIMED_OUT);
	OK(mach_port_deallocate(SELF, p)); /* came back with the message */
	CHECKKR(poll_port(me), MACH_RCV_TIMED_OUT);
	CHECKEQ(receive_word(p), 0);
	CHECKEQ(notice(me, &n), MACH_NOTIFY_SEND_POSSIBLE);
	CHECKEQ(n.named.name, p);
	port_end(p);
	port_end(me);
	SAME(before);
}

int main(void)
{
	dead_names();
	no_senders();
	destroyed();
	send_possible();
	printf("mach_notify ok\n");
	DONE();
}
