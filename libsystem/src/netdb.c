/*
 * getaddrinfo and getnameinfo: numbers, then /etc/hosts, then DNS; services
 * from /etc/services.
 */
#include "private.h"
#include "dns.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>

#define MAXADDR 48
struct found {
	int n;
	struct { int af; uint8_t b[16]; uint32_t scope; } a[MAXADDR];
	char canon[NI_MAXHOST];
};
static void add(struct found *f, int af, const void *b, uint32_t scope)
{
	if (f->n == MAXADDR)
		return;
	f->a[f->n].af = af;
	memcpy(f->a[f->n].b, b, af == AF_INET ? 4 : 16);
	f->a[f->n++].scope = scope;
}

static bool numeric(const char *name, int family, struct found *f)
{
	struct in_addr v4;
	struct in6_addr v6;
	char host[80];
	if (inet_aton(name, &v4)) {
		if (family != AF_INET6)
			add(f, AF_INET, &v4, 0);
		return true;
	}
	uint32_t scope = 0;
	const char *pct = strchr(name, '%');
	if (pct && pct - name < (int)sizeof host) {
		memcpy(host, name, pct - name);
		host[pct - name] = 0;
		char *end;
		scope = strtoul(pct + 1, &end, 10);
		if (*end || end == pct + 1)
			scope = if_nametoindex(pct + 1);
		name = host;
	}
	if (inet_pton(AF_INET6, name, &v6) == 1) {
		if (family != AF_INET)
			add(f, AF_INET6, &v6, scope);
		return true;
	}
	return false;
}

/* Calls fn with the words of each line of a file; stops when it says so. */
static void each_line(const char *path, bool (*fn)(void *, char **, int), void *arg)
{
	FILE *fp = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	if (!fp)
		return;
	while (getline(&line, &room, fp) > 0) {
		char *word[40], *last, *w;
		int n = 0;
		line[strcspn(line, "#\n")] = 0;
		for (w = strtok_r(line, " \t\r", &last); w && n < 40; w = strtok_r(NULL, " \t\r", &last))
			word[n++] = w;
		if (n && fn(arg, word, n))
			break;
	}
	free(line);
	fclose(fp);
}

struct host_search { const char *name; int family; struct found *f; };
static bool host_line(void *arg, char **w, int n)
{
	struct host_search *s = arg;
	for (int i = 1; i < n; i++)
		if (strcasecmp(w[i], s->name) == 0) {
			int before = s->f->n;
			if (numeric(w[0], s->family, s->f) && s->f->n > before && before == 0)
				strlcpy(s->f->canon, w[1], sizeof s->f->canon);
			break;
		}
	return false;
}

static unsigned get16(const uint8_t *p) { return p[0] << 8 | p[1]; }

/* Addresses, or names for PTR, of an answer. */
static void collect(const uint8_t *msg, int len, int type, struct found *f)
{
	const uint8_t *end = msg + len, *p = msg + 12;
	char name[NI_MAXHOST];
	int n;
	for (unsigned i = get16(msg + 4); i; i--) {
		if ((n = __puggle_dns_expand(msg, end, p, name, sizeof name)) < 0 || end - p < n + 4)
			return;
		p += n + 4;
	}
	for (unsigned i = get16(msg + 6); i; i--) {
		if ((n = __puggle_dns_expand(msg, end, p, name, sizeof name)) < 0 || end - p < n + 10)
			return;
		p += n;
		unsigned t = get16(p), size = get16(p + 8);
		p += 10;
		if (size > (size_t)(end - p))
			return;
		if ((int)t == type && type == DNS_PTR) {
			if (!f->n && __puggle_dns_expand(msg, end, p, f->canon, sizeof f->canon) > 0)
				f->n = 1;
		} else if ((int)t == type && size == (type == DNS_A ? 4 : 16)) {
			add(f, type == DNS_A ? AF_INET : AF_INET6, p, 0);
			if (!f->canon[0])
				strlcpy(f->canon, name, sizeof f->canon);
		}
		p += size;
	}
}

