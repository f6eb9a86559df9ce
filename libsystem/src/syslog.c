/*
 * syslog: to the log's socket if something listens there, to standard error if
 * asked (LOG_PERROR), to the console as a last resort if asked (LOG_CONS).
 */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syslog.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static lock_t log_lock;
static const char *ident;
static int options, facility = LOG_USER, mask = 0xff, sock = -1;

static void connect_log(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
	if (sock >= 0)
		return;
	sock = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (sock < 0)
		return;
	fcntl(sock, F_SETFD, FD_CLOEXEC);
	if (connect(sock, (void *)&to, sizeof to) < 0) {
		close(sock);
		sock = -1;
	}
}
void openlog(const char *name, int opt, int fac)
{
	lock(&log_lock);
	ident = name;
	options = opt;
	if (fac && !(fac & ~LOG_FACMASK))
		facility = fac;
	if (opt & LOG_NDELAY)
		connect_log();
	unlock(&log_lock);
}
void closelog(void)
{
	lock(&log_lock);
	if (sock >= 0)
		close(sock);
	sock = -1;
	ident = NULL;
	unlock(&log_lock);
}
int setlogmask(int m)
{
	lock(&log_lock);
	int old = mask;
	if (m)
		mask = m;
	unlock(&log_lock);
	return old;
}
void vsyslog(int pri, const char *fmt, va_list ap)
{
	int err = errno;
	char *text = NULL, *line = NULL, when[32];
	if (!(LOG_MASK(LOG_PRI(pri)) & mask))
		return;
	pri &= LOG_PRIMASK | LOG_FACMASK;
	/* %m is the error's text, and the error is the caller's. */
	size_t room = strlen(fmt) + 1, n = 0;
	for (const char *p = fmt; *p; p++)
		room += *p == '%' && p[1] == 'm' ? 256 : 0;
	char *f = malloc(room);
	if (!f)
		return;
	for (const char *p = fmt; *p; p++)
		if (*p == '%' && p[1] == 'm') {
			for (const char *e = strerror(err); *e && n < room - 2; e++) {
				if (*e == '%')
					f[n++] = '%';
				f[n++] = *e;
			}
			p++;
		} else {
			f[n++] = *p;
			if (*p == '%' && p[1])
				f[n++] = *++p;
		}
	f[n] = 0;
	errno = err;
	int len = vasprintf(&text, f, ap);
	free(f);
	if (len < 0)
		return;
	time_t now = time(NULL);
	struct tm tm;
	strftime(when, sizeof when, "%h %e %T", localtime_r(&now, &tm));
	lock(&log_lock);
	const char *name = ident ? ident : getprogname();
	char pid[16] = "";
	if (options & LOG_PID)
		snprintf(pid, sizeof pid, "[%d]", getpid());
	if (!(pri & LOG_FACMASK))
		pri |= facility;
	len = asprintf(&line, "<%d>%s %s%s: %s", pri, when, name ? name : "", pid, text);
	if (len > 0) {
		char *body = strchr(line, '>') + 1, *from_name = body + strlen(when) + 1;
		size_t k = strlen(from_name);
		bool nl = k > 0 && from_name[k - 1] == '\n';
		if (options & LOG_PERROR) {
			struct iovec v[2] = { { from_name, k }, { (char *)"\n", 1 } };
			writev(STDERR_FILENO, v, nl ? 1 : 2);
		}
		connect_log();
		if (sock < 0 || send(sock, line, len, 0) < 0) {
			if (sock >= 0)
				close(sock);
			sock = -1;
			int fd = options & LOG_CONS ? open("/dev/console", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
			if (fd >= 0) {
				struct iovec v[2] = { { body, strlen(body) }, { (char *)"\r\n", 2 } };
				writev(fd, v, 2);
				close(fd);
			}
		}
	}
	unlock(&log_lock);
	free(line);
	free(text);
	errno = err;
}
void syslog(int pri, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsyslog(pri, fmt, ap);
	va_end(ap);
}
