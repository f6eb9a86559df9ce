/* Messages of the name service: what programs use of it by name. */
#ifndef _ARPA_NAMESER_H_
#define _ARPA_NAMESER_H_
#include <sys/types.h>
#define NS_PACKETSZ 512
#define NS_MAXDNAME 1025
#define NS_HFIXEDSZ 12
#define NS_QFIXEDSZ 4
#define NS_RRFIXEDSZ 10
#define NS_INADDRSZ 4
#define NS_IN6ADDRSZ 16
#define PACKETSZ NS_PACKETSZ
#define MAXDNAME NS_MAXDNAME
#define HFIXEDSZ NS_HFIXEDSZ
#define QFIXEDSZ NS_QFIXEDSZ
#define C_IN 1
#define T_A 1
#define T_NS 2
#define T_CNAME 5
#define T_SOA 6
#define T_PTR 12
#define T_MX 15
#define T_TXT 16
#define T_AAAA 28
#define T_SRV 33
#define T_ANY 255
#endif
