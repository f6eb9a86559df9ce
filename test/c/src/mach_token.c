/* The kernel says who sent a message, and the sender can't: neither by bytes behind the
 * message, nor by bytes in it, nor by what it was once. */
#include "mach_check.h"
#include <sys/wait.h>
#include <unistd.h>

typedef struct { mach_msg_header_t h; unsigned word[4]; } small;
typedef struct { small m; mach_msg_audit_trailer_t forged; } forged_message;
typedef struct { forged_message m; char room[MAX_TRAILER_SIZE]; } room;

static void forge(mach_msg_audit_trailer_t *t)
{
	memset(t, 0, sizeof *t);
	t->msgh_trailer_type = MACH_MSG_TRAILER_FORMAT_0;
	t->msgh_trailer_size = sizeof *t;
	t->msgh_sender.val[0] = 4242;
	t->msgh_sender.val[1] = 4343;
	for (int i = 0; i < 8; i++)
		t->msgh_audit.val[i] = 4400 + i;
}

/* Sends size bytes of a message whose end looks like a trailer, and checks the trailer
 * that arrives. */
static void exchange(mach_port_t p, mach_msg_size_t size)
{
	forged_message m;
	room r;
	memset(&m, 0, sizeof m);
	memset(&r, 0xff, sizeof r);
	m.m.h.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
	m.m.h.msgh_remote_port = p;
	m.m.h.msgh_size = size;
	forge(&m.forged);
	OK(mach_msg(&m.m.h, MACH_SEND_MSG, size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL));
	OK(mach_msg(&r.m.m.h, MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT),
		0, sizeof r, p, 0, MACH_PORT_NULL));
	CHECKEQ(r.m.m.h.msgh_size, size);
	mach_msg_audit_trailer_t *t = (void *)((char *)&r + size);
	CHECKEQ(t->msgh_trailer_size, sizeof *t);
	CHECKEQ(t->msgh_sender.val[0], geteuid());
	CHECKEQ(t->msgh_sender.val[1], getegid());
	CHECKEQ(t->msgh_audit.val[1], geteuid());
	CHECKEQ(t->msgh_audit.val[3], getuid());
	CHECKEQ(t->msgh_audit.val[5], getpid());
}

int main(void)
{
	mach_port_t p;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &p));
	exchange(p, sizeof(small));          /* behind the message */
	exchange(p, sizeof(forged_message)); /* in it */
	fflush(stdout);
	if (getuid() == 0) {
		pid_t pid = fork();
		if (pid == 0) {
			CHECKEQ(setgid(20), 0);
			CHECKEQ(setuid(501), 0);
			mach_port_t q;
			OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &q));
			exchange(q, sizeof(small));
			_exit(failures || geteuid() != 501);
		}
		int status = -1;
		CHECKEQ(waitpid(pid, &status, 0), pid);
		CHECKEQ(status, 0);
	}
	OK(mach_port_mod_refs(mach_task_self(), p, MACH_PORT_RIGHT_RECEIVE, -1));
	if (!failures)
		puts("mach_token ok");
	DONE();
}
