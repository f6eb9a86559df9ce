/* Filters of interfaces and of IP, for the test: what they do depends on the datagram's port. */
#include <net/kpi_interfacefilter.h>
#include <netinet/kpi_ipfilter.h>
#include <libkern/libkern.h>
#include <sys/errno.h>
#include <sys/systm.h>

static interface_filter_t lo_ref, en_ref;
static ipfilter_t ip_ref;
static ifnet_t lo, en;
static int in, out, ip_in, ip_out, detached, events, held, wrong, ioctls;
static uint32_t last_event;
static char name[8];

/* The port of a datagram of IPv4 without options, whose header is at off. */
static int port(mbuf_t m, size_t off)
{
	unsigned char h[28];
	if (mbuf_copydata(m, off, 28, h) != 0 || h[0] != 0x45 || h[9] != 17)
		return 0;
	return h[22] << 8 | h[23];
}

static errno_t input(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *data, char **frame_ptr)
{
	in++;
	if (cookie != &lo_ref && cookie != &en_ref)
		wrong++;
	if (interface == lo && *(uint32_t *)*frame_ptr != protocol)
		wrong++;
	if (interface == en && ((unsigned char *)*frame_ptr)[12] != 8)
		wrong++;
	if (mbuf_pkthdr_rcvif(*data) != interface)
		wrong++;
	if (port(*data, 0) == 4001)
		return EPERM;
	return 0;
}

static errno_t output(void *cookie, ifnet_t interface, protocol_family_t protocol, mbuf_t *data)
{
	size_t head = ifnet_hdrlen(interface);
	out++;
	switch (port(*data, head)) {
	case 4002: /* another first byte; a checksum of 0 is none */
		if (mbuf_copyback(*data, head + 26, 2, "\0\0", MBUF_DONTWAIT) != 0 ||
			mbuf_copyback(*data, head + 28, 1, "B", MBUF_DONTWAIT) != 0)
			wrong++;
		break;
	case 4003: /* taken */
		mbuf_freem(*data);
		held++;
		return EJUSTRETURN;
	}
	return 0;
}

static void event(void *cookie, ifnet_t interface, protocol_family_t protocol, const struct kev_msg *e)
{
	events++;
	last_event = e->event_code;
	if (e->vendor_code != KEV_VENDOR_APPLE || e->kev_subclass != KEV_DL_SUBCLASS || e->dv[0].data_length < 24 || e->dv[1].data_length != 0)
		wrong++;
	else
		memcpy(name, (char *)e->dv[0].data_ptr + 8, sizeof name - 1);
}

static errno_t ioctl(void *cookie, ifnet_t interface, protocol_family_t protocol, unsigned long cmd, void *arg)
{
	if ((cmd & 0xff) != 123)
		return EOPNOTSUPP;
	ioctls++;
	if (((char *)arg)[0] != 'l')
		wrong++;
	((char *)arg)[16] ^= 0x55;
	return EJUSTRETURN;
}

static void gone(void *cookie, ifnet_t interface) { detached++; }

static errno_t ip_input(void *cookie, mbuf_t *data, int offset, uint8_t protocol)
{
	ip_in++;
	if (protocol != 17 || offset != 20)
		return 0;
	if (port(*data, 0) == 4004) { /* goes on later, behind this filter */
		if (ipf_inject_input(*data, ip_ref) != 0)
			wrong++;
		return EJUSTRETURN;
	}
	return 0;
}

static errno_t ip_output(void *cookie, mbuf_t *data, ipf_pktopts_t options)
{
	ip_out++;
	switch (port(*data, 0)) {
	case 4005:
		return EHOSTUNREACH;
	case 4006:
		if (ipf_inject_output(*data, ip_ref, NULL) != 0)
			wrong++;
		return EJUSTRETURN;
	}
	return 0;
}

static void ip_gone(void *cookie) { detached++; }

int attach(void)
{
	struct iff_filter f = {&lo_ref, "com.example.frames", 0, input, output, event, ioctl, gone};
	struct ipf_filter p = {NULL, "com.example.frames", ip_input, ip_output, ip_gone};
	ifnet_t none;

	if (ifnet_find_by_name("nope0", &none) != ENXIO)
		return 1;
	if (ifnet_find_by_name("lo0", &lo) != 0 || ifnet_find_by_name("en0", &en) != 0 || lo == en)
		return 2;
	if (strncmp(ifnet_name(lo), "lo", 3) != 0 || ifnet_unit(lo) != 0 || ifnet_family(lo) != IFNET_FAMILY_LOOPBACK || ifnet_mtu(en) != 1500 ||
		!(ifnet_flags(lo) & IFF_LOOPBACK) || ifnet_addrlen(en) != 6 || ifnet_index(en) == ifnet_index(lo))
		return 3;
	if (iflt_attach(lo, &f, &lo_ref) != 0)
		return 4;
	f.iff_cookie = &en_ref;
	if (iflt_attach(en, &f, &en_ref) != 0)
		return 5;
	if (ipf_addv4(&p, &ip_ref) != 0)
		return 6;
	p.ipf_detach = NULL;
	if (ipf_addv4(&p, &ip_ref) != EINVAL)
		return 7;
	return 0;
}

int detach(void)
{
	iflt_detach(lo_ref);
	iflt_detach(en_ref);
	return ipf_remove(ip_ref);
}

int count(int what)
{
	int *all[] = {&in, &out, &ip_in, &ip_out, &detached, &events, &held, &wrong, &ioctls, (int *)&last_event, (int *)name};
	return *all[what];
}

int post(void)
{
	uint32_t vendor, again;
	struct kev_msg m = {1, 2, 3, 4, {{5, "hello"}, {3, "you"}}};

	if (kev_msg_post(&m) != EINVAL) /* not Apple's */
		return 1;
	if (kev_vendor_code_find("com.example", &vendor) != 0 || kev_vendor_code_find("com.example", &again) != 0 || vendor != again)
		return 2;
	m.vendor_code = vendor + 1;
	if (kev_msg_post(&m) != EINVAL)
		return 3;
	m.vendor_code = vendor;
	m.dv[1].data_length = 4000;
	if (kev_msg_post(&m) != EMSGSIZE)
		return 4;
	m.dv[1].data_length = 3;
	return kev_msg_post(&m);
}
