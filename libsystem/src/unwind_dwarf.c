/* Call frame information: the FDEs of __eh_frame, and of code made at run time. */
#include "unwinder.h"
#include "dwarf.h"
#include <stdlib.h>
#include <string.h>

struct cie {
	uint64_t code_align, personality;
	int64_t data_align;
	uint8_t ra, fde_enc, lsda_enc;
	bool augmented, signal;
	const uint8_t *ops, *end;
};
struct fde { struct cie cie; uint64_t start, size, lsda; const uint8_t *ops, *end; };

/* An entry's length, and where it goes on; NULL at the end of the section. */
static const uint8_t *entry(const uint8_t *p, const uint8_t **end)
{
	uint32_t n;
	memcpy(&n, p, 4);
	p += 4;
	uint64_t len = n;
	if (n == 0xffffffff) {
		memcpy(&len, p, 8);
		p += 8;
	}
	*end = p + len;
	return len < 4 ? NULL : p;
}

static bool parse_cie(const uint8_t *p, struct cie *c)
{
	memset(c, 0, sizeof *c);
	c->lsda_enc = PE_OMIT;
	const uint8_t *end;
	if (!(p = entry(p, &end)) || *(const uint32_t *)p != 0)
		return false;
	p += 4;
	uint8_t version = *p++;
	if (version != 1 && version != 3)
		return false;
	const char *aug = (const char *)p;
	p += strlen(aug) + 1;
	c->code_align = dwarf_uleb(&p);
	c->data_align = dwarf_sleb(&p);
	c->ra = version == 1 ? *p++ : dwarf_uleb(&p);
	if (*aug == 'z') {
		c->augmented = true;
		uint64_t n = dwarf_uleb(&p);
		const uint8_t *after = p + n;
		while (*++aug)
			switch (*aug) {
			case 'P': {
				uint8_t e = *p++;
				if (!dwarf_known(e))
					return false;
				c->personality = dwarf_pointer(&p, e);
				break;
			}
			case 'L': c->lsda_enc = *p++; break;
			case 'R': c->fde_enc = *p++; break;
			case 'S': c->signal = true; break;
			default: return false;
			}
		p = after;
	} else if (*aug)
		return false;
	if (!dwarf_known(c->lsda_enc) || !dwarf_known(c->fde_enc))
		return false;
	c->ops = p;
	c->end = end;
	return true;
}

static bool parse_fde(const uint8_t *p, struct fde *f)
{
	const uint8_t *end;
	if (!(p = entry(p, &end)))
		return false;
	uint32_t back = *(const uint32_t *)p;
	if (back == 0 || !parse_cie(p - back, &f->cie))
		return false;
	p += 4;
	f->start = dwarf_pointer(&p, f->cie.fde_enc);
	f->size = dwarf_pointer(&p, f->cie.fde_enc & 0xf);
	f->lsda = 0;
	if (f->cie.augmented) {
		uint64_t n = dwarf_uleb(&p);
		const uint8_t *after = p + n;
		if (f->cie.lsda_enc != PE_OMIT && n) {
			/* A null stays null, whatever it is relative to. */
			const uint8_t *q = p;
			if (dwarf_pointer(&q, f->cie.lsda_enc & 0xf))
				f->lsda = dwarf_pointer(&p, f->cie.lsda_enc);
		}
		p = after;
	}
	f->ops = p;
	f->end = end;
	return true;
}

const uint8_t *fde_find(const uint8_t *eh, uint64_t size, uint64_t ip)
{
	for (const uint8_t *p = eh, *end; p + 4 < eh + size; p = end) {
		const uint8_t *id = entry(p, &end);
		struct fde f;
		if (!id)
			break;
		if (end <= eh + size && *(const uint32_t *)id && parse_fde(p, &f) && ip - f.start < f.size)
			return p;
	}
	return NULL;
}

/* What __register_frame was given: one FDE each, as Darwin has it. */
static struct { const uint8_t *fde; uint64_t start, size; } *registered;
static size_t nregistered, room;
static lock_t registered_lock;

void __register_frame(const void *p)
{
	struct fde f;
	if (!parse_fde(p, &f))
		return;
	lock(&registered_lock);
	if (nregistered == room) {
		size_t n = room ? 2 * room : 16;
		void *q = realloc(registered, n * sizeof *registered);
		if (!q)
			abort();
		registered = q;
		room = n;
	}
	registered[nregistered].fde = p;
	registered[nregistered].start = f.start;
	registered[nregistered++].size = f.size;
	unlock(&registered_lock);
}
void __deregister_frame(const void *p)
{
	lock(&registered_lock);
	for (size_t i = 0; i < nregistered; i++)
		if (registered[i].fde == p) {
			registered[i] = registered[--nregistered];
			break;
		}
	unlock(&registered_lock);
}
const uint8_t *fde_registered(uint64_t ip)
{
	const uint8_t *found = NULL;
	if (!__atomic_load_n(&nregistered, __ATOMIC_RELAXED))
		return NULL;
	lock(&registered_lock);
	for (size_t i = 0; i < nregistered && !found; i++)
		if (ip - registered[i].start < registered[i].size)
			found = registered[i].fde;
	unlock(&registered_lock);
	return found;
}

