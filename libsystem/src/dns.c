/*
 * DNS: questions by UDP, again by TCP if the answer was cut, to the servers of
 * /etc/resolv.conf in turn. Answers are accepted only with the random id and the
 * question that were sent, from the connected server.
 */
#include "private.h"
#include "dns.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <mach/mach_time.h>

#define SERVERS 3
#define SEARCH 6
struct conf {
	struct sockaddr_storage server[SERVERS];
	int nserver, ndots, timeout, attempts, nsearch;
	char search[SEARCH][256];
};

static int small(const char *s) { int v = atoi(s); return v < 0 ? 0 : v > 30 ? 30 : v; }

static void add_server(struct conf *c, const char *text)
{
	struct sockaddr_in *in = (void *)&c->server[c->nserver];
	struct sockaddr_in6 *in6 = (void *)in;
	memset(in6, 0, sizeof *in6);
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_len = sizeof *in;
		in->sin_family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		in6->sin6_len = sizeof *in6;
		in6->sin6_family = AF_INET6;
	} else {
		return;
	}
	in->sin_port = htons(53);
	c->nserver++;
}

static void read_conf(struct conf *c)
{
	char buf[8192];
	memset(c, 0, sizeof *c);
	c->ndots = 1, c->timeout = 5, c->attempts = 2;
	int fd = open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof buf - 1);
	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = 0;
	char *rest = buf, *line;
	while ((line = strsep(&rest, "\n"))) {
		char *last, *w = strtok_r(line, " \t\r", &last), *a;
		if (!w || *w == '#' || *w == ';')
			continue;
		if (strcmp(w, "nameserver") == 0) {
			if ((a = strtok_r(NULL, " \t\r", &last)) && c->nserver < SERVERS)
				add_server(c, a);
		} else if (strcmp(w, "search") == 0 || strcmp(w, "domain") == 0) {
			c->nsearch = 0;
			while (c->nsearch < SEARCH && (a = strtok_r(NULL, " \t\r", &last)))
				if (strlcpy(c->search[c->nsearch], a, 256) < 256)
					c->nsearch++;
		} else if (strcmp(w, "options") == 0) {
			while ((a = strtok_r(NULL, " \t\r", &last)))
				if (strncmp(a, "ndots:", 6) == 0)
					c->ndots = small(a + 6);
				else if (strncmp(a, "timeout:", 8) == 0)
					c->timeout = small(a + 8) ?: 1;
				else if (strncmp(a, "attempts:", 9) == 0)
					c->attempts = small(a + 9) > 5 ? 5 : small(a + 9) ?: 1;
		}
	}
	if (c->nserver == 0)
		add_server(c, "127.0.0.1");
}

