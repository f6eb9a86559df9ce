/*
 * iconv: UTF-8, UTF-16, UCS-2 and UTF-32 of both orders, ASCII and Latin-1; with
 * //TRANSLIT what has no place becomes a question mark, with //IGNORE nothing.
 */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define countof(a) (sizeof(a) / sizeof((a)[0]))
enum { TOO_SHORT = -1, INVALID = -2 };
enum order { LITTLE, BIG, MARKED }; /* marked: as the first character says, big if it does not */

struct encoding {
	const char *name;
	/* From n > 0 bytes a character: how many it took, TOO_SHORT or INVALID. */
	int (*get)(const uint8_t *, size_t n, uint32_t *, enum order);
	/* Into room bytes: how many, TOO_SHORT, or INVALID if it can't be said. */
	int (*put)(uint8_t *, size_t room, uint32_t, enum order);
	enum order order;
};
struct conversion { const struct encoding *from, *to; enum order in, out; bool begun_in, begun_out, translit, ignore; };

static bool scalar(uint32_t c) { return c < 0xd800 || (c >= 0xe000 && c < 0x110000); }

static int get8(const uint8_t *p, size_t n, uint32_t *c, enum order o)
{
	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	int len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (!len)
		return INVALID;
	uint32_t v = p[0] & (0x7f >> len);
	for (int i = 1; i < len; i++) {
		if ((size_t)i == n)
			return TOO_SHORT;
		if ((p[i] & 0xc0) != 0x80)
			return INVALID;
		v = v << 6 | (p[i] & 0x3f);
	}
	*c = v;
	return v >= least[len] && scalar(v) ? len : INVALID;
}
static int put8(uint8_t *p, size_t room, uint32_t c, enum order o)
{
	int len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	if ((size_t)len > room)
		return TOO_SHORT;
	if (len == 1) {
		p[0] = c;
		return 1;
	}
	for (int i = len; --i > 0; c >>= 6)
		p[i] = 0x80 | (c & 0x3f);
	p[0] = (uint8_t)(0xf00 >> len) | c;
	return len;
}
static uint32_t unit(const uint8_t *p, int size, enum order o)
{
	uint32_t v = 0;
	for (int i = 0; i < size; i++)
		v |= (uint32_t)p[i] << 8 * (o == LITTLE ? i : size - 1 - i);
	return v;
}
static void put_unit(uint8_t *p, int size, uint32_t v, enum order o)
{
	for (int i = 0; i < size; i++)
		p[i] = v >> 8 * (o == LITTLE ? i : size - 1 - i);
}
static int get16(const uint8_t *p, size_t n, uint32_t *c, enum order o)
{
	if (n < 2)
		return TOO_SHORT;
	uint32_t a = unit(p, 2, o);
	if (a < 0xd800 || a >= 0xe000) {
		*c = a;
		return 2;
	}
	if (a >= 0xdc00)
		return INVALID;
	if (n < 4)
		return TOO_SHORT;
	uint32_t b = unit(p + 2, 2, o);
	if (b < 0xdc00 || b >= 0xe000)
		return INVALID;
	*c = 0x10000 + ((a - 0xd800) << 10) + (b - 0xdc00);
	return 4;
}
static int put16(uint8_t *p, size_t room, uint32_t c, enum order o)
{
	if (room < (c < 0x10000 ? 2 : 4))
		return TOO_SHORT;
	if (c < 0x10000) {
		put_unit(p, 2, c, o);
		return 2;
	}
	c -= 0x10000;
	put_unit(p, 2, 0xd800 + (c >> 10), o);
	put_unit(p + 2, 2, 0xdc00 + (c & 0x3ff), o);
	return 4;
}
/* UCS-2 has no pairs. */
static int get_ucs2(const uint8_t *p, size_t n, uint32_t *c, enum order o)
{
	if (n < 2)
		return TOO_SHORT;
	*c = unit(p, 2, o);
	return scalar(*c) ? 2 : INVALID;
}
static int put_ucs2(uint8_t *p, size_t room, uint32_t c, enum order o) { return c < 0x10000 ? put16(p, room, c, o) : INVALID; }
static int get32(const uint8_t *p, size_t n, uint32_t *c, enum order o)
{
	if (n < 4)
		return TOO_SHORT;
	*c = unit(p, 4, o);
	return scalar(*c) ? 4 : INVALID;
}
static int put32(uint8_t *p, size_t room, uint32_t c, enum order o)
{
	if (room < 4)
		return TOO_SHORT;
	put_unit(p, 4, c, o);
	return 4;
}
static int get_latin(const uint8_t *p, size_t n, uint32_t *c, enum order o) { *c = *p; return 1; }
static int put_latin(uint8_t *p, size_t room, uint32_t c, enum order o)
{
	if (c > 0xff)
		return INVALID;
	if (!room)
		return TOO_SHORT;
	*p = c;
	return 1;
}
static int get_ascii(const uint8_t *p, size_t n, uint32_t *c, enum order o) { *c = *p; return *p < 0x80 ? 1 : INVALID; }
static int put_ascii(uint8_t *p, size_t room, uint32_t c, enum order o) { return c < 0x80 ? put_latin(p, room, c, o) : INVALID; }

