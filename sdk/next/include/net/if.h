/* Flags of interfaces. */
#ifndef _NET_IF_H
#define _NET_IF_H

#define IFF_UP 0x1
#define IFF_BROADCAST 0x2
#define IFF_LOOPBACK 0x8
#define IFF_POINTOPOINT 0x10
#define IFF_POINTTOPOINT IFF_POINTOPOINT

#endif
