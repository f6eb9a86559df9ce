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
__END_DECLS

#endif
