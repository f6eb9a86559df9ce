/* The mach_ipc family: one work loop over objects of all kinds, transactions, RPC on
 * the client's time, receive rights that come back. */
#include "check.h"
#include <mach/mach.h>
#include <mach/mach_ipc.h>
#include <mach/mach_time.h>
#include <mach/mig_errors.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static mach_ipc_set_t set;
static mach_port_t queue;
static semaphore_t sem;
static lock_set_t locks;
static mach_ipc_notification_t note;
static mach_ipc_rpc_t rpc;
static int messages, posts, notes, taken, calls;
static char last_state[8];

static kern_return_t on_message(void *c, const mach_ipc_event_t *e, mach_msg_header_t *h)
{
	CHECK(e->cookie == 1 && e->object == queue);
	CHECKEQ(h->msgh_id, 4711);
	messages++;
	return KERN_SUCCESS;
}

static kern_return_t on_semaphore(void *c, const mach_ipc_event_t *e)
{
	CHECK(e->cookie == 2 && e->object == sem);
	posts++;
	return KERN_SUCCESS;
}

static kern_return_t on_notification(void *c, const mach_ipc_event_t *e, const void *state)
{
	CHECK(e->cookie == 3 && e->size == 8);
	memcpy(last_state, state, 8);
	notes++;
	return KERN_SUCCESS;
}

static kern_return_t on_lock(void *c, const mach_ipc_event_t *e)
{
	CHECK(e->cookie == 4 && e->index == 1);
	CHECKEQ(lock_try(locks, 1), KERN_LOCK_OWNED_SELF); /* for the callout */
	taken++;
	return KERN_SUCCESS;
}

static void spin(uint64_t ns)
{
	for (uint64_t end = mach_absolute_time() + ns; mach_absolute_time() < end;)
		;
}

static kern_return_t on_rpc(void *c, const mach_ipc_event_t *e, const void *args, void *reply)
{
	CHECK(e->cookie == 5 && e->pid == (uint32_t)getpid() && e->uid == getuid());
	calls++;
	switch (e->index) {
	case 10:
		CHECK(e->size == 8 && e->reply_size == 4);
		*(int *)reply = ((const int *)args)[0] + ((const int *)args)[1];
		return KERN_SUCCESS;
	case 11:
		spin(300000000);
		return KERN_SUCCESS;
	case 12:
		return KERN_NO_ACCESS;
	}
	return MACH_IPC_STOP;
}

static const mach_ipc_callouts_t callouts = { on_message, on_semaphore, on_notification, on_lock, on_rpc };

static void *server(void *arg)
{
	CHECKEQ(mach_ipc_dispatch(set, &callouts, NULL, MACH_IPC_FOREVER), KERN_SUCCESS);
	return NULL;
}

static void send(mach_port_t to)
{
	mach_msg_header_t h = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), .msgh_size = sizeof h, .msgh_remote_port = to, .msgh_id = 4711 };
	CHECKEQ(mach_msg(&h, MACH_SEND_MSG, sizeof h, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), KERN_SUCCESS);
}

static long user_ms(void)
{
	struct thread_basic_info i;
	mach_msg_type_number_t n = THREAD_BASIC_INFO_COUNT;
	CHECKEQ(thread_info(mach_thread_self(), THREAD_BASIC_INFO, (thread_info_t)&i, &n), KERN_SUCCESS);
	return i.user_time.seconds * 1000 + i.user_time.microseconds / 1000;
}

