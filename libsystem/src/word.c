/*
 * Sleeping on a word. The threads of one task do it among themselves for a
 * while (the machine's WaitEntry and WakeEntry), which costs no kernel call.
 * Who sleeps for longer goes on in the kernel (ulock), which holds less for a
 * sleeper and can show it. A waker changes the word first, so that whoever is on
 * the way from the one to the other sees it.
 */
#include "private.h"
#include <errno.h>
#include <limits.h>
#include <time.h>

#define LOCAL_MAX 10000000ul /* ns */

/* machine.WaitEntry, machine.WakeEntry: their errors are the host's numbers. */
static long (*const local_wait)(uint32_t *, uint32_t, const struct timespec *) = (void *)0x7fffffe08010;
static long (*const local_wake)(uint32_t *, uint32_t) = (void *)0x7fffffe08020;
enum { HOST_EINTR = 4, HOST_EAGAIN = 11, HOST_EFAULT = 14, HOST_ETIMEDOUT = 110 };

static uint32_t in_kernel; /* how many sleep there, or are about to */

void word_fork_child(void) { in_kernel = 0; }

/* -1 when the kernel is to be asked; *timeout is then what is left of it. */
static long wait_local(uint32_t *word, uint32_t value, uint64_t *timeout)
{
	struct timespec ts = { 0, *timeout && *timeout < LOCAL_MAX ? *timeout : LOCAL_MAX };
	for (int i = 0; i < 3; i++) {
		switch (-local_wait(word, value, &ts)) {
		case 0:
		case HOST_EAGAIN:
			return 0;
		case HOST_EINTR:
			return -EINTR;
		case HOST_EFAULT: /* not there in the host's tables: the kernel puts it there */
			__atomic_load_n((volatile uint32_t *)word, __ATOMIC_RELAXED);
			continue;
		case HOST_ETIMEDOUT:
			if (*timeout == 0)
				return -1;
			if (*timeout <= LOCAL_MAX)
				return -ETIMEDOUT;
			*timeout -= LOCAL_MAX;
			return -1;
		}
		break;
	}
	return -1;
}

/*
 * Sleep for ns, less than LOCAL_MAX: 0, -EINTR, or -1 when the kernel is to be
 * asked. Go's runtime does this all the time, for 20 us.
 */
long word_sleep(uint64_t ns)
{
	static uint32_t never; /* nobody wakes who sleeps on it */
	uint64_t left = ns;
	pthread_testcancel();
	long r = wait_local(&never, 0, &left);
	if (r == -EINTR)
		pthread_testcancel();
	return r == -ETIMEDOUT ? 0 : r;
}

long word_wait(uint32_t op, uint32_t *word, uint32_t value, uint64_t timeout)
{
	if ((op & UL_OPCODE) == UL_COMPARE_AND_WAIT) {
		long r = wait_local(word, value, &timeout);
		if (r != -1)
			return r;
	}
	__atomic_fetch_add(&in_kernel, 1, __ATOMIC_SEQ_CST);
	long r = timeout ? __ulock_wait2(op, word, value, timeout, 0) : __ulock_wait(op, word, value, 0);
	__atomic_fetch_sub(&in_kernel, 1, __ATOMIC_SEQ_CST);
	return r;
}

void word_wake(uint32_t op, uint32_t *word)
{
	if ((op & UL_OPCODE) == UL_COMPARE_AND_WAIT) {
		bool all = op & ULF_WAKE_ALL;
		long n = local_wake(word, all ? INT_MAX : 1);
		if ((n > 0 && !all) || __atomic_load_n(&in_kernel, __ATOMIC_SEQ_CST) == 0)
			return;
	}
	__ulock_wake(op, word, 0);
}
