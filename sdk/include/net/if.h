/* Interfaces. */
#ifndef _NET_IF_H_
#define _NET_IF_H_
#include <sys/types.h>
#include <sys/socket.h>
#define IF_NAMESIZE 16
#define IFNAMSIZ 16
struct if_nameindex { unsigned if_index; char *if_name; };
#define IFF_UP 0x1
#define IFF_BROADCAST 0x2
#define IFF_LOOPBACK 0x8
#define IFF_POINTOPOINT 0x10
#define IFF_RUNNING 0x40
#define IFF_MULTICAST 0x8000
__BEGIN_DECLS
unsigned if_nametoindex(const char *);
char *if_indextoname(unsigned, char *);
__END_DECLS
#endif