static int by_dns(const char *name, int family, struct found *f)
{
	uint8_t *msg = malloc(65536);
	int herr4 = DNS_NO_DATA, herr6 = DNS_NO_DATA, n;
	if (!msg)
		return EAI_MEMORY;
	if (family != AF_INET6 && (n = __puggle_dns(name, 1, DNS_A, true, msg, 65536, &herr4)) >= 12)
		collect(msg, n, DNS_A, f);
	if (family != AF_INET && herr4 != DNS_NOT_FOUND && (n = __puggle_dns(name, 1, DNS_AAAA, true, msg, 65536, &herr6)) >= 12)
		collect(msg, n, DNS_AAAA, f);
	free(msg);
	if (f->n)
		return 0;
	if (herr4 == DNS_TRY_AGAIN || herr6 == DNS_TRY_AGAIN)
		return EAI_AGAIN;
	if (herr4 == DNS_NO_RECOVERY || herr6 == DNS_NO_RECOVERY)
		return EAI_FAIL;
	return EAI_NONAME;
}

struct service { const char *name, *proto; int port; char found[64]; char fproto[16]; };
static bool service_line(void *arg, char **w, int n)
{
	struct service *s = arg;
	char *slash;
	if (n < 2 || !(slash = strchr(w[1], '/')))
		return false;
	if (s->proto && strcmp(slash + 1, s->proto) != 0)
		return false;
	int port = atoi(w[1]);
	bool hit = s->name ? false : port == s->port;
	for (int i = 0; s->name && i < n; i++)
		hit |= i != 1 && strcmp(w[i], s->name) == 0;
	if (!hit)
		return false;
	s->port = port;
	strlcpy(s->found, w[0], sizeof s->found);
	strlcpy(s->fproto, slash + 1, sizeof s->fproto);
	return true;
}
/* The port, or -1. */
static int port_of(const char *name, const char *proto)
{
	struct service s = { .name = name, .proto = proto };
	each_line("/etc/services", service_line, &s);
	return s.found[0] ? s.port : -1;
}

/* Whether there is a route at all: a datagram socket that connects sends nothing. */
static bool reachable(int af, const uint8_t *b)
{
	struct sockaddr_in6 in6 = { .sin6_len = sizeof in6, .sin6_family = AF_INET6, .sin6_port = htons(9) };
	struct sockaddr_in in = { .sin_len = sizeof in, .sin_family = AF_INET, .sin_port = htons(9) };
	memcpy(af == AF_INET ? (void *)&in.sin_addr : &in6.sin6_addr, b, af == AF_INET ? 4 : 16);
	int saved = errno, s = socket(af, SOCK_DGRAM, 0);
	bool ok = s >= 0 && connect(s, af == AF_INET ? (void *)&in : (void *)&in6, af == AF_INET ? sizeof in : sizeof in6) == 0;
	if (s >= 0)
		close(s);
	errno = saved;
	return ok;
}

static struct addrinfo *entry(const struct found *f, int i, int type, int proto, int port)
{
	struct { struct addrinfo ai; struct sockaddr_in6 sa; } *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	struct sockaddr_in *in = (void *)&e->sa;
	bool v4 = f->a[i].af == AF_INET;
	e->ai = (struct addrinfo){ .ai_family = f->a[i].af, .ai_socktype = type, .ai_protocol = proto,
		.ai_addrlen = v4 ? sizeof *in : sizeof e->sa, .ai_addr = (void *)&e->sa };
	e->sa.sin6_len = e->ai.ai_addrlen;
	e->sa.sin6_family = f->a[i].af;
	e->sa.sin6_port = htons(port);
	memcpy(v4 ? (void *)&in->sin_addr : &e->sa.sin6_addr, f->a[i].b, v4 ? 4 : 16);
	if (!v4)
		e->sa.sin6_scope_id = f->a[i].scope;
	return &e->ai;
}
void freeaddrinfo(struct addrinfo *a)
{
	while (a) {
		struct addrinfo *next = a->ai_next;
		free(a->ai_canonname);
		free(a);
		a = next;
	}
}

static const struct { int type, proto; const char *name; } kinds[] = {
	{ SOCK_STREAM, IPPROTO_TCP, "tcp" }, { SOCK_DGRAM, IPPROTO_UDP, "udp" }, { SOCK_RAW, 0, NULL },
};

