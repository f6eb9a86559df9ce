/* Filters between the protocols and an interface. 0 lets a packet pass, EJUSTRETURN says that it is
 * the filter's now, another errno drops it. */
#ifndef __KPI_INTERFACEFILTER__
#define __KPI_INTERFACEFILTER__

#include <net/kpi_interface.h>
#include <sys/kern_event.h>

typedef struct opaque_interface_filter *interface_filter_t;

/* data: from the network's header on; *frame_ptr: the link's header. */
typedef errno_t (*iff_input_func)(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *data, char **frame_ptr);
/* data: with the link's header in front. */
typedef errno_t (*iff_output_func)(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *data);
typedef void (*iff_event_func)(void *cookie, ifnet_t interface, protocol_family_t protocol, const struct kev_msg *event_msg);
/* EOPNOTSUPP for what is not the filter's; EJUSTRETURN: it is done. ioctl_arg: a struct ifreq. */
typedef errno_t (*iff_ioctl_func)(void *cookie, ifnet_t interface, protocol_family_t protocol, unsigned long ioctl_cmd, void *ioctl_arg);
/* The last call. */
typedef void (*iff_detached_func)(void *cookie, ifnet_t interface);

struct iff_filter {
	void *iff_cookie;
	const char *iff_name;
	protocol_family_t iff_protocol;
	iff_input_func iff_input;
	iff_output_func iff_output;
	iff_event_func iff_event;
	iff_ioctl_func iff_ioctl;
	iff_detached_func iff_detached;
};

__BEGIN_DECLS
errno_t iflt_attach(ifnet_t interface, const struct iff_filter *filter, interface_filter_t *filter_ref);
void iflt_detach(interface_filter_t filter_ref);
__END_DECLS

#endif
