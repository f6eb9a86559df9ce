/*
 * A network kernel extension: a global socket filter that logs every TCP connection of AF_INET of the machine,
 * with the bytes that went each way, when its socket is closed. See README.md.
 */
#include <kern/locks.h>
#include <libkern/OSAtomic.h>
#include <mach/mach_types.h>
#include <netinet/in.h>
#include <sys/kpi_mbuf.h>
#include <sys/kpi_socketfilter.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

enum { HANDLE = 0x74636c67 }; /* 'tclg': a filter's name is a number that nobody else has */

/* What is known of a socket. Filters may be called by several threads at once. */
struct entry {
	char direction[4];
	int pid, connected;
	struct sockaddr_in peer;
	SInt64 in, out;
};

static SInt32 sockets, connections;
static int registered, unregistered;

static errno_t tl_attach(void **cookie, socket_t so)
{
	struct entry *e = _MALLOC(sizeof(*e), M_TEMP, M_WAITOK | M_ZERO);

	if (!e)
		return ENOMEM; /* the socket goes on without us */
	strlcpy(e->direction, "in", sizeof(e->direction));
	e->pid = proc_selfpid();
	*cookie = e;
	OSIncrementAtomic(&sockets);
	return 0;
}

static void tl_detach(void *cookie, socket_t so)
{
	struct entry *e = cookie;
	char peer[INET_ADDRSTRLEN];

	if (e->connected) {
		inet_ntop(AF_INET, &e->peer.sin_addr, peer, sizeof(peer));
		printf("tcplog: pid %d %s %s:%d, %lld bytes in, %lld bytes out\n", e->pid, e->direction, peer, ntohs(e->peer.sin_port),
		    e->in, e->out);
	}
	_FREE(e, M_TEMP);
	OSDecrementAtomic(&sockets);
}

static errno_t tl_connect_out(void *cookie, socket_t so, const struct sockaddr *to)
{
	struct entry *e = cookie;

	strlcpy(e->direction, "out", sizeof(e->direction));
	return 0;
}

static void tl_notify(void *cookie, socket_t so, sflt_event_t event, void *param)
{
	struct entry *e = cookie;

	if (event == sock_evt_connected && sock_getpeername(so, (struct sockaddr *)&e->peer, sizeof(e->peer)) == 0) {
		e->connected = 1;
		OSIncrementAtomic(&connections);
	}
}

static errno_t tl_data_in(void *cookie, socket_t so, const struct sockaddr *from, mbuf_t *data, mbuf_t *control, sflt_data_flag_t flags)
{
	struct entry *e = cookie;

	OSAddAtomic64((SInt64)mbuf_pkthdr_len(*data), &e->in);
	return 0;
}

static errno_t tl_data_out(void *cookie, socket_t so, const struct sockaddr *to, mbuf_t *data, mbuf_t *control, sflt_data_flag_t flags)
{
	struct entry *e = cookie;

	OSAddAtomic64((SInt64)mbuf_pkthdr_len(*data), &e->out);
	return 0;
}

/* Called when nothing will be called any more: the last call for us. */
static void tl_unregistered(sflt_handle handle)
{
	unregistered = 1;
	wakeup(&unregistered);
}

static struct sflt_filter filter = {
	.sf_handle = HANDLE,
	.sf_flags = SFLT_GLOBAL,
	.sf_name = "com.example.tcplog",
	.sf_unregistered = tl_unregistered,
	.sf_attach = tl_attach,
	.sf_detach = tl_detach,
	.sf_notify = tl_notify,
	.sf_data_in = tl_data_in,
	.sf_data_out = tl_data_out,
	.sf_connect_out = tl_connect_out,
};

SYSCTL_NODE(_debug, OID_AUTO, tcplog, CTLFLAG_RW, 0, "TCP logging");
SYSCTL_INT(_debug_tcplog, OID_AUTO, sockets, CTLFLAG_RD, (int *)&sockets, 0, "sockets that are watched");
SYSCTL_INT(_debug_tcplog, OID_AUTO, connections, CTLFLAG_RD, (int *)&connections, 0, "connections so far");

static kern_return_t tcplog_start(kmod_info_t *ki, void *data)
{
	if (sflt_register(&filter, PF_INET, SOCK_STREAM, IPPROTO_TCP) != 0)
		return KERN_FAILURE;
	registered = 1;
	sysctl_register_oid(&sysctl__debug_tcplog);
	sysctl_register_oid(&sysctl__debug_tcplog_sockets);
	sysctl_register_oid(&sysctl__debug_tcplog_connections);
	return KERN_SUCCESS;
}

/* The filter comes off all sockets; while a thread is inside of it for one, unloading fails and can be
 * tried again. */
static kern_return_t tcplog_stop(kmod_info_t *ki, void *data)
{
	struct timespec second = {1, 0};

	if (registered && sflt_unregister(HANDLE) == 0)
		registered = 0;
	if (!unregistered)
		msleep(&unregistered, NULL, PWAIT, "tcplog", &second);
	if (!unregistered)
		return KERN_FAILURE;
	sysctl_unregister_oid(&sysctl__debug_tcplog_connections);
	sysctl_unregister_oid(&sysctl__debug_tcplog_sockets);
	sysctl_unregister_oid(&sysctl__debug_tcplog);
	return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(com.example.tcplog, "1.0", tcplog_start, tcplog_stop)
