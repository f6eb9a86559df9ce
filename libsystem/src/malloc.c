/*
 * malloc. Every block has a 16-byte head: its size and, behind an alignment
 * gap, how far back the true beginning is. Small sizes come from free lists,
 * four classes to each power of two, filled from 1 MB chunks; sizes above
 * 128 KB are mappings of their own and go back to the kernel when freed.
 * Each class has its lock.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <malloc/malloc.h>
#include <unistd.h>
#include <sys/mman.h>

struct head { size_t size; uint32_t gap, magic; }; /* before the bytes given out */
#define MAGIC_USED 0x6d616c6c
#define MAGIC_FREE 0x66726565
#define MAGIC_BIG 0x62696762
#define HEAD sizeof(struct head)
#define SMALL_MAX (128 * 1024ul)
#define CHUNK (1 << 20)
_Static_assert(HEAD == 16, "alignment");

struct freeblock { struct head h; struct freeblock *next; };

/* Class i holds blocks of class_size(i) bytes: 16, 32, 48, 64, 80, 96, 112, 128, 160 ... */
#define NCLASS 48
static struct { lock_t lock; struct freeblock *list; } classes[NCLASS];
static lock_t chunk_lock;
static char *chunk, *chunk_end;

static unsigned class_of(size_t n)
{
	if (n <= 64)
		return n ? (n - 1) / 16 : 0;
	unsigned p = 63 - __builtin_clzl(n - 1);       /* 2^p < n <= 2^(p+1) */
	return 4 + (p - 6) * 4 + (((n - 1) >> (p - 2)) & 3);
}
static size_t class_size(unsigned c)
{
	return c < 4 ? 16 * (c + 1) : (5ul + (c & 3)) << (4 + (c - 4) / 4);
}

static void *map(size_t n)
{
	int saved = errno;
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	errno = saved;
	return p == MAP_FAILED ? NULL : p;
}

/* A block fresh from a chunk, zeroed; the rest of an old chunk is left. */
static void *carve(size_t n)
{
	lock(&chunk_lock);
	if ((size_t)(chunk_end - chunk) < n) {
		char *c = map(CHUNK);
		if (!c) {
			unlock(&chunk_lock);
			return NULL;
		}
		chunk = c;
		chunk_end = c + CHUNK;
	}
	char *p = chunk;
	chunk += n;
	unlock(&chunk_lock);
	return p;
}

static void *alloc(size_t n, bool zero)
{
	if (n > SMALL_MAX) {
		size_t m = round_page(n + HEAD);
		struct head *h = m > n ? map(m) : NULL;
		if (!h) {
			errno = ENOMEM;
			return NULL;
		}
		*h = (struct head){ m - HEAD, 0, MAGIC_BIG };
		return h + 1;
	}
	unsigned c = class_of(n);
	lock(&classes[c].lock);
	struct freeblock *b = classes[c].list;
	if (b)
		classes[c].list = b->next;
	unlock(&classes[c].lock);
	bool fresh = !b;
	if (fresh && !(b = carve(class_size(c) + HEAD))) {
		errno = ENOMEM;
		return NULL;
	}
	b->h = (struct head){ class_size(c), 0, MAGIC_USED };
	void *p = &b->h + 1;
	if (zero && !fresh)
		memset(p, 0, n);
	return p;
}

__attribute__((noreturn)) static void corrupt(void)
{
	static const char msg[] = "malloc: pointer being freed was not allocated\n";
	write(2, msg, sizeof msg - 1);
	abort();
}

/* The head of a live block, past an alignment gap. */
static struct head *head_of(const void *p)
{
	struct head *h = (struct head *)p - 1;
	if (((uintptr_t)p & 15) || (h->magic != MAGIC_USED && h->magic != MAGIC_BIG))
		corrupt();
	return h->gap ? (struct head *)((char *)h - h->gap) : h;
}

void *malloc(size_t n) { return alloc(n, false); }

