/* Filters of the packets of IP that come to this machine, and leave it. */
#ifndef __KPI_IPFILTER__
#define __KPI_IPFILTER__

#include <net/kpi_interface.h>

struct ipf_pktopts {
	uint32_t ippo_flags;
	ifnet_t ippo_mcast_ifnet;
	int ippo_mcast_loop;
	uint8_t ippo_mcast_ttl;
};
typedef struct ipf_pktopts *ipf_pktopts_t;
#define IPPOF_MCAST_OPTS 0x1

/* offset: the payload's; protocol: its. 0 lets the packet pass, EJUSTRETURN: it is the filter's. */
typedef errno_t (*ipf_input_func)(void *cookie, mbuf_t *data, int offset, uint8_t protocol);
typedef errno_t (*ipf_output_func)(void *cookie, mbuf_t *data, ipf_pktopts_t options); /* options: NULL */
typedef void (*ipf_detach_func)(void *cookie);

struct ipf_filter {
	void *cookie;
	const char *name;
	ipf_input_func ipf_input;
	ipf_output_func ipf_output;
	ipf_detach_func ipf_detach; /* must be there */
};
typedef struct opaque_ipfilter *ipfilter_t;

__BEGIN_DECLS
errno_t ipf_addv4(const struct ipf_filter *filter, ipfilter_t *filter_ref);
errno_t ipf_addv6(const struct ipf_filter *filter, ipfilter_t *filter_ref);
errno_t ipf_remove(ipfilter_t filter_ref);
/* Both take the mbuf, whatever they return; the packet goes on behind the filter, or from the
 * first, if that is NULL. */
errno_t ipf_inject_input(mbuf_t data, ipfilter_t filter_ref);
errno_t ipf_inject_output(mbuf_t data, ipfilter_t filter_ref, ipf_pktopts_t options);
__END_DECLS

#endif
