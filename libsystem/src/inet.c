/* Internet addresses as text. */
#include "private.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <net/if.h>

const struct in6_addr in6addr_any = IN6ADDR_ANY_INIT, in6addr_loopback = IN6ADDR_LOOPBACK_INIT;

#undef htons
#undef ntohs
#undef htonl
#undef ntohl
uint16_t htons(uint16_t v) { return __builtin_bswap16(v); }
uint16_t ntohs(uint16_t v) { return __builtin_bswap16(v); }
uint32_t htonl(uint32_t v) { return __builtin_bswap32(v); }
uint32_t ntohl(uint32_t v) { return __builtin_bswap32(v); }

static int hex(int c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }

static bool pton4(const char *s, uint8_t *out)
{
	for (int i = 0; i < 4; i++) {
		unsigned v = 0, n = 0;
		for (; *s >= '0' && *s <= '9'; s++, n++)
			if (n == 3 || (v = v * 10 + *s - '0') > 255)
				return false;
		if (n == 0 || *s != (i < 3 ? '.' : 0))
			return false;
		out[i] = v;
		s++;
	}
	return true;
}

static bool pton6(const char *s, uint8_t *out)
{
	uint8_t b[16] = { 0 };
	int n = 0, gap = -1;
	if (s[0] == ':' && *++s != ':')
		return false;
	while (*s) {
		if (*s == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			s++;
			continue;
		}
		const char *word = s;
		unsigned v = 0, k = 0;
		for (int d; (d = hex(*s)) >= 0; s++)
			if (v = v << 4 | d, ++k > 4)
				return false;
		if (*s == '.') {
			if (n > 12 || !pton4(word, b + n))
				return false;
			n += 4;
			break;
		}
		if (k == 0 || n == 16)
			return false;
		b[n++] = v >> 8, b[n++] = v;
		if (*s == ':') {
			if (s[1] == 0)
				return false;
			s++;
		} else if (*s) {
			return false;
		}
	}
	if (gap >= 0) {
		if (n == 16)
			return false;
		memmove(b + 16 - (n - gap), b + gap, n - gap);
		memset(b + gap, 0, 16 - n);
	} else if (n != 16) {
		return false;
	}
	memcpy(out, b, 16);
	return true;
}

int inet_pton(int af, const char *s, void *out)
{
	if (af == AF_INET) {
		uint8_t b[4];
		if (!pton4(s, b))
			return 0;
		memcpy(out, b, 4);
		return 1;
	}
	if (af == AF_INET6)
		return pton6(s, out);
	errno = EAFNOSUPPORT;
	return -1;
}

/* RFC 5952: the longest run of two or more zero groups is left out. */
const char *inet_ntop(int af, const void *in, char *buf, socklen_t room)
{
	const uint8_t *b = in;
	char t[INET6_ADDRSTRLEN], *p = t;
	if (af == AF_INET) {
		for (int i = 0; i < 4; i++) {
			if (i)
				*p++ = '.';
			p += digits_of(p, b[i]);
		}
	} else if (af == AF_INET6) {
		int best = -1, len = 1;
		for (int i = 0; i < 8; i++) {
			int k = i;
			while (k < 8 && !b[2 * k] && !b[2 * k + 1])
				k++;
			if (k - i > len)
				best = i, len = k - i;
			if (k > i)
				i = k - 1;
		}
		bool v4 = best == 0 && (len == 6 || (len == 5 && b[10] == 0xff && b[11] == 0xff));
		for (int i = 0; i < 8; i++) {
			if (i == best) {
				*p++ = ':';
				i += len - 1;
				if (i == 7)
					*p++ = ':';
				continue;
			}
			if (i)
				*p++ = ':';
			if (v4 && i == 6) {
				inet_ntop(AF_INET, b + 12, p, INET_ADDRSTRLEN);
				p += strlen(p);
				break;
			}
			unsigned v = b[2 * i] << 8 | b[2 * i + 1];
			int sh = v > 0xfff ? 12 : v > 0xff ? 8 : v > 0xf ? 4 : 0;
			for (; sh >= 0; sh -= 4)
				*p++ = "0123456789abcdef"[v >> sh & 15];
		}
	} else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	*p = 0;
	if (strlcpy(buf, t, room) >= room) {
		errno = ENOSPC;
		return NULL;
	}
	return buf;
}

/* The old forms too: a, a.b, a.b.c, hexadecimal and octal. */
int inet_aton(const char *s, struct in_addr *out)
{
	uint32_t part[4];
	int n = 0;
	for (;;) {
		if (n == 4 || !(*s >= '0' && *s <= '9'))
			return 0;
		unsigned base = 10;
		uint64_t v = 0;
		if (*s == '0') {
			base = 8;
			if ((s[1] | 32) == 'x')
				base = 16, s += 2;
		}
		for (int d; (d = hex(*s)) >= 0 && d < (int)base; s++)
			if ((v = v * base + d) > 0xffffffff)
				return 0;
		part[n++] = v;
		if (*s != '.')
			break;
		s++;
	}
	if (*s && *s != ' ' && *s != '\t' && *s != '\n')
		return 0;
	uint32_t v = part[n - 1];
	if (n > 1 && v >> (8 * (5 - n)))
		return 0;
	for (int i = 0; i < n - 1; i++) {
		if (part[i] > 255)
			return 0;
		v |= part[i] << (24 - 8 * i);
	}
	if (out)
		out->s_addr = __builtin_bswap32(v);
	return 1;
}
in_addr_t inet_addr(const char *s)
{
	struct in_addr a;
	return inet_aton(s, &a) ? a.s_addr : INADDR_NONE;
}
char *inet_ntoa(struct in_addr a)
{
	static char buf[INET_ADDRSTRLEN];
	return (char *)inet_ntop(AF_INET, &a, buf, sizeof buf);
}