static void *waiter(void *arg)
{
	CHECKEQ(mach_ipc_semaphore_wait(sem, MACH_IPC_FOREVER), KERN_SUCCESS);
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void one_at_a_time(void)
{
	/* Posts are saved, post-all saves nothing. */
	for (int i = 0; i < 3; i++)
		CHECKEQ(mach_ipc_semaphore_post(sem), KERN_SUCCESS);
	for (int i = 0; i < 3; i++)
		CHECKEQ(mach_ipc_semaphore_wait(sem, 0), KERN_SUCCESS);
	CHECKEQ(mach_ipc_semaphore_wait(sem, 0), KERN_OPERATION_TIMED_OUT);
	int woken = 0;
	pthread_t t[5];
	for (int i = 0; i < 5; i++)
		pthread_create(&t[i], NULL, waiter, &woken);
	while (__atomic_load_n(&woken, __ATOMIC_SEQ_CST) < 5) {
		usleep(1000);
		CHECKEQ(mach_ipc_semaphore_post_all(sem), KERN_SUCCESS);
	}
	for (int i = 0; i < 5; i++)
		pthread_join(t[i], NULL);
	CHECKEQ(mach_ipc_semaphore_post_all(sem), KERN_SUCCESS);
	CHECKEQ(mach_ipc_semaphore_wait(sem, 0), KERN_OPERATION_TIMED_OUT);

	/* There is one state, the last. */
	char s[8];
	CHECKEQ(mach_ipc_notification_post(note, "state A", 8), KERN_SUCCESS);
	CHECKEQ(mach_ipc_notification_post(note, "state B", 8), KERN_SUCCESS);
	CHECKEQ(mach_ipc_notification_wait(note, s, 8, 0), KERN_SUCCESS);
	CHECKSTR(s, "state B");
	CHECKEQ(mach_ipc_notification_wait(note, s, 8, 0), KERN_OPERATION_TIMED_OUT);
	CHECKEQ(mach_ipc_notification_post(note, "state", 6), KERN_INVALID_ARGUMENT);
}

/* A receive right that was given to a child comes back with its queue. */
static void lend(void)
{
	mach_port_t port, home, child_home;
	CHECKEQ(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port), KERN_SUCCESS);
	CHECKEQ(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	CHECKEQ(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &home), KERN_SUCCESS);
	/* The child finds a way to us in its bootstrap port. */
	mach_port_t boot = MACH_PORT_NULL;
	task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &boot);
	CHECKEQ(mach_port_insert_right(mach_task_self(), home, home, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	CHECKEQ(task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, home), KERN_SUCCESS);
	CHECKEQ(mach_ipc_lend(port), KERN_SUCCESS);
	int go[2];
	pipe(go);
	fflush(stdout);
	struct give { mach_msg_header_t h; mach_msg_body_t b; mach_msg_port_descriptor_t p; };
	struct { struct give g; mach_msg_trailer_t t; } m;
	pid_t pid = fork();
	if (pid == 0) {
		mach_port_t up, mine;
		CHECKEQ(task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &up), KERN_SUCCESS);
		CHECKEQ(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mine), KERN_SUCCESS);
		struct give g = { .h = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_size = sizeof g, .msgh_remote_port = up },
			.b = { 1 }, .p = { .name = mine, .disposition = MACH_MSG_TYPE_MAKE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR } };
		CHECKEQ(mach_msg(&g.h, MACH_SEND_MSG, sizeof g, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), KERN_SUCCESS);
		CHECKEQ(mach_msg(&m.g.h, MACH_RCV_MSG, 0, sizeof m, mine, 0, MACH_PORT_NULL), KERN_SUCCESS);
		mach_port_type_t type = 0;
		CHECKEQ(mach_port_type(mach_task_self(), m.g.p.name, &type), KERN_SUCCESS);
		CHECK(type & MACH_PORT_TYPE_RECEIVE);
		write(go[1], failures ? "n" : "y", 1);
		pause();
		_exit(0);
	}
	CHECKEQ(task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, boot), KERN_SUCCESS);
	CHECKEQ(mach_msg(&m.g.h, MACH_RCV_MSG, 0, sizeof m, home, 0, MACH_PORT_NULL), KERN_SUCCESS);
	child_home = m.g.p.name;
	struct give g = { .h = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX, .msgh_size = sizeof g, .msgh_remote_port = child_home },
		.b = { 1 }, .p = { .name = port, .disposition = MACH_MSG_TYPE_MOVE_RECEIVE, .type = MACH_MSG_PORT_DESCRIPTOR } };
	CHECKEQ(mach_msg(&g.h, MACH_SEND_MSG, sizeof g, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), KERN_SUCCESS);
	char ok = 0;
	CHECKEQ(read(go[0], &ok, 1), 1);
	CHECKEQ(ok, 'y');
	mach_port_type_t type = 0;
	CHECKEQ(mach_port_type(mach_task_self(), port, &type), KERN_SUCCESS);
	CHECK(!(type & MACH_PORT_TYPE_RECEIVE));
	mach_msg_header_t h = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), .msgh_size = sizeof h, .msgh_remote_port = port, .msgh_id = 99 };
	CHECKEQ(mach_msg(&h, MACH_SEND_MSG, sizeof h, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), KERN_SUCCESS);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	struct { mach_msg_header_t h; mach_msg_trailer_t t; } r;
	kern_return_t kr;
	for (int i = 0; i < 5000; i++) { /* the right comes back when the task has gone */
		kr = mach_msg(&r.h, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof r, port, 0, MACH_PORT_NULL);
		if (kr == KERN_SUCCESS)
			break;
		usleep(2000);
	}
	CHECKEQ(kr, KERN_SUCCESS);
	CHECKEQ(r.h.msgh_id, 99);
}

