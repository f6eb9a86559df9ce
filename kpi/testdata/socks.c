/* An extension with sockets of its own: an echo server of datagrams and of connections, driven by callbacks,
 * and a client. */
#include <libkern/libkern.h>
#include <netinet/in.h>
#include <sys/errno.h>
#include <sys/filio.h>
#include <sys/kpi_mbuf.h>
#include <sys/kpi_socket.h>
#include <sys/uio.h>

static socket_t udp, listener, conn[4];
static int conns, ends, wrong;

static void name(struct sockaddr_in *sin, int port)
{
	bzero(sin, sizeof *sin);
	sin->sin_len = sizeof *sin;
	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

/* Datagrams go back to where they came from, by struct msghdr. */
static void echo(socket_t so, void *cookie, int waitf)
{
	char b[2000];
	struct sockaddr_in from;
	struct iovec v = {b, sizeof b};
	struct msghdr m = {&from, sizeof from, &v, 1};
	size_t n, sent;

	if (cookie != &udp)
		wrong++;
	while (sock_receive(so, &m, MSG_DONTWAIT, &n) == 0) {
		v.iov_len = n;
		if (m.msg_namelen != sizeof from || sock_send(so, &m, 0, &sent) != 0 || sent != n)
			wrong++;
		v.iov_len = sizeof b;
		m.msg_namelen = sizeof from;
	}
}

/* Bytes of a connection go back as mbufs; its end is answered by the end. */
static void stream(socket_t so, void *cookie, int waitf)
{
	mbuf_t m;
	size_t n, sent;

	for (;;) {
		n = 1000;
		if (sock_receivembuf(so, NULL, &m, MSG_DONTWAIT, &n) != 0)
			return;
		if (m == NULL) {
			ends++;
			*(socket_t *)cookie = NULL;
			sock_close(so);
			return;
		}
		if (sock_sendmbuf(so, NULL, m, 0, &sent) != 0 || sent != n)
			wrong++;
	}
}

static void accepts(socket_t so, void *cookie, int waitf)
{
	struct sockaddr_in from;
	socket_t *s;

	while (conns < 4) {
		s = &conn[conns];
		if (sock_accept(so, (struct sockaddr *)&from, sizeof from, MSG_DONTWAIT, stream, s, s) != 0)
			return;
		conns++;
		if (from.sin_family != AF_INET || !sock_isconnected(*s))
			wrong++;
		stream(*s, s, 0); /* what came before the callback was there */
	}
}

int serve(int port)
{
	struct sockaddr_in sin;
	int one = 1;

	name(&sin, port);
	if (sock_socket(PF_INET, 77, 0, NULL, NULL, &udp) == 0)
		return 1;
	if (sock_socket(PF_INET, SOCK_DGRAM, 0, echo, &udp, &udp) != 0 || sock_bind(udp, (struct sockaddr *)&sin) != 0)
		return 2;
	if (sock_socket(PF_INET, SOCK_STREAM, 0, accepts, NULL, &listener) != 0)
		return 3;
	if (sock_isnonblocking(listener) || sock_ioctl(listener, FIONBIO, &one) != 0 || !sock_isnonblocking(listener))
		return 4;
	if (sock_bind(listener, (struct sockaddr *)&sin) != 0 || sock_listen(listener, 4) != 0)
		return 5;
	if (sock_bind(listener, (struct sockaddr *)&sin) != EINVAL)
		return 6;
	return 0;
}

/* Asks the server of datagrams from here, and waits. */
int ask(int port)
{
	struct sockaddr_in sin;
	char b[10] = "question", a[10] = "";
	struct iovec v = {b, 8};
	struct msghdr m = {NULL, 0, &v, 1};
	socket_t so;
	size_t n = 0;

	name(&sin, port);
	if (sock_socket(PF_INET, SOCK_DGRAM, 0, NULL, NULL, &so) != 0 || sock_connect(so, (struct sockaddr *)&sin, 0) != 0)
		return 1;
	if (sock_send(so, &m, 0, &n) != 0 || n != 8)
		return 2;
	v.iov_base = a;
	if (sock_receive(so, &m, 0, &n) != 0 || n != 8 || memcmp(a, b, 8) != 0)
		return 3;
	v.iov_len = 2 << 20;
	if (sock_send(so, &m, 0, &n) != EMSGSIZE)
		return 4;
	sock_retain(so);
	sock_close(so);
	sock_release(so);
	return 0;
}

int end(void)
{
	sock_close(udp);
	sock_close(listener);
	return wrong;
}

int count(int what) { return what == 0 ? conns : what == 1 ? ends : wrong; }
