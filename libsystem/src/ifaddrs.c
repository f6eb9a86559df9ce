/* The addresses of the interfaces, from the routing table's list (NET_RT_IFLIST). */
#include "private.h"
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>

/* The heads of RTM_IFINFO and RTM_NEWADDR; addresses follow, by the bits of addrs. */
struct head { uint16_t len; uint8_t version, type; int32_t addrs, flags; uint16_t index; };
enum { RTM_NEWADDR = 0xc, RTM_IFINFO = 0xe, IFINFO_SIZE = 112, IFA_SIZE = 20, IFINFO_DATA = 16 };
enum { RTAX_NETMASK = 2, RTAX_IFP = 4, RTAX_IFA = 5, RTAX_BRD = 7, RTAX_MAX = 8 };
#define ROUND4(n) ((n) > 0 ? ((n) + 3) & ~3u : 4u)

struct one { struct ifaddrs a; struct sockaddr_storage addr, mask, dst; char name[IF_NAMESIZE], data[IFINFO_SIZE - IFINFO_DATA]; };

static void put(struct sockaddr **at, struct sockaddr_storage *room, const struct sockaddr *sa)
{
	if (!sa || sa->sa_len == 0)
		return;
	size_t n = sa->sa_len < sizeof *room ? sa->sa_len : sizeof *room;
	memcpy(room, sa, n);
	*at = (struct sockaddr *)room;
}

int getifaddrs(struct ifaddrs **out)
{
	int mib[6] = { CTL_NET, AF_ROUTE, 0, 0, 3, 0 };
	size_t n = 0;
	*out = NULL;
	if (sysctl(mib, 6, NULL, &n, NULL, 0) < 0)
		return -1;
	n += 4096;
	char *buf = malloc(n), name[IF_NAMESIZE] = "";
	struct ifaddrs **tail = out;
	unsigned flags = 0;
	if (!buf)
		return -1;
	if (sysctl(mib, 6, buf, &n, NULL, 0) < 0)
		goto fail;
	for (char *p = buf; p + sizeof(struct head) <= buf + n;) {
		struct head *h = (void *)p;
		if (h->len < sizeof *h || h->len > buf + n - p)
			break;
		size_t at = h->type == RTM_IFINFO ? IFINFO_SIZE : IFA_SIZE;
		const struct sockaddr *sa[RTAX_MAX] = { NULL };
		if (h->type == RTM_IFINFO || h->type == RTM_NEWADDR) {
			for (int i = 0; i < RTAX_MAX && at + 2 <= h->len; i++)
				if (h->addrs >> i & 1) {
					sa[i] = (void *)(p + at);
					at += ROUND4(sa[i]->sa_len);
				}
			struct one *o = calloc(1, sizeof *o);
			if (!o)
				goto fail;
			if (h->type == RTM_IFINFO) {
				const unsigned char *dl = (void *)sa[RTAX_IFP];
				memset(name, 0, sizeof name);
				if (dl && dl[5] < sizeof name)
					memcpy(name, dl + 8, dl[5]);
				flags = h->flags;
				put(&o->a.ifa_addr, &o->addr, sa[RTAX_IFP]);
				memcpy(o->data, p + IFINFO_DATA, sizeof o->data);
				o->a.ifa_data = o->data;
			} else {
				put(&o->a.ifa_addr, &o->addr, sa[RTAX_IFA]);
				put(&o->a.ifa_netmask, &o->mask, sa[RTAX_NETMASK]);
				if (o->a.ifa_netmask && o->a.ifa_addr)
					o->mask.ss_family = o->addr.ss_family;
				put(&o->a.ifa_dstaddr, &o->dst, sa[RTAX_BRD]);
			}
			strlcpy(o->name, name, sizeof o->name);
			o->a.ifa_name = o->name;
			o->a.ifa_flags = flags;
			*tail = &o->a;
			tail = &o->a.ifa_next;
		}
		p += h->len;
	}
	free(buf);
	return 0;
fail:
	free(buf);
	freeifaddrs(*out);
	*out = NULL;
	return -1;
}
void freeifaddrs(struct ifaddrs *a)
{
	while (a) {
		struct ifaddrs *next = a->ifa_next;
		free(a);
		a = next;
	}
}

struct if_nameindex *if_nameindex(void)
{
	struct ifaddrs *list, *a;
	size_t n = 0;
	if (getifaddrs(&list) < 0)
		return NULL;
	for (a = list; a; a = a->ifa_next)
		n += a->ifa_data != NULL;
	struct if_nameindex *v = calloc(1, (n + 1) * sizeof *v + n * IF_NAMESIZE);
	char *names = v ? (char *)(v + n + 1) : NULL;
	n = 0;
	for (a = list; v && a; a = a->ifa_next)
		if (a->ifa_data) {
			strlcpy(names, a->ifa_name, IF_NAMESIZE);
			v[n].if_name = names;
			v[n++].if_index = *(uint16_t *)((char *)a->ifa_addr + 2);
			names += IF_NAMESIZE;
		}
	freeifaddrs(list);
	return v;
}
void if_freenameindex(struct if_nameindex *v) { free(v); }