int main(void)
{
	CHECKEQ(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &queue), KERN_SUCCESS);
	CHECKEQ(semaphore_create(mach_task_self(), &sem, SYNC_POLICY_FIFO, 0), KERN_SUCCESS);
	CHECKEQ(lock_set_create(mach_task_self(), &locks, 2, SYNC_POLICY_FIFO), KERN_SUCCESS);
	CHECKEQ(mach_ipc_notification_create(8, &note), KERN_SUCCESS);
	mach_ipc_format_t formats[] = { { 10, 8, 4 }, { 11, 0, 0 }, { 12, 0, 4 }, { 13, 0, 0 } };
	CHECKEQ(mach_ipc_rpc_create(formats, 4, &rpc), KERN_SUCCESS);
	one_at_a_time();

	CHECKEQ(mach_ipc_set_create(&set), KERN_SUCCESS);
	CHECKEQ(mach_ipc_register(set, queue, 0, 1), KERN_SUCCESS);
	CHECKEQ(mach_ipc_register(set, sem, 0, 2), KERN_SUCCESS);
	CHECKEQ(mach_ipc_register(set, note, 0, 3), KERN_SUCCESS);
	CHECKEQ(mach_ipc_register(set, locks, 1, 4), KERN_SUCCESS);
	CHECKEQ(mach_ipc_register(set, rpc, 0, 5), KERN_SUCCESS);
	CHECKEQ(mach_ipc_register(set, rpc, 0, 5), KERN_NAME_EXISTS);
	CHECKEQ(mach_ipc_register(set, mach_task_self(), 0, 5), KERN_INVALID_ARGUMENT);
	CHECKEQ(mach_ipc_dispatch(set, &callouts, NULL, 0), KERN_OPERATION_TIMED_OUT);

	/* Something for each, before and while the loop runs. */
	send(queue);
	CHECKEQ(lock_acquire(locks, 1), KERN_SUCCESS);
	pthread_t t;
	CHECKEQ(pthread_create(&t, NULL, server, NULL), 0);
	CHECKEQ(mach_ipc_semaphore_post(sem), KERN_SUCCESS);
	CHECKEQ(mach_ipc_notification_post(note, "hello..", 8), KERN_SUCCESS);
	CHECKEQ(lock_release(locks, 1), KERN_SUCCESS);

	int args[2] = { 40, 2 }, sum = 0;
	CHECKEQ(mach_ipc_call(rpc, 10, args, 8, &sum, 4), KERN_SUCCESS);
	CHECKEQ(sum, 42);
	CHECKEQ(mach_ipc_call(rpc, 10, args, 4, &sum, 4), KERN_INVALID_ARGUMENT);
	CHECKEQ(mach_ipc_call(rpc, 99, args, 8, &sum, 4), KERN_INVALID_ARGUMENT);
	CHECKEQ(mach_ipc_call(rpc, 12, NULL, 0, &sum, 4), KERN_NO_ACCESS);
	/* The server works on the client's time. */
	long before = user_ms();
	CHECKEQ(mach_ipc_call(rpc, 11, NULL, 0, NULL, 0), KERN_SUCCESS);
	CHECK(user_ms() - before >= 150);

	/* The lock's callout is over when the lock can be had: each event had one. */
	for (int i = 0; i < 5000 && !(__atomic_load_n(&taken, __ATOMIC_SEQ_CST) == 1 && lock_try(locks, 1) == KERN_SUCCESS); i++)
		usleep(2000);
	CHECKEQ(mach_ipc_call(rpc, 13, NULL, 0, NULL, 0), KERN_SUCCESS);
	CHECKEQ(pthread_join(t, NULL), 0);
	CHECKEQ(messages, 1);
	CHECKEQ(posts, 1);
	CHECKEQ(notes, 1);
	CHECKEQ(taken, 1);
	CHECKEQ(calls, 4);
	CHECKSTR(last_state, "hello..");
	CHECKEQ(mach_ipc_unregister(set, rpc, 0), KERN_SUCCESS);
	CHECKEQ(mach_ipc_unregister(set, rpc, 0), KERN_NOT_IN_SET);
	lend();
	if (!failures)
		puts("mach_ipc ok");
	DONE();
}
