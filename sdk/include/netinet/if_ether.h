/* Ethernet and address resolution. */
#ifndef _NETINET_IF_ETHER_H_
#define _NETINET_IF_ETHER_H_
#include <net/ethernet.h>
#include <net/if_arp.h>
#endif
