/* Socket filters that meddle: one for TCP, on sockets that ask for it, and a global one for UDP. */
#include <libkern/libkern.h>
#include <mach/mach_types.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_socketfilter.h>
#include <sys/malloc.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

enum { TCP = 0x66696c31, UDP = 0x66696c32 };

struct state {
	int option, refused;
};

static int fails, attached, unregistered, die;
static char events[256];
static mbuf_tag_id_t tag;

static errno_t attach(void **cookie, socket_t so)
{
	int domain, type, protocol;

	if (sock_gettype(so, &domain, &type, &protocol) || domain != PF_INET || (type == SOCK_STREAM) != (protocol == IPPROTO_TCP))
		fails++;
	*cookie = _MALLOC(sizeof(struct state), M_TEMP, M_WAITOK | M_ZERO);
	attached++;
	return 0;
}

static void detach(void *cookie, socket_t so)
{
	_FREE(cookie, M_TEMP);
	attached--;
}

static void notify(void *cookie, socket_t so, sflt_event_t event, void *param)
{
	size_t n = strlen(events);

	if (event == sock_evt_shutdown && *(int *)param != SHUT_WR)
		fails++;
	if (n + 1 < sizeof(events)) {
		events[n] = 'a' + event;
		events[n + 1] = 0;
	}
}

static int port(const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

	if (in->sin_len != sizeof(*in) || in->sin_family != AF_INET)
		fails++;
	return ntohs(in->sin_port);
}

static errno_t refuse(void *cookie, socket_t so, const struct sockaddr *sa) { return port(sa) == 7 ? EACCES : 0; }

/* The first connection to a listener does not come through. */
static errno_t connect_in(void *cookie, socket_t so, const struct sockaddr *sa)
{
	struct state *s = cookie;

	port(sa);
	return s->refused++ == 0 ? EPERM : 0;
}

static int name(void *cookie, socket_t so, struct sockaddr **sa)
{
	((struct sockaddr_in *)*sa)->sin_port = htons(4242);
	return 0;
}

/* What goes out is in capitals. */
static errno_t out(void *cookie, socket_t so, const struct sockaddr *to, mbuf_t *data, mbuf_t *control, sflt_data_flag_t flags)
{
	mbuf_t m;
	size_t i;

	if (to)
		fails++;
	for (m = *data; m; m = mbuf_next(m)) {
		char *b = mbuf_data(m);
		for (i = 0; i < mbuf_len(m); i++)
			if (b[i] >= 'a' && b[i] <= 'z')
				b[i] -= 32;
	}
	return 0;
}

/* What begins with a D is dropped, and what begins with an S is swallowed and comes by another way. */
static errno_t in(void *cookie, socket_t so, const struct sockaddr *from, mbuf_t *data, mbuf_t *control, sflt_data_flag_t flags)
{
	size_t len;
	void *t;
	char c = 0;

	if (die)
		*(volatile int *)16 = 1;
	mbuf_copydata(*data, 0, 1, &c);
	if (c == 'D')
		return EPERM;
	if (c == 'S' && mbuf_tag_find(*data, tag, 1, &len, &t) != 0) {
		mbuf_t mine = *data, more;

		if (mbuf_tag_allocate(mine, tag, 1, 4, MBUF_WAITOK, &t) || mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &more) ||
		    mbuf_copyback(more, 0, 5, "MORE ", MBUF_WAITOK) || sock_inject_data_in(so, from, more, NULL, 0) ||
		    sock_inject_data_in(so, from, mine, NULL, 0))
			fails++;
		return EJUSTRETURN;
	}
	return 0;
}

static errno_t setoption(void *cookie, socket_t so, sockopt_t opt)
{
	struct state *s = cookie;

	if (sockopt_level(opt) != 1000)
		return 0;
	if (sockopt_direction(opt) != sockopt_set || sockopt_name(opt) != 1 || sockopt_valsize(opt) != 4)
		return EINVAL;
	if (sockopt_copyin(opt, &s->option, 5) != EINVAL || sockopt_copyin(opt, &s->option, 4) != 0)
		fails++;
	return EJUSTRETURN;
}

static errno_t getoption(void *cookie, socket_t so, sockopt_t opt)
{
	struct state *s = cookie;

	if (sockopt_level(opt) != 1000)
		return 0;
	if (sockopt_direction(opt) != sockopt_get)
		fails++;
	return sockopt_copyout(opt, &s->option, 4) ? EINVAL : EJUSTRETURN;
}

