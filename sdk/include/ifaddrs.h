/* The addresses of the interfaces. */
#ifndef _IFADDRS_H_
#define _IFADDRS_H_
#include <sys/types.h>
#include <sys/socket.h>
struct ifaddrs {
	struct ifaddrs *ifa_next;
	char *ifa_name;
	unsigned ifa_flags;
	struct sockaddr *ifa_addr, *ifa_netmask, *ifa_dstaddr;
	void *ifa_data;
};
#ifndef ifa_broadaddr
#define ifa_broadaddr ifa_dstaddr
#endif
__BEGIN_DECLS
int getifaddrs(struct ifaddrs **);
void freeifaddrs(struct ifaddrs *);
__END_DECLS
#endif