int getaddrinfo(const char *host, const char *serv, const struct addrinfo *hints, struct addrinfo **out)
{
	static const struct addrinfo none;
	if (!hints)
		hints = &none;
	int family = hints->ai_family, flags = hints->ai_flags;
	*out = NULL;
	if (!host && !serv)
		return EAI_NONAME;
	if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)
		return EAI_FAMILY;
	if (flags & AI_CANONNAME && !host)
		return EAI_BADFLAGS;
	if (hints->ai_socktype < 0 || hints->ai_socktype > SOCK_RAW)
		return EAI_SOCKTYPE;

	int port = 0, ports[countof(kinds)];
	bool number = false;
	if (serv && *serv) {
		char *end;
		unsigned long v = strtoul(serv, &end, 10);
		number = !*end && *serv >= '0' && *serv <= '9';
		if (number && v > 65535)
			return EAI_SERVICE;
		if (!number && flags & AI_NUMERICSERV)
			return EAI_NONAME;
		port = v;
	}
	bool any = false;
	for (unsigned i = 0; i < countof(kinds); i++) {
		ports[i] = -1;
		if (hints->ai_socktype && hints->ai_socktype != kinds[i].type)
			continue;
		if (hints->ai_protocol && kinds[i].proto && hints->ai_protocol != kinds[i].proto)
			continue;
		if (!hints->ai_socktype && kinds[i].type == SOCK_RAW && (hints->ai_protocol == 0 || any))
			continue;
		if (!serv || !*serv || number)
			ports[i] = port;
		else if (kinds[i].name)
			ports[i] = port_of(serv, kinds[i].name);
		any |= ports[i] >= 0;
	}
	if (!any)
		return serv && *serv ? EAI_SERVICE : EAI_SOCKTYPE;

	struct found *f = calloc(1, sizeof *f);
	if (!f)
		return EAI_MEMORY;
	int err = 0;
	if (!host || !*host) {
		const struct in_addr any4 = { 0 }, lo4 = { htonl(INADDR_LOOPBACK) };
		bool passive = flags & AI_PASSIVE;
		if (family != AF_INET)
			add(f, AF_INET6, passive ? &in6addr_any : &in6addr_loopback, 0);
		if (family != AF_INET6)
			add(f, AF_INET, passive ? &any4 : &lo4, 0);
	} else if (numeric(host, family, f)) {
		if (f->n == 0)
			err = EAI_NONAME; /* a number of the other family */
		strlcpy(f->canon, host, sizeof f->canon);
	} else if (flags & AI_NUMERICHOST) {
		err = EAI_NONAME;
	} else {
		struct host_search s = { host, family, f };
		each_line("/etc/hosts", host_line, &s);
		if (f->n == 0 && strcasecmp(host, "localhost") == 0) {
			const struct in_addr lo4 = { htonl(INADDR_LOOPBACK) };
			if (family != AF_INET)
				add(f, AF_INET6, &in6addr_loopback, 0);
			if (family != AF_INET6)
				add(f, AF_INET, &lo4, 0);
		}
		if (f->n == 0) {
			err = by_dns(host, family, f);
			if (err == EAI_NONAME && family == AF_INET6 && flags & (AI_V4MAPPED | AI_V4MAPPED_CFG))
				err = by_dns(host, AF_INET, f);
			for (int i = 0; family == AF_INET6 && i < f->n; i++)
				if (f->a[i].af == AF_INET) {
					uint8_t b[16] = { [10] = 0xff, [11] = 0xff };
					memcpy(b + 12, f->a[i].b, 4);
					memcpy(f->a[i].b, b, 16);
					f->a[i].af = AF_INET6;
				}
		}
		if (!f->canon[0])
			strlcpy(f->canon, host, sizeof f->canon);
	}
	/* Addresses that can be reached come first; else the order stays. */
	bool good[MAXADDR], mixed = false;
	for (int i = 1; i < f->n; i++)
		mixed |= f->a[i].af != f->a[0].af;
	for (int i = 0; i < f->n; i++)
		good[i] = !mixed || !host || flags & AI_NUMERICHOST || reachable(f->a[i].af, f->a[i].b);
	struct addrinfo **tail = out;
	for (int pass = 1; pass >= 0 && !err; pass--)
		for (int i = 0; i < f->n && !err; i++)
			for (unsigned k = 0; good[i] == pass && k < countof(kinds) && !err; k++) {
				if (ports[k] < 0)
					continue;
				struct addrinfo *e = entry(f, i, kinds[k].type, kinds[k].proto ? kinds[k].proto : hints->ai_protocol, ports[k]);
				if (!e) {
					err = EAI_MEMORY;
					break;
				}
				*tail = e;
				tail = &e->ai_next;
			}
	if (!err && flags & AI_CANONNAME && *out && !((*out)->ai_canonname = strdup(f->canon)))
		err = EAI_MEMORY;
	free(f);
	if (err) {
		freeaddrinfo(*out);
		*out = NULL;
	}
	return err;
}