static errno_t ioctl(void *cookie, socket_t so, unsigned long request, const char *argp)
{
	if (request != 0x40046601)
		return 0;
	*(int *)(uintptr_t)argp = 99;
	return EJUSTRETURN;
}

static errno_t listening(void *cookie, socket_t so)
{
	strlcat(events, "L", sizeof(events));
	return 0;
}

/* Datagrams: from whom, to whom, and none that begin with a D. */
static errno_t datagram_in(void *cookie, socket_t so, const struct sockaddr *from, mbuf_t *data, mbuf_t *control, sflt_data_flag_t flags)
{
	char c = 0;

	if (!from || port(from) == 0)
		fails++;
	mbuf_copydata(*data, 0, 1, &c);
	return c == 'D' ? EPERM : 0;
}

static errno_t datagram_out(void *cookie, socket_t so, const struct sockaddr *to, mbuf_t *data, mbuf_t *control, sflt_data_flag_t flags)
{
	char c = 0;

	if (to && port(to) == 0)
		fails++;
	mbuf_copydata(*data, 0, 1, &c);
	return c == 'E' ? EHOSTUNREACH : 0;
}

static void gone(sflt_handle handle) { unregistered++; }

static struct sflt_filter tcp = {.sf_handle = TCP, .sf_flags = SFLT_PROG, .sf_name = "filter.tcp", .sf_unregistered = gone, .sf_attach = attach,
	.sf_detach = detach, .sf_notify = notify, .sf_getsockname = name, .sf_data_in = in, .sf_data_out = out,
	.sf_connect_in = connect_in, .sf_connect_out = refuse, .sf_bind = refuse, .sf_setoption = setoption, .sf_getoption = getoption,
	.sf_listen = listening, .sf_ioctl = ioctl};
static struct sflt_filter udp = {.sf_handle = UDP, .sf_flags = SFLT_GLOBAL, .sf_name = "filter.udp", .sf_unregistered = gone, .sf_attach = attach,
	.sf_detach = detach, .sf_data_in = datagram_in, .sf_data_out = datagram_out};

SYSCTL_INT(_debug, OID_AUTO, filter_fails, CTLFLAG_RD, &fails, 0, "");
SYSCTL_INT(_debug, OID_AUTO, filter_attached, CTLFLAG_RD, &attached, 0, "");
SYSCTL_INT(_debug, OID_AUTO, filter_die, CTLFLAG_RW, &die, 0, "");
SYSCTL_STRING(_debug, OID_AUTO, filter_events, CTLFLAG_RD, events, sizeof(events), "");

static struct sysctl_oid *oids[] = {&sysctl__debug_filter_fails, &sysctl__debug_filter_attached, &sysctl__debug_filter_die, &sysctl__debug_filter_events};

static kern_return_t filter_start(kmod_info_t *ki, void *data)
{
	struct sflt_filter bad = tcp;

	bad.sf_handle = 0;
	if (sflt_register(&bad, PF_INET, SOCK_STREAM, IPPROTO_TCP) != EINVAL || sflt_register(&tcp, PF_UNIX, SOCK_STREAM, 0) != ENOTSUP ||
	    sflt_register(&tcp, PF_INET, SOCK_STREAM, 99) != ENOENT || sflt_unregister(TCP) != ENOENT)
		fails++;
	if (sflt_register(&tcp, PF_INET, SOCK_STREAM, IPPROTO_TCP) || sflt_register(&udp, PF_INET, SOCK_DGRAM, IPPROTO_UDP) ||
	    mbuf_tag_id_find("com.example.filter", &tag))
		return KERN_FAILURE;
	if (sflt_register(&tcp, PF_INET, SOCK_STREAM, IPPROTO_TCP) != EEXIST)
		fails++;
	for (unsigned i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		sysctl_register_oid(oids[i]);
	return KERN_SUCCESS;
}

static kern_return_t filter_stop(kmod_info_t *ki, void *data)
{
	sflt_unregister(TCP);
	sflt_unregister(UDP);
	if (unregistered != 2 || attached != 0)
		return KERN_FAILURE;
	for (unsigned i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		sysctl_unregister_oid(oids[i]);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.filter, "1.0", filter_start, filter_stop)
