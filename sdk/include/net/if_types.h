/* Kinds of interfaces. */
#ifndef _NET_IF_TYPES_H_
#define _NET_IF_TYPES_H_
#define IFT_OTHER 0x1
#define IFT_ETHER 0x6
#define IFT_PPP 0x17
#define IFT_LOOP 0x18
#define IFT_GIF 0x37
#define IFT_STF 0x39
#endif
