/* Messages of ICMPv6. */
#ifndef _NETINET_ICMP6_H_
#define _NETINET_ICMP6_H_
#include <netinet/in.h>
struct icmp6_hdr {
	uint8_t icmp6_type, icmp6_code;
	uint16_t icmp6_cksum;
	union { uint32_t icmp6_un_data32[1]; uint16_t icmp6_un_data16[2]; uint8_t icmp6_un_data8[4]; } icmp6_dataun;
};
#define icmp6_id icmp6_dataun.icmp6_un_data16[0]
#define icmp6_seq icmp6_dataun.icmp6_un_data16[1]
#define ICMP6_DST_UNREACH 1
#define ICMP6_PACKET_TOO_BIG 2
#define ICMP6_TIME_EXCEEDED 3
#define ICMP6_ECHO_REQUEST 128
#define ICMP6_ECHO_REPLY 129
struct icmp6_filter { uint32_t icmp6_filt[8]; };
#define ICMP6_FILTER 18
#endif