void *calloc(size_t a, size_t b)
{
	size_t n;
	if (__builtin_mul_overflow(a, b, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	return alloc(n, true);
}

void free(void *p)
{
	if (!p)
		return;
	struct head *h = head_of(p);
	if (h->magic == MAGIC_BIG) {
		int saved = errno;
		munmap((void *)((uintptr_t)h & ~(PAGE - 1)), h->size + HEAD);
		errno = saved;
		return;
	}
	((struct head *)p - 1)->magic = MAGIC_FREE;
	h->magic = MAGIC_FREE;
	unsigned c = class_of(h->size);
	struct freeblock *b = (struct freeblock *)h;
	lock(&classes[c].lock);
	b->next = classes[c].list;
	classes[c].list = b;
	unlock(&classes[c].lock);
}

size_t malloc_size(const void *p)
{
	struct head *h = (struct head *)p - 1;
	if (!p || ((uintptr_t)p & 15) || (h->magic != MAGIC_USED && h->magic != MAGIC_BIG))
		return 0;
	return head_of(p)->size - h->gap;
}
size_t malloc_good_size(size_t n)
{
	return n > SMALL_MAX ? round_page(n + HEAD) - HEAD : class_size(class_of(n));
}

void *realloc(void *p, size_t n)
{
	if (!p)
		return malloc(n);
	struct head *h = head_of(p);
	size_t have = h->size - ((struct head *)p - 1)->gap;
	if (n <= have && n >= have / 2)
		return p;
	void *q = malloc(n);
	if (!q)
		return n <= have ? p : NULL;
	memcpy(q, p, n < have ? n : have);
	free(p);
	return q;
}
void *reallocf(void *p, size_t n)
{
	void *q = realloc(p, n);
	if (!q)
		free(p);
	return q;
}
void *reallocarray(void *p, size_t a, size_t b)
{
	size_t n;
	if (__builtin_mul_overflow(a, b, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n);
}

static void *aligned(size_t align, size_t n)
{
	if (align <= 16)
		return malloc(n);
	size_t m;
	if (__builtin_add_overflow(n, align, &m)) {
		errno = ENOMEM;
		return NULL;
	}
	char *p = malloc(m);
	if (!p)
		return NULL;
	char *q = (char *)(((uintptr_t)p + align - 1) & ~(align - 1));
	if (q != p)
		((struct head *)q)[-1] = (struct head){ n, q - p, ((struct head *)p)[-1].magic };
	return q;
}
int posix_memalign(void **out, size_t align, size_t n)
{
	if (align < sizeof(void *) || (align & (align - 1)) || align > (1u << 31))
		return EINVAL;
	int saved = errno;
	void *p = aligned(align, n);
	errno = saved;
	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}
void *aligned_alloc(size_t align, size_t n)
{
	void *p;
	int err = posix_memalign(&p, align < sizeof p ? sizeof p : align, n);
	if (err) {
		errno = err;
		return NULL;
	}
	return p;
}
void *memalign(size_t align, size_t n) { return aligned_alloc(align, n); }
void *valloc(size_t n) { return aligned_alloc(PAGE, n); }

void malloc_fork_prepare(void)
{
	for (unsigned i = 0; i < NCLASS; i++)
		lock(&classes[i].lock);
	lock(&chunk_lock);
}
void malloc_fork_done(void)
{
	unlock(&chunk_lock);
	for (unsigned i = 0; i < NCLASS; i++)
		unlock(&classes[i].lock);
}

/* Zones: there is one, and every zone call uses it. */
static size_t zone_size(malloc_zone_t *z, const void *p) { return malloc_size(p); }
static void *zone_malloc(malloc_zone_t *z, size_t n) { return malloc(n); }
static void *zone_calloc(malloc_zone_t *z, size_t a, size_t b) { return calloc(a, b); }
static void *zone_valloc(malloc_zone_t *z, size_t n) { return aligned_alloc(PAGE, round_page(n)); }
static void zone_free(malloc_zone_t *z, void *p) { free(p); }
static void *zone_realloc(malloc_zone_t *z, void *p, size_t n) { return realloc(p, n); }
static void zone_destroy(malloc_zone_t *z) {}
static unsigned zone_batch_malloc(malloc_zone_t *z, size_t n, void **out, unsigned want)
{
	unsigned i = 0;
	while (i < want && (out[i] = malloc(n)))
		i++;
	return i;
}
static void zone_batch_free(malloc_zone_t *z, void **p, unsigned n)
{
	while (n-- > 0)
		free(p[n]);
}
static void *zone_memalign(malloc_zone_t *z, size_t a, size_t n)
{
	void *p = NULL;
	return posix_memalign(&p, a, n) == 0 ? p : NULL;
}
static void zone_free_sized(malloc_zone_t *z, void *p, size_t n) { free(p); }
static size_t zone_relief(malloc_zone_t *z, size_t goal) { return 0; /* bytes given back */ }
static int zone_claimed(malloc_zone_t *z, void *p) { return malloc_size(p) != 0; }
static struct _malloc_zone_t the_zone = { .size = zone_size, .malloc = zone_malloc, .calloc = zone_calloc,
	.valloc = zone_valloc, .free = zone_free, .realloc = zone_realloc, .destroy = zone_destroy,
	.zone_name = "DefaultMallocZone", .batch_malloc = zone_batch_malloc, .batch_free = zone_batch_free,
	.version = 10, .memalign = zone_memalign, .free_definite_size = zone_free_sized,
	.pressure_relief = zone_relief, .claimed_address = zone_claimed };
size_t malloc_zone_pressure_relief(malloc_zone_t *z, size_t goal) { return 0; }
void *malloc_zone_valloc(malloc_zone_t *z, size_t n) { return zone_valloc(z, n); }
const char *malloc_get_zone_name(malloc_zone_t *z) { return z->zone_name; }
malloc_zone_t *malloc_default_zone(void) { return &the_zone; }
malloc_zone_t *malloc_create_zone(size_t n, unsigned f) { return &the_zone; }
malloc_zone_t *malloc_zone_from_ptr(const void *p) { return malloc_size(p) ? &the_zone : NULL; }
void malloc_destroy_zone(malloc_zone_t *z) {}
void *malloc_zone_malloc(malloc_zone_t *z, size_t n) { return malloc(n); }
void *malloc_zone_calloc(malloc_zone_t *z, size_t a, size_t b) { return calloc(a, b); }
void *malloc_zone_realloc(malloc_zone_t *z, void *p, size_t n) { return realloc(p, n); }
void *malloc_zone_memalign(malloc_zone_t *z, size_t a, size_t n) { return aligned_alloc(a, n); }
void malloc_zone_free(malloc_zone_t *z, void *p) { free(p); }
void malloc_set_zone_name(malloc_zone_t *z, const char *n) {}
