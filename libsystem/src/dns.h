/* The resolver's core: dns.c. libresolv and getaddrinfo stand on it. */
#ifndef DNS_H
#define DNS_H
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
enum { DNS_A = 1, DNS_CNAME = 5, DNS_PTR = 12, DNS_AAAA = 28 };
/* netdb's h_errno values */
enum { DNS_NOT_FOUND = 1, DNS_TRY_AGAIN = 2, DNS_NO_RECOVERY = 3, DNS_NO_DATA = 4 };
/*
 * Asks for name, trying the search list if search. The answer (at most room
 * bytes are stored) and its whole length; or -1 and *herr. Exported, because
 * libresolv uses it.
 */
int __puggle_dns(const char *name, int class, int type, bool search, uint8_t *answer, size_t room, int *herr);
/* Expands a name at p of a message; bytes used at p, or -1. */
int __puggle_dns_expand(const uint8_t *msg, const uint8_t *end, const uint8_t *p, char *out, size_t room);
#endif
