/* The kernel's types. */
#ifndef _SYS_KERNEL_TYPES_H_
#define _SYS_KERNEL_TYPES_H_

#include <sys/types.h>

typedef struct ifnet *ifnet_t;
typedef struct mbuf *mbuf_t;
typedef struct socket *socket_t;
typedef struct sockopt *sockopt_t;

#endif
