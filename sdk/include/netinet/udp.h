/* The header of UDP. */
#ifndef _NETINET_UDP_H_
#define _NETINET_UDP_H_
#include <sys/types.h>
struct udphdr { uint16_t uh_sport, uh_dport, uh_ulen, uh_sum; };
#define UDP_NOCKSUM 0x01
#endif