struct reverse { int af; const uint8_t *b; char *name; size_t room; bool hit; };
static bool reverse_line(void *arg, char **w, int n)
{
	struct reverse *r = arg;
	struct found f = { 0 };
	if (n < 2 || !numeric(w[0], r->af, &f) || f.n == 0 || f.a[0].af != r->af || memcmp(f.a[0].b, r->b, r->af == AF_INET ? 4 : 16) != 0)
		return false;
	r->hit = true;
	return strlcpy(r->name, w[1], r->room), true;
}

int getnameinfo(const struct sockaddr *sa, socklen_t len, char *host, socklen_t hostlen, char *serv, socklen_t servlen, int flags)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;
	int af = sa->sa_family;
	if ((af != AF_INET || len < sizeof *in) && (af != AF_INET6 || len < sizeof *in6))
		return EAI_FAMILY;
	const uint8_t *b = af == AF_INET ? (const uint8_t *)&in->sin_addr : in6->sin6_addr.s6_addr;
	if (serv && servlen) {
		struct service s = { .proto = flags & NI_DGRAM ? "udp" : "tcp", .port = ntohs(in->sin_port) };
		if (!(flags & NI_NUMERICSERV))
			each_line("/etc/services", service_line, &s);
		if (!s.found[0])
			s.found[digits_of(s.found, s.port)] = 0;
		if (strlcpy(serv, s.found, servlen) >= servlen)
			return EAI_OVERFLOW;
	}
	if (!host || !hostlen)
		return 0;
	if (!(flags & NI_NUMERICHOST)) {
		char name[NI_MAXHOST] = "";
		struct reverse r = { af, b, name, sizeof name, false };
		int herr = 0;
		each_line("/etc/hosts", reverse_line, &r);
		if (!r.hit) {
			char q[80], *p = q;
			if (af == AF_INET) {
				for (int i = 3; i >= 0; i--) {
					p += digits_of(p, b[i]);
					*p++ = '.';
				}
				strcpy(p, "in-addr.arpa");
			} else {
				for (int i = 15; i >= 0; i--) {
					*p++ = "0123456789abcdef"[b[i] & 15], *p++ = '.';
					*p++ = "0123456789abcdef"[b[i] >> 4], *p++ = '.';
				}
				strcpy(p, "ip6.arpa");
			}
			struct found *f = calloc(1, sizeof *f);
			uint8_t *msg = malloc(65536);
			int n = f && msg ? __puggle_dns(q, 1, DNS_PTR, false, msg, 65536, &herr) : -1;
			if (n >= 12) {
				collect(msg, n, DNS_PTR, f);
				strlcpy(name, f->canon, sizeof name);
				r.hit = f->n > 0;
			}
			free(msg);
			free(f);
		}
		if (r.hit)
			return strlcpy(host, name, hostlen) < hostlen ? 0 : EAI_OVERFLOW;
		if (flags & NI_NAMEREQD)
			return herr == DNS_TRY_AGAIN ? EAI_AGAIN : EAI_NONAME;
	}
	if (!inet_ntop(af, b, host, hostlen))
		return EAI_OVERFLOW;
	if (af == AF_INET6 && in6->sin6_scope_id) {
		char t[IF_NAMESIZE + 2] = "%";
		if (!if_indextoname(in6->sin6_scope_id, t + 1))
			t[1 + digits_of(t + 1, in6->sin6_scope_id)] = 0;
		if (strlcat(host, t, hostlen) >= hostlen)
			return EAI_OVERFLOW;
	}
	return 0;
}