bool fde_info(frame *f, const uint8_t *p)
{
	struct fde d;
	if (!parse_fde(p, &d))
		return false;
	f->start = d.start;
	f->lsda = d.lsda;
	f->personality = d.cie.personality;
	f->encoding = 0;
	f->fde = p;
	return true;
}

/* How a register of the caller is found. */
enum how { SAME, OFFSET, VAL_OFFSET, REGISTER, EXPRESSION, VAL_EXPRESSION, UNDEFINED };
struct rule { uint8_t how; int64_t n; const uint8_t *expr; };
struct rules { struct rule r[R_COUNT]; uint8_t cfa_reg; int64_t cfa_off; const uint8_t *cfa_expr; };
enum { DEPTH = 64 };

static bool evaluate(const frame *f, const uint8_t *p, uint64_t first, uint64_t *out)
{
	uint64_t st[DEPTH + 2];
	unsigned n = 0;
	st[n++] = first;
	uint64_t len = dwarf_uleb(&p);
	for (const uint8_t *end = p + len; p < end;) {
		uint8_t op = *p++;
		if (n == 0 || n > DEPTH)
			return false;
		uint64_t *top = &st[n - 1], *second = n > 1 ? &st[n - 2] : NULL;
		if (op >= 0x30 && op <= 0x4f) { st[n++] = op - 0x30; continue; }
		if (op >= 0x70 && op <= 0x8f) {
			int64_t off = dwarf_sleb(&p);
			if (op - 0x70 >= R_COUNT)
				return false;
			st[n++] = f->r[op - 0x70] + off;
			continue;
		}
		if (op >= 0x1a && op <= 0x2e && op != 0x1f && op != 0x20 && op != 0x23 && op != 0x28 && !second)
			return false;
		switch (op) {
		case 0x03: case 0x0e: memcpy(&st[n++], p, 8); p += 8; break;
		case 0x06: *top = peek(*top); break;
		case 0x08: st[n++] = *p++; break;
		case 0x09: st[n++] = (int64_t)(int8_t)*p++; break;
		case 0x0a: { uint16_t v; memcpy(&v, p, 2); p += 2; st[n++] = v; break; }
		case 0x0b: { int16_t v; memcpy(&v, p, 2); p += 2; st[n++] = (int64_t)v; break; }
		case 0x0c: { uint32_t v; memcpy(&v, p, 4); p += 4; st[n++] = v; break; }
		case 0x0d: { int32_t v; memcpy(&v, p, 4); p += 4; st[n++] = (int64_t)v; break; }
		case 0x10: st[n++] = dwarf_uleb(&p); break;
		case 0x11: st[n++] = dwarf_sleb(&p); break;
		case 0x12: st[n] = *top; n++; break;
		case 0x13: n--; break;
		case 0x1a: *second &= *top; n--; break;
		case 0x1c: *second -= *top; n--; break;
		case 0x1e: *second *= *top; n--; break;
		case 0x1f: *top = -*top; break;
		case 0x20: *top = ~*top; break;
		case 0x21: *second |= *top; n--; break;
		case 0x22: *second += *top; n--; break;
		case 0x23: *top += dwarf_uleb(&p); break;
		case 0x24: *second = *top < 64 ? *second << *top : 0; n--; break;
		case 0x25: *second = *top < 64 ? *second >> *top : 0; n--; break;
		case 0x27: *second ^= *top; n--; break;
		case 0x29: *second = *second == *top; n--; break;
		case 0x2a: *second = (int64_t)*second >= (int64_t)*top; n--; break;
		case 0x2b: *second = (int64_t)*second > (int64_t)*top; n--; break;
		case 0x2c: *second = (int64_t)*second <= (int64_t)*top; n--; break;
		case 0x2d: *second = (int64_t)*second < (int64_t)*top; n--; break;
		case 0x2e: *second = *second != *top; n--; break;
		case 0x96: break;
		default: return false;
		}
	}
	if (n == 0)
		return false;
	*out = st[n - 1];
	return true;
}

