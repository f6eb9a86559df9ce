/*
 * libresolv's numbered interface over libSystem's resolver. A state holds only
 * that it was initialised: configuration is read at each question.
 */
#include "dns.h"
#include <errno.h>
#include <netdb.h>
#include <string.h>

struct state { int magic, h_errno_; char rest[544]; }; /* 552 bytes, as Darwin's */
#define MAGIC 0x72657339

int res_9_ninit(struct state *s)
{
	memset(s, 0, sizeof *s);
	s->magic = MAGIC;
	return 0;
}
void res_9_nclose(struct state *s) { s->magic = 0; }
void res_9_ndestroy(struct state *s) { res_9_nclose(s); }

static int ask(struct state *s, const char *name, int class, int type, uint8_t *a, int n, bool search)
{
	if (n < 0) {
		errno = EINVAL;
		return -1;
	}
	int r = __puggle_dns(name, class, type, search, a, n, &s->h_errno_);
	if (r < 0)
		h_errno = s->h_errno_;
	return r;
}
int res_9_nsearch(struct state *s, const char *name, int class, int type, uint8_t *a, int n) { return ask(s, name, class, type, a, n, true); }
int res_9_nquery(struct state *s, const char *name, int class, int type, uint8_t *a, int n) { return ask(s, name, class, type, a, n, false); }

static struct state the_state;
int res_9_init(void) { return res_9_ninit(&the_state); }
int res_9_search(const char *name, int class, int type, uint8_t *a, int n) { return res_9_nsearch(&the_state, name, class, type, a, n); }
int res_9_query(const char *name, int class, int type, uint8_t *a, int n) { return res_9_nquery(&the_state, name, class, type, a, n); }
int res_9_dn_expand(const uint8_t *msg, const uint8_t *end, const uint8_t *p, char *out, int room)
{
	return room <= 0 ? -1 : __puggle_dns_expand(msg, end, p, out, room);
}
