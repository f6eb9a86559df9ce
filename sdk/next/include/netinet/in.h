/* Internet addresses and the order of bytes in a network. Sockets' names begin with their
 * length, as in the kernel that this is. */
#ifndef _NETINET_IN_H
#define _NETINET_IN_H
#include <sys/socket.h>

struct in_addr {
	unsigned int s_addr;
};
struct sockaddr_in {
	unsigned char sin_len, sin_family;
	unsigned short sin_port;
	struct in_addr sin_addr;
	char sin_zero[8];
};

static inline unsigned short ntohs(unsigned short x) { return __builtin_bswap16(x); }
static inline unsigned short htons(unsigned short x) { return __builtin_bswap16(x); }
static inline unsigned int ntohl(unsigned int x) { return __builtin_bswap32(x); }
static inline unsigned int htonl(unsigned int x) { return __builtin_bswap32(x); }

#endif