/* A question; its length, or -1 if the name is none. */
static int question(const char *name, int class, int type, uint8_t *q)
{
	size_t n = strlen(name);
	if (n && name[n - 1] == '.')
		n--;
	if (n > 253)
		return -1;
	arc4random_buf(q, 2);
	memcpy(q + 2, (uint8_t[]){ 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, 10);
	uint8_t *p = q + 12;
	for (size_t i = 0; i < n;) {
		size_t k = i;
		while (k < n && name[k] != '.')
			k++;
		if (k == i || k - i > 63)
			return -1;
		*p++ = k - i;
		memcpy(p, name + i, k - i);
		p += k - i;
		i = k + 1;
	}
	*p++ = 0;
	*p++ = type >> 8, *p++ = type, *p++ = class >> 8, *p++ = class;
	return p - q;
}

static int wait_for(int fd, short what, uint64_t deadline)
{
	for (;;) {
		uint64_t now = mach_absolute_time();
		if (now >= deadline)
			return 0;
		struct pollfd pf = { fd, what, 0 };
		int r = poll(&pf, 1, (deadline - now + 999999) / 1000000);
		if (r >= 0 || errno != EINTR)
			return r;
	}
}

static bool matches(const uint8_t *q, int qn, const uint8_t *a, ssize_t n)
{
	if (n < qn || a[0] != q[0] || a[1] != q[1] || !(a[2] & 0x80) || a[4] != 0 || a[5] != 1)
		return false;
	for (int i = 12; i < qn; i++) /* the case of letters may differ */
		if (a[i] != q[i] && ((a[i] ^ q[i]) != 32 || ((a[i] | 32) < 'a' || (a[i] | 32) > 'z')))
			return false;
	return true;
}

static bool all(int fd, bool writing, uint8_t *p, size_t n, uint64_t deadline)
{
	while (n > 0) {
		if (wait_for(fd, writing ? POLLOUT : POLLIN, deadline) <= 0)
			return false;
		ssize_t r = writing ? write(fd, p, n) : read(fd, p, n);
		if (r < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (r <= 0)
			return false;
		p += r, n -= r;
	}
	return true;
}

/* One server, once. The answer's length or -1. */
static ssize_t ask(const struct sockaddr *to, bool tcp, uint8_t *q, int qn, uint8_t *a, size_t room, int seconds)
{
	uint64_t deadline = mach_absolute_time() + seconds * 1000000000ul;
	ssize_t r = -1;
	int fd = socket(to->sa_family, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, to, to->sa_len) < 0 && errno != EINPROGRESS)
		goto out;
	if (tcp) {
		uint8_t len[2] = { qn >> 8, qn };
		uint16_t n;
		if (!all(fd, true, len, 2, deadline) || !all(fd, true, q, qn, deadline) || !all(fd, false, len, 2, deadline))
			goto out;
		n = len[0] << 8 | len[1];
		if (n <= room && all(fd, false, a, n, deadline) && matches(q, qn, a, n))
			r = n;
		goto out;
	}
	if (write(fd, q, qn) != qn)
		goto out;
	while (wait_for(fd, POLLIN, deadline) > 0) {
		ssize_t n = read(fd, a, room);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			break; /* refused, most likely */
		if (n > 0 && matches(q, qn, a, n)) {
			r = n;
			break;
		}
	}
out:
	close(fd);
	return r;
}

#define MESSAGE 65536
static int query(const struct conf *c, const char *name, int class, int type, uint8_t *answer, size_t room, int *herr)
{
	uint8_t q[300];
	int qn = question(name, class, type, q), len = -1;
	*herr = DNS_NO_RECOVERY;
	if (qn < 0)
		return -1;
	uint8_t *a = malloc(MESSAGE);
	if (!a)
		return -1;
	*herr = DNS_TRY_AGAIN;
	for (int i = 0; i < c->attempts * c->nserver && len < 0; i++) {
		const struct sockaddr *to = (const void *)&c->server[i % c->nserver];
		ssize_t n = ask(to, false, q, qn, a, MESSAGE, c->timeout);
		if (n >= 0 && a[2] & 2) {
			ssize_t m = ask(to, true, q, qn, a, MESSAGE, c->timeout);
			if (m < 0)
				continue;
			n = m;
		}
		if (n < 0)
			continue;
		int rcode = a[3] & 15;
		if (rcode == 0 || rcode == 3) {
			memcpy(answer, a, (size_t)n < room ? (size_t)n : room);
			len = n;
			*herr = rcode == 3 ? DNS_NOT_FOUND : a[6] || a[7] ? 0 : DNS_NO_DATA;
		} else if (rcode == 1 || rcode == 5) {
			*herr = DNS_NO_RECOVERY;
		}
	}
	free(a);
	return len < 0 || *herr ? -1 : len;
}

int __puggle_dns(const char *name, int class, int type, bool search, uint8_t *answer, size_t room, int *herr)
{
	struct conf c;
	read_conf(&c);
	size_t n = strlen(name), dots = 0;
	for (size_t i = 0; i < n; i++)
		dots += name[i] == '.';
	bool rooted = n && name[n - 1] == '.';
	int first = 0, r;
	if (rooted || !search || (int)dots >= c.ndots) {
		r = query(&c, name, class, type, answer, room, herr);
		if (r >= 0 || rooted || !search || *herr == DNS_TRY_AGAIN)
			return r;
		first = *herr;
	}
	for (int i = 0; i < c.nsearch; i++) {
		char full[512];
		if (n + strlen(c.search[i]) + 2 > 254)
			continue;
		strcpy(full, name);
		strcat(full, ".");
		strcat(full, c.search[i]);
		r = query(&c, full, class, type, answer, room, herr);
		if (r >= 0 || *herr == DNS_TRY_AGAIN)
			return r;
		if (*herr == DNS_NO_DATA)
			first = DNS_NO_DATA;
	}
	if (!first)
		return query(&c, name, class, type, answer, room, herr);
	*herr = first;
	return -1;
}

int __puggle_dns_expand(const uint8_t *msg, const uint8_t *end, const uint8_t *p, char *out, size_t room)
{
	const uint8_t *start = p;
	int used = -1;
	size_t n = 0;
	for (int hops = 0; p < end; ) {
		unsigned c = *p++;
		if (c == 0) {
			if (n >= room)
				return -1;
			out[n ? n - 1 : 0] = 0;
			return used < 0 ? p - start : used;
		}
		if (c >= 0xc0) {
			if (p >= end || ++hops > 64)
				return -1;
			if (used < 0)
				used = p + 1 - start;
			p = msg + ((c & 0x3f) << 8 | *p);
			continue;
		}
		if (c > 63 || p + c > end || n + c + 1 >= room)
			return -1;
		memcpy(out + n, p, c);
		n += c;
		out[n++] = '.';
		p += c;
	}
	return -1;
}
