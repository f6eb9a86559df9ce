/*
 * Numbers and pointers as DWARF's exception tables have them (Linux Standard Base,
 * "DWARF extensions"), for the unwinder and for the personality of C++. What is read is
 * the program's own memory, so there is no end that it could run over by mistake.
 */
#ifndef DWARF_H
#define DWARF_H
#include <stdint.h>

/* DW_EH_PE_*: a form in the low four bits, what it is relative to, and one level more. */
enum { PE_ABSPTR = 0, PE_ULEB = 1, PE_UDATA2 = 2, PE_UDATA4 = 3, PE_UDATA8 = 4, PE_SLEB = 9, PE_SDATA2 = 10,
	PE_SDATA4 = 11, PE_SDATA8 = 12, PE_PCREL = 0x10, PE_INDIRECT = 0x80, PE_OMIT = 0xff };

static inline uint64_t dwarf_uleb(const uint8_t **p)
{
	uint64_t v = 0;
	for (unsigned shift = 0;; shift += 7) {
		uint8_t b = *(*p)++;
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
}
static inline int64_t dwarf_sleb(const uint8_t **p)
{
	uint64_t v = 0;
	for (unsigned shift = 0;;) {
		uint8_t b = *(*p)++;
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
		if (!(b & 0x80))
			return (int64_t)(b & 0x40 && shift < 64 ? v | ~0ul << shift : v);
	}
}
#define DWARF_TAKE(type) __extension__({ type v_; __builtin_memcpy(&v_, *p, sizeof v_); *p += sizeof v_; v_; })

/* Whether there is such a form. */
static inline int dwarf_known(uint8_t e) { return e == PE_OMIT || 0x1e1f >> (e & 0xf) & 1; }

/* A pointer of a known encoding; null stays null, whatever it is relative to. */
static inline uint64_t dwarf_pointer(const uint8_t **p, uint8_t e)
{
	uint64_t at = (uint64_t)*p, v = 0;
	if (e == PE_OMIT)
		return 0;
	switch (e & 0xf) {
	case PE_ABSPTR: case PE_UDATA8: case PE_SDATA8: v = DWARF_TAKE(uint64_t); break;
	case PE_ULEB: v = dwarf_uleb(p); break;
	case PE_SLEB: v = (uint64_t)dwarf_sleb(p); break;
	case PE_UDATA2: v = DWARF_TAKE(uint16_t); break;
	case PE_SDATA2: v = (uint64_t)(int64_t)DWARF_TAKE(int16_t); break;
	case PE_UDATA4: v = DWARF_TAKE(uint32_t); break;
	case PE_SDATA4: v = (uint64_t)(int64_t)DWARF_TAKE(int32_t); break;
	}
	if (v && (e & 0x70) == PE_PCREL)
		v += at;
	if (v && e & PE_INDIRECT)
		v = *(const uint64_t *)v;
	return v;
}
#endif