/* Runs instructions up to the one that is for addresses above ip. */
static bool run(const struct cie *c, const uint8_t *p, const uint8_t *end, uint64_t at, uint64_t ip,
	struct rules *s, const struct rules *initial)
{
	struct rules stack[8];
	unsigned depth = 0;
	while (p < end && at <= ip) {
		uint8_t op = *p++;
		uint64_t reg = op & 0x3f, n = 0;
		int64_t off;
		switch (op & 0xc0) {
		case 0x40: at += (op & 0x3f) * c->code_align; continue;
		case 0x80:
			off = (int64_t)dwarf_uleb(&p) * c->data_align;
			if (reg < R_COUNT) s->r[reg] = (struct rule){ OFFSET, off, 0 };
			continue;
		case 0xc0:
			if (reg < R_COUNT) s->r[reg] = initial->r[reg];
			continue;
		}
		if ((op >= 0x05 && op <= 0x09) || op == 0x0c || op == 0x0d || op == 0x10 || op == 0x11 || op == 0x12 || (op >= 0x14 && op <= 0x16) || op == 0x2f)
			reg = dwarf_uleb(&p);
		struct rule ignored, *r = reg < R_COUNT ? &s->r[reg] : &ignored;
		switch (op) {
		case 0x00: break;
		case 0x01: at = dwarf_pointer(&p, c->fde_enc); break;
		case 0x02: at += *p++ * c->code_align; break;
		case 0x03: { uint16_t v; memcpy(&v, p, 2); p += 2; at += v * c->code_align; break; }
		case 0x04: { uint32_t v; memcpy(&v, p, 4); p += 4; at += v * c->code_align; break; }
		case 0x05: off = (int64_t)dwarf_uleb(&p) * c->data_align; *r = (struct rule){ OFFSET, off, 0 }; break;
		case 0x06: if (reg < R_COUNT) *r = initial->r[reg]; break;
		case 0x07: *r = (struct rule){ UNDEFINED, 0, 0 }; break;
		case 0x08: *r = (struct rule){ SAME, 0, 0 }; break;
		case 0x09: n = dwarf_uleb(&p); if (n >= R_COUNT) return false; *r = (struct rule){ REGISTER, n, 0 }; break;
		case 0x0a: if (depth == countof(stack)) return false; stack[depth++] = *s; break;
		case 0x0b: if (depth == 0) return false; *s = stack[--depth]; break;
		case 0x0c: if (reg >= R_COUNT) return false; s->cfa_reg = reg; s->cfa_off = dwarf_uleb(&p); s->cfa_expr = NULL; break;
		case 0x0d: if (reg >= R_COUNT) return false; s->cfa_reg = reg; s->cfa_expr = NULL; break;
		case 0x0e: s->cfa_off = dwarf_uleb(&p); s->cfa_expr = NULL; break;
		case 0x0f: s->cfa_expr = p; n = dwarf_uleb(&p); p += n; break;
		case 0x10: *r = (struct rule){ EXPRESSION, 0, p }; n = dwarf_uleb(&p); p += n; break;
		case 0x11: off = dwarf_sleb(&p) * c->data_align; *r = (struct rule){ OFFSET, off, 0 }; break;
		case 0x12: if (reg >= R_COUNT) return false; s->cfa_reg = reg; s->cfa_off = dwarf_sleb(&p) * c->data_align; s->cfa_expr = NULL; break;
		case 0x13: s->cfa_off = dwarf_sleb(&p) * c->data_align; s->cfa_expr = NULL; break;
		case 0x14: off = (int64_t)dwarf_uleb(&p) * c->data_align; *r = (struct rule){ VAL_OFFSET, off, 0 }; break;
		case 0x15: off = dwarf_sleb(&p) * c->data_align; *r = (struct rule){ VAL_OFFSET, off, 0 }; break;
		case 0x16: *r = (struct rule){ VAL_EXPRESSION, 0, p }; n = dwarf_uleb(&p); p += n; break;
		case 0x2e: dwarf_uleb(&p); break; /* arguments that were pushed */
		case 0x2f: off = -(int64_t)dwarf_uleb(&p) * c->data_align; *r = (struct rule){ OFFSET, off, 0 }; break;
		default: return false;
		}
	}
	return true;
}

bool fde_step(frame *f)
{
	struct fde d;
	if (!parse_fde(f->fde, &d))
		return false;
	struct rules s, initial;
	memset(&initial, 0, sizeof initial);
	uint64_t ip = f->r[R_RIP] - !f->exact;
	if (!run(&d.cie, d.cie.ops, d.cie.end, 0, ~0ul, &initial, &initial))
		return false;
	s = initial;
	if (!run(&d.cie, d.ops, d.end, d.start, ip, &s, &initial))
		return false;
	uint64_t cfa;
	if (!s.cfa_expr)
		cfa = f->r[s.cfa_reg] + s.cfa_off;
	else if (!evaluate(f, s.cfa_expr, 0, &cfa))
		return false;
	frame next = *f;
	next.r[R_RSP] = cfa;
	for (unsigned i = 0; i < R_COUNT; i++) {
		struct rule *r = &s.r[i];
		uint64_t v;
		switch (r->how) {
		case OFFSET: next.r[i] = peek(cfa + r->n); break;
		case VAL_OFFSET: next.r[i] = cfa + r->n; break;
		case REGISTER: next.r[i] = f->r[r->n]; break;
		case EXPRESSION: case VAL_EXPRESSION:
			if (!evaluate(f, r->expr, cfa, &v))
				return false;
			next.r[i] = r->how == EXPRESSION ? peek(v) : v;
			break;
		}
	}
	if (s.r[R_RIP].how == SAME || s.r[R_RIP].how == UNDEFINED)
		return false; /* the outermost function */
	next.exact = d.cie.signal;
	*f = next;
	return true;
}