static const struct encoding encodings[] = {
	{ "UTF-8", get8, put8, BIG }, { "UTF8", get8, put8, BIG },
	{ "", get8, put8, BIG }, { "char", get8, put8, BIG },
	{ "UTF-16", get16, put16, MARKED }, { "UTF-16BE", get16, put16, BIG }, { "UTF-16LE", get16, put16, LITTLE },
	{ "UCS-2BE", get_ucs2, put_ucs2, BIG }, { "UCS-2LE", get_ucs2, put_ucs2, LITTLE }, { "UCS-2-INTERNAL", get_ucs2, put_ucs2, LITTLE },
	{ "UTF-32", get32, put32, MARKED }, { "UTF-32BE", get32, put32, BIG }, { "UTF-32LE", get32, put32, LITTLE },
	{ "UCS-4BE", get32, put32, BIG }, { "UCS-4LE", get32, put32, LITTLE }, { "UCS-4-INTERNAL", get32, put32, LITTLE },
	{ "wchar_t", get32, put32, LITTLE },
	{ "ISO-8859-1", get_latin, put_latin, BIG }, { "ISO8859-1", get_latin, put_latin, BIG },
	{ "ISO_8859-1", get_latin, put_latin, BIG }, { "LATIN1", get_latin, put_latin, BIG },
	{ "ASCII", get_ascii, put_ascii, BIG }, { "US-ASCII", get_ascii, put_ascii, BIG },
	{ "ANSI_X3.4-1968", get_ascii, put_ascii, BIG }, { "C", get_ascii, put_ascii, BIG },
};
static const struct encoding *find(const char *name)
{
	size_t n = 0;
	while (name[n] && !(name[n] == '/' && name[n + 1] == '/'))
		n++;
	for (unsigned i = 0; i < countof(encodings); i++)
		if (strlen(encodings[i].name) == n && strncasecmp(encodings[i].name, name, n) == 0)
			return &encodings[i];
	return NULL;
}

iconv_t iconv_open(const char *to, const char *from)
{
	const struct encoding *a = find(from), *b = find(to);
	struct conversion *c = NULL;
	if (!a || !b)
		errno = EINVAL;
	else if ((c = calloc(1, sizeof *c))) {
		*c = (struct conversion){ .from = a, .to = b, .in = a->order, .out = b->order,
			.translit = strcasestr(to, "//TRANSLIT") != NULL, .ignore = strcasestr(to, "//IGNORE") != NULL };
	}
	return c ? c : (iconv_t)-1;
}
int iconv_close(iconv_t c)
{
	free(c);
	return 0;
}
size_t iconv(iconv_t cd, char **restrict in, size_t *restrict inleft, char **restrict out, size_t *restrict outleft)
{
	struct conversion *c = cd;
	size_t irreversible = 0;
	if (!in || !*in) {
		c->in = c->from->order;
		c->out = c->to->order;
		c->begun_in = c->begun_out = false;
		return 0;
	}
	while (*inleft > 0) {
		uint32_t v;
		int n = c->from->get((const uint8_t *)*in, *inleft, &v, c->in), m = 0;
		bool mark = !c->begun_in && c->from->order == MARKED && n > 0 && (v == 0xfeff || (v == 0xfffe && c->from->get == get16));
		/* The mark of UTF-32 in the other order is no character. */
		if (!c->begun_in && c->from->order == MARKED && n == INVALID && c->from->get == get32 && unit((const uint8_t *)*in, 4, LITTLE) == 0xfeff) {
			mark = true;
			v = 0; /* not the big order's mark */
			n = 4;
		}
		if (n == INVALID && c->ignore) {
			n = c->from->get == get32 ? 4 : c->from->get == get16 || c->from->get == get_ucs2 ? 2 : 1;
			irreversible++;
		} else if (n < 0) {
			errno = n == INVALID ? EILSEQ : EINVAL;
			return (size_t)-1;
		} else if (mark) {
			c->in = v == 0xfeff ? BIG : LITTLE;
		} else {
			uint8_t *p = (uint8_t *)*out;
			size_t room = *outleft;
			int head = 0;
			if (!c->begun_out && c->to->order == MARKED) {
				head = c->to->put(p, room, 0xfeff, BIG);
				if (head < 0) {
					errno = E2BIG;
					return (size_t)-1;
				}
			}
			m = c->to->put(p + head, room - head, v, c->out);
			if (m == INVALID && (c->translit || c->ignore)) {
				irreversible++;
				m = c->translit ? c->to->put(p + head, room - head, '?', c->out) : 0;
			}
			if (m < 0) {
				errno = m == INVALID ? EILSEQ : E2BIG;
				return (size_t)-1;
			}
			m += head;
			c->begun_out = true;
		}
		c->begun_in = true;
		*in += n;
		*inleft -= n;
		*out += m;
		*outleft -= m;
	}
	return irreversible;
}

/* GNU libiconv's own names, which Darwin's library has too. */
iconv_t libiconv_open(const char *to, const char *from) { return iconv_open(to, from); }
size_t libiconv(iconv_t c, char **in, size_t *inleft, char **out, size_t *outleft) { return iconv(c, in, inleft, out, outleft); }
int libiconv_close(iconv_t c) { return iconv_close(c); }
const char *locale_charset(void) { return "UTF-8"; }
