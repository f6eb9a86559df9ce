/* Sockets, kqueue, poll, mmap, directories. */
#include "check.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void *echo(void *arg)
{
	int s = accept(*(int *)arg, NULL, NULL);
	char b[64];
	ssize_t n;
	CHECK(s >= 0);
	while ((n = read(s, b, sizeof b)) > 0)
		CHECKEQ(write(s, b, n), n);
	close(s);
	return NULL;
}

static void stream(int domain)
{
	struct sockaddr_in in = { .sin_len = sizeof in, .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	strcpy(un.sun_path, "sock");
	un.sun_len = sizeof un;
	struct sockaddr *a = domain == AF_INET ? (void *)&in : (void *)&un;
	socklen_t len = domain == AF_INET ? sizeof in : sizeof un;
	int l = socket(domain, SOCK_STREAM, 0), c = socket(domain, SOCK_STREAM, 0);
	CHECK(l >= 0 && c >= 0);
	CHECKEQ(bind(l, a, len), 0);
	CHECKEQ(listen(l, 5), 0);
	if (domain == AF_INET)
		CHECKEQ(getsockname(l, a, &len), 0);
	pthread_t t;
	pthread_create(&t, NULL, echo, &l);
	CHECKEQ(connect(c, a, len), 0);
	char b[64];
	for (int i = 0; i < 100; i++) {
		CHECKEQ(write(c, "ping", 4), 4);
		CHECKEQ(recv(c, b, 4, MSG_WAITALL), 4);
		CHECK(memcmp(b, "ping", 4) == 0);
	}
	shutdown(c, SHUT_WR);
	CHECKEQ(read(c, b, 1), 0);
	pthread_join(t, NULL);
	close(c);
	close(l);
}

static void events(void)
{
	int kq = kqueue(), fds[2];
	struct kevent ev[3], got[3];
	struct timespec none = { 0, 0 }, second = { 1, 0 };
	CHECK(kq >= 0);
	CHECKEQ(pipe(fds), 0);
	EV_SET(&ev[0], fds[0], EVFILT_READ, EV_ADD, 0, 0, (void *)7);
	EV_SET(&ev[1], 1, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 20, NULL);
	EV_SET(&ev[2], 5, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, NULL);
	CHECKEQ(kevent(kq, ev, 3, NULL, 0, NULL), 0);
	CHECKEQ(kevent(kq, NULL, 0, got, 3, &none), 0);
	CHECKEQ(write(fds[1], "abc", 3), 3);
	CHECKEQ(kevent(kq, NULL, 0, got, 3, &none), 1);
	CHECK(got[0].filter == EVFILT_READ && got[0].data == 3 && got[0].udata == (void *)7);
	char b[8];
	CHECKEQ(read(fds[0], b, sizeof b), 3);
	CHECKEQ(kevent(kq, NULL, 0, got, 3, &second), 1);
	CHECK(got[0].filter == EVFILT_TIMER && got[0].data == 1);
	EV_SET(&ev[0], 5, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL);
	CHECKEQ(kevent(kq, ev, 1, got, 3, &second), 1);
	CHECKEQ(got[0].filter, EVFILT_USER);
	pid_t pid = fork();
	if (pid == 0) {
		usleep(10000);
		_exit(5);
	}
	EV_SET(&ev[0], pid, EVFILT_PROC, EV_ADD, NOTE_EXIT | NOTE_EXITSTATUS, 0, NULL);
	CHECKEQ(kevent(kq, ev, 1, NULL, 0, NULL), 0);
	CHECKEQ(kevent(kq, NULL, 0, got, 3, &second), 1);
	CHECK(got[0].filter == EVFILT_PROC && WEXITSTATUS((int)got[0].data) == 5);
	waitpid(pid, NULL, 0);
	struct pollfd p = { fds[0], POLLIN, 0 };
	CHECKEQ(poll(&p, 1, 0), 0);
	close(fds[1]);
	CHECK(poll(&p, 1, 1000) == 1 && p.revents & POLLHUP);
	close(fds[0]);
	close(kq);
}

static void maps(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0);
	CHECKEQ(ftruncate(fd, 8192), 0);
	char *sh = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *pr = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(sh != MAP_FAILED && pr != MAP_FAILED);
	strcpy(sh + 4090, "across the pages");
	pr[0] = 'x';
	char b[32] = "";
	CHECKEQ(msync(sh, 8192, MS_SYNC), 0);
	CHECKEQ(pread(fd, b, 17, 4090), 17);
	CHECKSTR(b, "across the pages");
	CHECK(sh[0] == 0);
	CHECKEQ(pwrite(fd, "W", 1, 5), 1);
	CHECK(sh[5] == 'W');
	int *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	pid_t pid = fork();
	if (pid == 0) {
		*both = 77;
		pr[1] = 'y';
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	CHECKEQ(*both, 77);
	CHECKEQ(pr[1], 0);
	CHECKEQ(munmap(sh, 8192), 0);
	close(fd);

	char name[40];
	snprintf(name, sizeof name, "/pgl-%d", getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0);
	if (fd >= 0) {
		CHECKEQ(ftruncate(fd, 4096), 0);
		int *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		CHECK(m != MAP_FAILED);
		*m = 5;
		int other = shm_open(name, O_RDONLY);
		CHECK(other >= 0);
		int *v = mmap(NULL, 4096, PROT_READ, MAP_SHARED, other, 0);
		CHECK(v != MAP_FAILED && *v == 5);
		*m = 6;
		CHECKEQ(*v, 6);
		CHECK(shm_open(name, O_RDWR | O_TRUNC) == -1 && errno == EINVAL); /* it has its size already */
		CHECKEQ(shm_unlink(name), 0);
		CHECK(shm_open(name, O_RDWR) == -1 && errno == ENOENT);
	}
}

/* A refused connection can be written to, which tells the error; it is no exceptional condition. */
static void refused(void)
{
	struct sockaddr_in a = { .sin_len = sizeof a, .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof a;
	int l = socket(AF_INET, SOCK_STREAM, 0), s = socket(AF_INET, SOCK_STREAM, 0);
	CHECKEQ(bind(l, (struct sockaddr *)&a, n), 0); /* it never listens */
	CHECKEQ(getsockname(l, (struct sockaddr *)&a, &n), 0);
	CHECKEQ(fcntl(s, F_SETFL, O_NONBLOCK), 0);
	if (connect(s, (struct sockaddr *)&a, n) == 0 || errno != EINPROGRESS) {
		CHECKEQ(errno, ECONNREFUSED);
	} else {
		fd_set w, e;
		FD_ZERO(&w);
		FD_ZERO(&e);
		FD_SET(s, &w);
		CHECKEQ(select(s + 1, NULL, &w, NULL, NULL), 1);
		FD_SET(s, &e);
		struct timeval tv = { 0, 0 };
		CHECKEQ(select(s + 1, NULL, &w, &e, &tv), 1);
		CHECK(FD_ISSET(s, &w) && !FD_ISSET(s, &e));
		int err = 0;
		socklen_t len = sizeof err;
		CHECKEQ(getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len), 0);
		CHECKEQ(err, ECONNREFUSED);
	}
	close(s);
	close(l);
}

/* The names without $INODE64: entries have 32-bit file numbers. Programs mix both. */
struct old_dirent {
	uint32_t ino;
	uint16_t reclen;
	uint8_t type, namlen;
	char name[256];
};
DIR *old_opendir(const char *) __asm__("_opendir");
struct old_dirent *old_readdir(DIR *) __asm__("_readdir");
int old_readdir_r(DIR *, struct old_dirent *, struct old_dirent **) __asm__("_readdir_r");
void old_seekdir(DIR *, long) __asm__("_seekdir");

static void old_names(void)
{
	DIR *d = old_opendir("d");
	struct old_dirent *e, x;
	int n = 0, r;
	CHECK(d != NULL);
	if (!d)
		return;
	long start = telldir(d);
	while ((e = old_readdir(d))) {
		n++;
		CHECK(e->namlen == strlen(e->name) && e->reclen >= 8 + e->namlen + 1 && e->reclen % 4 == 0 && e->ino != 0);
		CHECK(e->name[0] != '.' || e->type == DT_DIR);
	}
	old_seekdir(d, start);
	for (r = 0; old_readdir_r(d, &x, &e) == 0 && e; r++)
		CHECK(e == &x && x.namlen == strlen(x.name));
	CHECK(n > 2 && r == n);
	rewinddir(d);
	struct dirent *now = readdir(d);
	CHECK(now && now->d_namlen == strlen(now->d_name));
	CHECKEQ(closedir(d), 0);
	CHECK(old_opendir("nowhere") == NULL && errno == ENOENT);
}

static void directories(void)
{
	CHECKEQ(mkdir("d", 0755), 0);
	for (int i = 0; i < 100; i++) {
		char n[16];
		snprintf(n, sizeof n, "d/f%d", i);
		close(open(n, O_CREAT | O_WRONLY, 0600));
	}
	old_names();
	DIR *d = opendir("d");
	struct dirent *e;
	int n = 0;
	CHECK(d != NULL);
	while ((e = readdir(d)))
		n += e->d_name[0] == 'f' && e->d_type == DT_REG;
	CHECKEQ(n, 100);
	closedir(d);
	struct stat st;
	CHECK(stat("d/f5", &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(rmdir("d") == -1 && errno == ENOTEMPTY);
}

int main(void)
{
	refused();
	stream(AF_INET);
	stream(AF_UNIX);
	events();
	maps();
	directories();
	printf("io ok\n");
	DONE();
}
