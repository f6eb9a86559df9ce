/* Streams over memory: fmemopen, open_memstream, and funopen for anything. */
#include "file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

FILE *funopen(const void *cookie, int (*r)(void *, char *, int), int (*w)(void *, const char *, int),
    fpos_t (*seek)(void *, fpos_t, int), int (*cl)(void *))
{
	if (!r && !w) {
		errno = EINVAL;
		return NULL;
	}
	FILE *f = file_new(-1, r && w ? __SRW : r ? __SRD : __SWR);
	if (f) {
		f->_cookie = (void *)cookie;
		f->_read = r;
		f->_write = w;
		f->_seek = seek;
		f->_close = cl;
	}
	return f;
}

struct mem {
	char *buf;
	size_t size, len, at; /* room, bytes that count, position */
	bool own, append, binary;
	char **out;           /* open_memstream's */
	size_t *outlen;
};

static int mem_read(void *cookie, char *p, int n)
{
	struct mem *m = cookie;
	size_t k = m->at < m->len ? m->len - m->at : 0;
	if (k > (size_t)n)
		k = n;
	memcpy(p, m->buf + m->at, k);
	m->at += k;
	return k;
}
static int mem_write(void *cookie, const char *p, int n)
{
	struct mem *m = cookie;
	if (m->append)
		m->at = m->len;
	size_t k = m->at < m->size ? m->size - m->at : 0;
	if (k > (size_t)n)
		k = n;
	if (k == 0) {
		errno = ENOSPC;
		return -1;
	}
	memcpy(m->buf + m->at, p, k);
	m->at += k;
	if (m->at > m->len) {
		m->len = m->at;
		if (m->len < m->size && !m->binary)
			m->buf[m->len] = 0;
	}
	return k;
}
static fpos_t mem_seek(void *cookie, fpos_t off, int whence)
{
	struct mem *m = cookie;
	fpos_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (fpos_t)m->at : (fpos_t)m->len;
	fpos_t to;
	if (__builtin_add_overflow(base, off, &to)) {
		errno = EOVERFLOW;
		return -1;
	}
	if (to < 0 || (!m->out && to > (fpos_t)m->size)) {
		errno = EINVAL;
		return -1;
	}
	return m->at = to;
}
static int mem_close(void *cookie)
{
	struct mem *m = cookie;
	if (m->own)
		free(m->buf);
	free(m);
	return 0;
}

FILE *fmemopen(void *buf, size_t size, const char *mode)
{
	int o, flags = file_flags(mode, &o);
	if (!flags || size == 0 || (!buf && !strchr(mode, '+'))) {
		errno = EINVAL;
		return NULL;
	}
	struct mem *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->size = size;
	m->own = !buf;
	m->buf = buf ? buf : calloc(1, size);
	m->append = flags & __SAPP;
	if (!m->buf) {
		free(m);
		return NULL;
	}
	m->binary = strchr(mode, 'b') != NULL;
	switch (mode[0]) {
	case 'w':
		if (!m->binary)
			m->buf[0] = 0;
		break;
	case 'a': m->len = strnlen(m->buf, size); m->at = m->len; break;
	default: m->len = size;
	}
	FILE *f = file_new(-1, flags & ~__SAPP);
	if (!f) {
		mem_close(m);
		return NULL;
	}
	f->_cookie = m;
	f->_read = mem_read;
	f->_write = mem_write;
	f->_seek = mem_seek;
	f->_close = mem_close;
	return f;
}

static int grow_write(void *cookie, const char *p, int n)
{
	struct mem *m = cookie;
	size_t end = m->at + n;
	if (end > SIZE_MAX / 4) {
		errno = ENOMEM;
		return -1;
	}
	if (end + 1 > m->size) {
		size_t room = m->size ? m->size : 128;
		while (room < end + 1)
			room *= 2;
		char *b = realloc(m->buf, room);
		if (!b)
			return -1;
		m->buf = b;
		m->size = room;
	}
	if (m->at > m->len)
		memset(m->buf + m->len, 0, m->at - m->len);
	memcpy(m->buf + m->at, p, n);
	m->at = end;
	if (end > m->len) {
		m->len = end;
		m->buf[end] = 0;
	}
	*m->out = m->buf;
	*m->outlen = m->at < m->len ? m->at : m->len;
	return n;
}
static fpos_t grow_seek(void *cookie, fpos_t off, int whence)
{
	struct mem *m = cookie;
	fpos_t at = mem_seek(cookie, off, whence);
	if (at >= 0)
		*m->outlen = m->at < m->len ? m->at : m->len;
	return at;
}
FILE *open_memstream(char **out, size_t *len)
{
	if (!out || !len) {
		errno = EINVAL;
		return NULL;
	}
	struct mem *m = calloc(1, sizeof *m);
	char *first = calloc(1, 1);
	FILE *f = m && first ? file_new(-1, __SWR) : NULL;
	if (!f) {
		free(m);
		free(first);
		return NULL;
	}
	m->buf = *out = first;
	m->size = 1;
	m->out = out;
	m->outlen = len;
	*len = 0;
	f->_cookie = m;
	f->_read = NULL;
	f->_write = grow_write;
	f->_seek = grow_seek;
	f->_close = mem_close;
	return f;
}