const char *gai_strerror(int e)
{
	static const char *const text[] = { "Success", "Address family for hostname not supported",
		"Temporary failure in name resolution", "Invalid value for ai_flags",
		"Non-recoverable failure in name resolution", "ai_family not supported", "Memory allocation failure",
		"No address associated with nodename", "nodename nor servname provided, or not known",
		"servname not supported for ai_socktype", "ai_socktype not supported", "System error",
		"Bad hints", "Resolved protocol is unknown", "Argument buffer overflow" };
	return (unsigned)e < countof(text) ? text[e] : "Unknown error";
}

int h_errno;
struct hostent *gethostbyname(const char *name)
{
	static struct hostent h;
	static char canon[NI_MAXHOST], addrs[MAXADDR][4], *list[MAXADDR + 1], *no_alias[1];
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME }, *ai;
	int err = getaddrinfo(name, NULL, &hints, &ai), n = 0;
	if (err) {
		h_errno = err == EAI_AGAIN ? TRY_AGAIN : err == EAI_NONAME ? HOST_NOT_FOUND : NO_RECOVERY;
		return NULL;
	}
	strlcpy(canon, ai->ai_canonname, sizeof canon);
	for (struct addrinfo *a = ai; a && n < MAXADDR; a = a->ai_next) {
		memcpy(addrs[n], &((struct sockaddr_in *)a->ai_addr)->sin_addr, 4);
		list[n] = addrs[n];
		n++;
	}
	list[n] = NULL;
	freeaddrinfo(ai);
	h = (struct hostent){ canon, no_alias, AF_INET, 4, list };
	return &h;
}
static struct servent *servent(struct service *s)
{
	static struct servent e;
	static struct service kept;
	static char *no_alias[1];
	each_line("/etc/services", service_line, s);
	if (!s->found[0])
		return NULL;
	kept = *s;
	e = (struct servent){ kept.found, no_alias, htons(kept.port), kept.fproto };
	return &e;
}
struct servent *getservbyname(const char *n, const char *p) { struct service s = { .name = n, .proto = p }; return servent(&s); }
struct servent *getservbyport(int port, const char *p) { struct service s = { .proto = p, .port = ntohs(port) }; return servent(&s); }
struct hostent *gethostbyaddr(const void *addr, socklen_t len, int family)
{
	static struct hostent h;
	static char name[NI_MAXHOST], bytes[16], *list[2] = { bytes }, *no_alias[1];
	struct sockaddr_in in = { .sin_len = sizeof in, .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_len = sizeof in6, .sin6_family = AF_INET6 };
	bool v4 = family == AF_INET && len == 4;
	if (!v4 && !(family == AF_INET6 && len == 16)) {
		h_errno = NO_RECOVERY;
		return NULL;
	}
	memcpy(v4 ? (void *)&in.sin_addr : &in6.sin6_addr, addr, len);
	memcpy(bytes, addr, len);
	int err = getnameinfo(v4 ? (void *)&in : &in6, v4 ? sizeof in : sizeof in6, name, sizeof name, NULL, 0, NI_NAMEREQD);
	if (err) {
		h_errno = err == EAI_AGAIN ? TRY_AGAIN : err == EAI_NONAME ? HOST_NOT_FOUND : NO_RECOVERY;
		return NULL;
	}
	h = (struct hostent){ name, no_alias, family, len, list };
	return &h;
}
static char *no_protocol_alias[1];
static struct protoent protocols[] = { { "ip", no_protocol_alias, 0 }, { "icmp", no_protocol_alias, 1 },
	{ "tcp", no_protocol_alias, 6 }, { "udp", no_protocol_alias, 17 }, { "ipv6", no_protocol_alias, 41 },
	{ "ipv6-icmp", no_protocol_alias, 58 } };
struct protoent *getprotobyname(const char *name)
{
	for (unsigned i = 0; i < countof(protocols); i++)
		if (strcmp(protocols[i].p_name, name) == 0)
			return &protocols[i];
	return NULL;
}
struct protoent *getprotobynumber(int n)
{
	for (unsigned i = 0; i < countof(protocols); i++)
		if (protocols[i].p_proto == n)
			return &protocols[i];
	return NULL;
}
