/* Options of TCP. */
#ifndef _NETINET_TCP_H_
#define _NETINET_TCP_H_
#include <sys/types.h>
#define TCP_CONNECTIONTIMEOUT    0x20
#define TCP_FASTOPEN             0x105
#define TCP_KEEPALIVE            0x10
#define TCP_KEEPCNT              0x102
#define TCP_KEEPINTVL            0x101
#define TCP_MAXHLEN              0x3c
#define TCP_MAXOLEN              0x28
#define TCP_MAXSEG               0x2
#define TCP_MAXWIN               0xffff
#define TCP_MINMSS               0xd8
#define TCP_MSS                  0x200
#define TCP_NODELAY              0x1
#define TCP_NOOPT                0x8
#define TCP_NOPUSH               0x4
#define TCP_SENDMOREACKS         0x103
#endif
