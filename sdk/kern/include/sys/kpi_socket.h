/* Sockets in the hands of kernel code. */
#ifndef _SYS_KPI_SOCKET_H_
#define _SYS_KPI_SOCKET_H_

#include <sys/kernel_types.h>
#include <sys/kpi_mbuf.h>
#include <sys/socket.h>

__BEGIN_DECLS
errno_t sock_gettype(socket_t so, int *domain, int *type, int *protocol);
errno_t sock_getsockname(socket_t so, struct sockaddr *name, int len);
errno_t sock_getpeername(socket_t so, struct sockaddr *name, int len);
int sock_isconnected(socket_t so);
errno_t sock_getsockopt(socket_t so, int level, int name, void *val, int *len);
errno_t sock_setsockopt(socket_t so, int level, int name, const void *val, int len);
errno_t sock_shutdown(socket_t so, int how);

/* Sockets of an extension's own. They hold it until they are closed. callback is called, on a thread of
 * the kernel's, when there may be something to receive, to accept or room to send; one call may stand for
 * several. errno_t is as in the system calls. */
typedef void (*sock_upcall)(socket_t so, void *cookie, int waitf);
errno_t sock_socket(int domain, int type, int protocol, sock_upcall callback, void *cookie, socket_t *so);
void sock_close(socket_t so);
void sock_retain(socket_t so);
void sock_release(socket_t so);
errno_t sock_bind(socket_t so, const struct sockaddr *to);
errno_t sock_connect(socket_t so, const struct sockaddr *to, int flags); /* MSG_DONTWAIT */
errno_t sock_listen(socket_t so, int backlog);
errno_t sock_accept(socket_t so, struct sockaddr *from, int fromlen, int flags, sock_upcall callback, void *cookie, socket_t *new_so);
/* At most 1 MB in one call (EMSGSIZE). */
errno_t sock_send(socket_t so, const struct msghdr *msg, int flags, size_t *sentlen);
errno_t sock_sendmbuf(socket_t so, const struct msghdr *msg, mbuf_t data, int flags, size_t *sentlen); /* takes data always */
errno_t sock_receive(socket_t so, struct msghdr *msg, int flags, size_t *recvdlen);
errno_t sock_receivembuf(socket_t so, struct msghdr *msg, mbuf_t *data, int flags, size_t *recvlen); /* NULL at the end */
errno_t sock_ioctl(socket_t so, unsigned long request, void *argp); /* FIONBIO among them */
int sock_isnonblocking(socket_t so);
__END_DECLS

#endif
