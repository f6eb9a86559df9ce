/* Names of interfaces, from the routing table's list (NET_RT_IFLIST). */
#include "private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include <sys/sysctl.h>

/* The head of an RTM_IFINFO message, and the link address that follows it. */
struct msg { uint16_t len; uint8_t version, type; int32_t addrs, flags; uint16_t index; };
struct link { uint8_t len, family; uint16_t index; uint8_t type, nlen, alen, slen; char data[12]; };
#define RTM_IFINFO 0xe
#define IFINFO_SIZE 112 /* sizeof(struct if_msghdr) */

static bool each(bool (*fn)(void *, unsigned, const char *, size_t), void *arg)
{
	int mib[6] = { CTL_NET, AF_ROUTE, 0, 0, 3, 0 };
	size_t n = 0;
	if (sysctl(mib, 6, NULL, &n, NULL, 0) < 0)
		return false;
	n += 1024;
	char *buf = malloc(n), *p = buf;
	bool hit = false;
	if (buf && sysctl(mib, 6, buf, &n, NULL, 0) == 0)
		for (; !hit && p + sizeof(struct msg) <= buf + n; ) {
			struct msg *m = (void *)p;
			if (m->len < sizeof *m || m->len > buf + n - p)
				break;
			struct link *l = (void *)(p + IFINFO_SIZE);
			if (m->type == RTM_IFINFO && m->len >= IFINFO_SIZE + 8 && l->family == AF_LINK && l->nlen < IF_NAMESIZE && IFINFO_SIZE + 8 + l->nlen <= m->len)
				hit = fn(arg, m->index, l->data, l->nlen);
			p += m->len;
		}
	free(buf);
	return hit;
}
struct want { const char *name; unsigned index; char *out; };
static bool by_name(void *arg, unsigned index, const char *s, size_t n)
{
	struct want *w = arg;
	if (strlen(w->name) != n || memcmp(w->name, s, n) != 0)
		return false;
	w->index = index;
	return true;
}
static bool by_index(void *arg, unsigned index, const char *s, size_t n)
{
	struct want *w = arg;
	if (w->index != index)
		return false;
	memcpy(w->out, s, n);
	w->out[n] = 0;
	return true;
}
unsigned if_nametoindex(const char *name)
{
	struct want w = { .name = name };
	if (each(by_name, &w))
		return w.index;
	errno = ENXIO;
	return 0;
}
char *if_indextoname(unsigned i, char *out)
{
	struct want w = { .index = i, .out = out };
	if (each(by_index, &w))
		return out;
	errno = ENXIO;
	return NULL;
}
