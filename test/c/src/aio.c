/* Asynchronous input and output. A FIFO without data holds a request for as long as
 * the test wants. */
#include "check.h"
#include <aio.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILS(x, e) do { errno = 0; CHECKEQ(x, -1); CHECKEQ(errno, e); } while (0)

static volatile int usr1, alarms;
static void on_usr1(int s) { usr1++; }
static void on_alarm(int s) { alarms++; }

static struct aiocb cb(int fd, void *buf, size_t n, off_t off)
{
	struct aiocb a;
	memset(&a, 0, sizeof a);
	a.aio_fildes = fd, a.aio_buf = buf, a.aio_nbytes = n, a.aio_offset = off;
	return a;
}

static void wait_for(struct aiocb *a)
{
	const struct aiocb *l[2] = {NULL, a};
	CHECKEQ(aio_suspend(l, 2, NULL), 0);
}

/* every millisecond a signal, so that one comes while a call sleeps */
static void ticks(int us)
{
	struct itimerval it = {{0, us}, {0, us}};
	CHECKEQ(setitimer(ITIMER_REAL, &it, NULL), 0);
}

int main(int argc, char **argv)
{
	char a[16] = "", b[16] = "";
	struct timespec zero = {0, 0};
	int st;
	if (argc > 1)
		return 7;
	CHECKEQ(sizeof(struct aiocb), 80);
	signal(SIGUSR1, on_usr1);
	struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	sigaction(SIGALRM, &sa, NULL);

	int v = 0;
	size_t vn = sizeof v;
	CHECKEQ(sysctlbyname("kern.aiomax", &v, &vn, NULL, 0), 0); CHECKEQ(v, 90);
	CHECKEQ(sysctlbyname("kern.aioprocmax", &v, &vn, NULL, 0), 0); CHECKEQ(v, 16);
	CHECKEQ(sysctlbyname("kern.aiothreads", &v, &vn, NULL, 0), 0); CHECKEQ(v, 4);

	int fd = open("aio.data", O_RDWR | O_CREAT | O_TRUNC, 0600), ro = open("aio.data", O_RDONLY);
	CHECKEQ(mkfifo("aio.fifo", 0600), 0);
	int fifo = open("aio.fifo", O_RDWR);
	CHECK(fd >= 0 && ro >= 0 && fifo >= 0);

	/* nothing in the machine yet */
	struct aiocb w = cb(fd, "hello", 5, 3);
	const struct aiocb *one[] = {&w};
	CHECKEQ(aio_cancel(fd, NULL), AIO_ALLDONE);
	FAILS(aio_error(&w), EINVAL);
	FAILS(aio_return(&w), EINVAL);
	FAILS(aio_suspend(one, 1, NULL), EINVAL);

	CHECKEQ(aio_write(&w), 0);
	wait_for(&w);
	CHECKEQ(aio_error(&w), 0);
	FAILS(aio_write(&w), EAGAIN); /* its result is there still */
	CHECKEQ(aio_cancel(fd, &w), AIO_ALLDONE);
	FAILS(aio_cancel(ro, &w), EBADF);
	FAILS(aio_cancel(ro, NULL), EBADF);
	CHECKEQ(aio_return(&w), 5);
	FAILS(aio_return(&w), EINVAL);
	CHECKEQ(lseek(fd, 0, SEEK_CUR), 0);
	struct aiocb r = cb(ro, a, sizeof a, 1);
	CHECKEQ(aio_read(&r), 0);
	wait_for(&r);
	CHECKEQ(aio_return(&r), 7);
	CHECK(memcmp(a, "\0\0hello", 7) == 0);

	/* what can't be a request */
	struct aiocb x = cb(99, a, 1, 0);
	FAILS(aio_read(&x), EAGAIN);
	x = cb(ro, a, 1, 0);
	FAILS(aio_write(&x), EAGAIN);
	FAILS(aio_fsync(O_SYNC, &x), EAGAIN);
	FAILS(aio_fsync(O_APPEND, &x), EINVAL);
	x = cb(fd, a, 1, -1);
	FAILS(aio_read(&x), EAGAIN);
	x = cb(fd, a, 0x80000000ul, 0);
	FAILS(aio_read(&x), EAGAIN);
	x = cb(fd, NULL, 1, 0);
	FAILS(aio_read(&x), EAGAIN);
	x = cb(fd, a, 1, 0);
	x.aio_sigevent.sigev_notify = SIGEV_THREAD;
	FAILS(aio_read(&x), EAGAIN);
	x.aio_sigevent.sigev_notify = SIGEV_SIGNAL, x.aio_sigevent.sigev_signo = SIGKILL;
	FAILS(aio_read(&x), EAGAIN);
	FAILS(aio_read((struct aiocb *)8), EAGAIN);
	int sv[2];
	CHECKEQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	x = cb(sv[0], a, 1, 0);
	FAILS(aio_read(&x), EAGAIN);
	x = cb(fd, (void *)8, 4, 0); /* found out by the work */
	CHECKEQ(aio_read(&x), 0);
	wait_for(&x);
	CHECKEQ(aio_error(&x), EFAULT);
	CHECKEQ(aio_return(&x), -1);

	/* a request in progress, and one that waits for it */
	struct aiocb f = cb(fifo, a, sizeof a, 0), s = cb(fd, NULL, 0, 0);
	const struct aiocb *both[] = {&f, &s};
	memset(a, 0, sizeof a);
	CHECKEQ(aio_read(&f), 0);
	CHECKEQ(aio_fsync(O_SYNC, &s), 0);
	CHECKEQ(aio_error(&f), EINPROGRESS);
	CHECKEQ(aio_error(&s), EINPROGRESS);
	FAILS(aio_return(&f), EINPROGRESS);
	FAILS(aio_read(&f), EAGAIN);
	FAILS(aio_suspend(both, 2, &zero), EAGAIN);
	FAILS(aio_suspend(both, 0, NULL), EINVAL);
	FAILS(aio_suspend(both, 17, NULL), EINVAL);
	FAILS(aio_suspend(both, 2, (struct timespec *)8), EAGAIN);
	zero.tv_nsec = 1000000000;
	FAILS(aio_suspend(both, 2, &zero), EINVAL);
	ticks(1000);
	FAILS(aio_suspend(both, 2, NULL), EINTR);
	ticks(0);
	CHECK(alarms > 0);
	CHECKEQ(aio_cancel(fifo, NULL), AIO_NOTCANCELED);
	CHECKEQ(aio_cancel(fd, NULL), AIO_CANCELED);
	CHECKEQ(aio_error(&s), ECANCELED);
	CHECKEQ(aio_suspend(both, 2, NULL), 0);
	CHECKEQ(aio_return(&s), -1);
	CHECKEQ(aio_fsync(O_SYNC, &s), 0);
	CHECKEQ(aio_error(&s), EINPROGRESS);
	CHECKEQ(write(fifo, "data", 4), 4);
	wait_for(&f);
	CHECKEQ(aio_return(&f), 4);
	CHECKSTR(a, "data");
	wait_for(&s);
	CHECKEQ(aio_error(&s), 0);
	CHECKEQ(aio_return(&s), 0);

	/* a signal when it is done */
	w = cb(fd, "signal", 6, 0);
	w.aio_sigevent.sigev_notify = SIGEV_SIGNAL, w.aio_sigevent.sigev_signo = SIGUSR1;
	sigset_t set, old;
	sigemptyset(&set), sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	CHECKEQ(aio_write(&w), 0);
	while (!usr1)
		sigsuspend(&old);
	CHECKEQ(usr1, 1);
	CHECKEQ(aio_error(&w), 0);
	CHECKEQ(aio_return(&w), 6);

	/* lists */
	struct aiocb p = cb(fd, "one", 3, 100), q = cb(fd, "two", 3, 103), n = cb(-1, NULL, 0, 0), g = cb(fifo, b, sizeof b, 0);
	struct aiocb *l[17] = {&p, NULL, &q, &n};
	p.aio_lio_opcode = q.aio_lio_opcode = LIO_WRITE, n.aio_lio_opcode = LIO_NOP, g.aio_lio_opcode = LIO_READ;
	FAILS(lio_listio(0, l, 4, NULL), EINVAL);
	FAILS(lio_listio(LIO_WAIT, l, 17, NULL), EINVAL);
	FAILS(lio_listio(LIO_WAIT, l, 0, NULL), EINVAL);
	FAILS(lio_listio(LIO_WAIT, (struct aiocb **)8, 4, NULL), EAGAIN);
	q.aio_lio_opcode = 3;
	FAILS(lio_listio(LIO_WAIT, l, 4, NULL), EAGAIN);
	FAILS(aio_error(&p), EINVAL); /* none has begun */
	q.aio_lio_opcode = LIO_WRITE;
	CHECKEQ(lio_listio(LIO_WAIT, l, 4, NULL), 0);
	CHECKEQ(aio_error(&p), 0); CHECKEQ(aio_error(&q), 0); CHECKEQ(aio_error(&n), EINVAL);
	CHECKEQ(aio_return(&p), 3); CHECKEQ(aio_return(&q), 3); CHECKEQ(aio_return(&n), -1);
	CHECKEQ(pread(fd, a, 6, 100), 6);
	CHECK(memcmp(a, "onetwo", 6) == 0);

	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	l[1] = &g;
	usr1 = 0;
	CHECKEQ(lio_listio(LIO_NOWAIT, l, 3, &ev), 0);
	wait_for(&p), wait_for(&q);
	sigset_t due;
	CHECKEQ(sigpending(&due), 0);
	CHECK(!sigismember(&due, SIGUSR1)); /* one of three is not done */
	CHECKEQ(write(fifo, "last", 4), 4);
	while (!usr1)
		sigsuspend(&old);
	CHECKEQ(aio_return(&g), 4);
	CHECKEQ(aio_return(&p), 3); CHECKEQ(aio_return(&q), 3);
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECKEQ(usr1, 1);

	l[0] = &g;
	ticks(1000);
	FAILS(lio_listio(LIO_WAIT, l, 1, NULL), EINTR);
	ticks(0);
	CHECKEQ(aio_error(&g), EINPROGRESS);
	CHECKEQ(write(fifo, "more", 4), 4);
	wait_for(&g);
	CHECKEQ(aio_return(&g), 4);
	/* the same list again, after a handler, is another call */
	l[0] = &p;
	CHECKEQ(lio_listio(LIO_WAIT, l, 1, NULL), 0);
	CHECKEQ(aio_error(&p), 0);
	CHECKEQ(aio_return(&p), 3);

	/* as many as a process may have */
	struct aiocb many[17];
	for (int i = 0; i < 17; i++) {
		many[i] = cb(fifo, b, 1, 0);
		if (i < 16)
			CHECKEQ(aio_read(&many[i]), 0);
		else
			FAILS(aio_read(&many[i]), EAGAIN);
	}

	/* a child has none of them; exit and exec do not wait for ever */
	pid_t pid = fork();
	if (pid == 0) {
		if (aio_error(&many[0]) != -1 || aio_read(&many[16]) != 0)
			_exit(1);
		_exit(5);
	}
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECK(WIFEXITED(st)); CHECKEQ(WEXITSTATUS(st), 5);
	if ((pid = fork()) == 0) {
		aio_read(&many[16]);
		execl(argv[0], argv[0], "again", NULL);
		_exit(1);
	}
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECK(WIFEXITED(st)); CHECKEQ(WEXITSTATUS(st), 7);

	/* close ends what is asked of the descriptor */
	CHECKEQ(close(fifo), 0);
	for (int i = 0; i < 16; i++) {
		CHECKEQ(aio_error(&many[i]), EINTR);
		CHECKEQ(aio_return(&many[i]), -1);
	}

	/* O_APPEND has no place to write at */
	int ap = open("aio.data", O_WRONLY | O_APPEND);
	w = cb(ap, "end", 3, 0);
	off_t end = lseek(fd, 0, SEEK_END);
	CHECKEQ(aio_write(&w), 0);
	wait_for(&w);
	CHECKEQ(aio_return(&w), 3);
	CHECKEQ(pread(fd, a, 16, end), 3);
	puts("aio ok");
	DONE();
}
