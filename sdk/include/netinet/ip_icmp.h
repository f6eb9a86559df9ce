/* Messages of ICMP. */
#ifndef _NETINET_IP_ICMP_H_
#define _NETINET_IP_ICMP_H_
#include <netinet/ip.h>
struct icmp {
	uint8_t icmp_type, icmp_code;
	uint16_t icmp_cksum;
	union {
		uint8_t ih_pptr;
		struct in_addr ih_gwaddr;
		struct { uint16_t icd_id, icd_seq; } ih_idseq;
		int ih_void;
	} icmp_hun;
	union {
		struct { uint32_t its_otime, its_rtime, its_ttime; } id_ts;
		struct { struct ip idi_ip; } id_ip;
		uint32_t id_mask;
		char id_data[1];
	} icmp_dun;
};
#define icmp_id icmp_hun.ih_idseq.icd_id
#define icmp_seq icmp_hun.ih_idseq.icd_seq
#define icmp_gwaddr icmp_hun.ih_gwaddr
#define icmp_data icmp_dun.id_data
#define icmp_ip icmp_dun.id_ip.idi_ip
#define ICMP_MINLEN 8
#define ICMP_ECHOREPLY 0
#define ICMP_UNREACH 3
#define ICMP_UNREACH_PORT 3
#define ICMP_ECHO 8
#define ICMP_TIMXCEED 11
#endif
