/*
 * __unwind_info: an index of pages, each a sorted list of functions with a 32-bit
 * description. <mach-o/compact_unwind_encoding.h> is where the format is said.
 */
#include "unwinder.h"

struct header { uint32_t version, common, ncommon, personalities, npersonalities, index, nindex; };
struct index_entry { uint32_t function, page, lsda; };
struct lsda_entry { uint32_t function, lsda; };
struct regular { uint32_t kind; uint16_t entries, count; };
struct compressed { uint32_t kind; uint16_t entries, count, encodings, nencodings; };
struct regular_entry { uint32_t function, encoding; };
enum { REGULAR = 2, COMPRESSED = 3 };
enum { HAS_LSDA = 0x40000000, MODE = 0x0f000000, RBP_FRAME = 0x01000000, STACK_IMMD = 0x02000000,
	STACK_IND = 0x03000000, DWARF = 0x04000000 };

static bool within(const struct tables *t, uint64_t off, uint64_t n)
{
	return off <= t->compact_size && n <= t->compact_size - off;
}

bool compact_find(frame *f, const struct tables *t, uint64_t ip)
{
	const uint8_t *base = t->compact;
	const struct header *h = (const void *)base;
	if (!within(t, 0, sizeof *h) || h->version != 1 || h->nindex < 2 ||
	    !within(t, h->index, (uint64_t)h->nindex * sizeof(struct index_entry)))
		return false;
	uint64_t at = ip - (uint64_t)t->mh;
	const struct index_entry *ix = (const void *)(base + h->index);
	/* The last entry only says where the last function ends. */
	uint32_t lo = 0, hi = h->nindex - 1;
	if (at < ix[0].function || at >= ix[hi].function)
		return false;
	while (hi - lo > 1) {
		uint32_t mid = (lo + hi) / 2;
		if (ix[mid].function <= at)
			lo = mid;
		else
			hi = mid;
	}
	if (ix[lo].page == 0 || !within(t, ix[lo].page, sizeof(struct compressed)))
		return false;
	const uint8_t *page = base + ix[lo].page;
	const struct compressed *c = (const void *)page;
	uint32_t n = c->count, a = 0, b = n, encoding, function;
	uint64_t each = c->kind == REGULAR ? 8 : 4;
	if (n == 0 || (c->kind != REGULAR && c->kind != COMPRESSED) || !within(t, ix[lo].page + c->entries, n * each))
		return false;
	const struct regular_entry *re = (const void *)(page + c->entries);
	const uint32_t *ce = (const void *)(page + c->entries);
	while (b - a > 1) {
		uint32_t mid = (a + b) / 2;
		if ((c->kind == REGULAR ? re[mid].function : ix[lo].function + (ce[mid] & 0xffffff)) <= at)
			a = mid;
		else
			b = mid;
	}
	if (c->kind == REGULAR) {
		function = re[a].function;
		encoding = re[a].encoding;
	} else {
		function = ix[lo].function + (ce[a] & 0xffffff);
		uint32_t k = ce[a] >> 24;
		if (k < h->ncommon) {
			if (!within(t, h->common + 4ul * k, 4))
				return false;
			encoding = ((const uint32_t *)(base + h->common))[k];
		} else {
			k -= h->ncommon;
			if (k >= c->nencodings || !within(t, ix[lo].page + c->encodings + 4ul * k, 4))
				return false;
			encoding = ((const uint32_t *)(page + c->encodings))[k];
		}
	}
	if (function > at || encoding == 0)
		return false;
	f->start = (uint64_t)t->mh + function;
	f->lsda = f->personality = 0;
	f->fde = NULL;
	if (encoding & HAS_LSDA) {
		uint32_t from = ix[lo].lsda, to = ix[lo + 1].lsda;
		for (; from < to && within(t, from, sizeof(struct lsda_entry)); from += sizeof(struct lsda_entry)) {
			const struct lsda_entry *l = (const void *)(base + from);
			if (l->function == function)
				f->lsda = (uint64_t)t->mh + l->lsda;
		}
	}
	uint32_t p = encoding >> 28 & 3;
	if (p && p <= h->npersonalities && within(t, h->personalities + 4ul * (p - 1), 4))
		f->personality = peek((uint64_t)t->mh + ((const uint32_t *)(base + h->personalities))[p - 1]);
	f->encoding = encoding;
	if ((encoding & MODE) == DWARF) {
		f->encoding = 0;
		uint32_t off = encoding & 0xffffff;
		if (!t->eh || off >= t->eh_size)
			return false;
		return fde_info(f, t->eh + off);
	}
	return true;
}

/* Saved registers 1 to 6 of the encodings, by their DWARF numbers. */
static const uint8_t saved[] = { 0, R_RBX, R_R12, R_R13, R_R14, R_R15, R_RBP };

/* The order of n saved registers of six, from the number of the permutation. */
static void permutation(uint32_t n, uint32_t p, uint8_t *regs)
{
	uint32_t digit[6], used = 0;
	for (uint32_t i = n; i-- > 0; p /= 6 - i)
		digit[i] = p % (6 - i); /* which of the 6 - i that are not yet used */
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = 0;
		for (uint32_t u = 1; u <= 6; u++) {
			if (used >> u & 1)
				continue;
			if (k++ == digit[i]) {
				regs[i] = u;
				used |= 1u << u;
				break;
			}
		}
	}
}

bool compact_step(frame *f)
{
	uint32_t e = f->encoding;
	switch (e & MODE) {
	case RBP_FRAME: {
		uint64_t rbp = f->r[R_RBP], at = rbp - 8 * (e >> 16 & 0xff);
		for (uint32_t regs = e & 0x7fff; regs; regs >>= 3, at += 8)
			if (regs & 7 && (regs & 7) <= 6)
				f->r[saved[regs & 7]] = peek(at);
		f->r[R_RBP] = peek(rbp);
		f->r[R_RIP] = peek(rbp + 8);
		f->r[R_RSP] = rbp + 16;
		return true;
	}
	case STACK_IMMD: case STACK_IND: {
		uint64_t size = (e >> 16 & 0xff) * 8;
		if ((e & MODE) == STACK_IND)
			size = *(const uint32_t *)(f->start + (e >> 16 & 0xff)) + (e >> 13 & 7) * 8;
		uint32_t n = e >> 10 & 7;
		uint8_t regs[6] = { 0 };
		if (n > 6)
			return false;
		permutation(n, e & 0x3ff, regs);
		uint64_t cfa = f->r[R_RSP] + size, at = cfa - 8 - 8 * n;
		for (uint32_t i = 0; i < n; i++, at += 8)
			f->r[saved[regs[i]]] = peek(at);
		f->r[R_RIP] = peek(cfa - 8);
		f->r[R_RSP] = cfa;
		return true;
	}
	}
	return false;
}
