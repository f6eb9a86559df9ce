/* What malloc tells about itself. */
#ifndef _MALLOC_MALLOC_H_
#define _MALLOC_MALLOC_H_
#include <stddef.h>
#include <sys/cdefs.h>
/* Programs call a zone's functions themselves. introspect is null. */
typedef struct _malloc_zone_t {
	void *reserved1, *reserved2;
	size_t (*size)(struct _malloc_zone_t *, const void *);
	void *(*malloc)(struct _malloc_zone_t *, size_t);
	void *(*calloc)(struct _malloc_zone_t *, size_t, size_t);
	void *(*valloc)(struct _malloc_zone_t *, size_t);
	void (*free)(struct _malloc_zone_t *, void *);
	void *(*realloc)(struct _malloc_zone_t *, void *, size_t);
	void (*destroy)(struct _malloc_zone_t *);
	const char *zone_name;
	unsigned (*batch_malloc)(struct _malloc_zone_t *, size_t, void **, unsigned);
	void (*batch_free)(struct _malloc_zone_t *, void **, unsigned);
	struct malloc_introspection_t *introspect;
	unsigned version;
	void *(*memalign)(struct _malloc_zone_t *, size_t, size_t);
	void (*free_definite_size)(struct _malloc_zone_t *, void *, size_t);
	size_t (*pressure_relief)(struct _malloc_zone_t *, size_t);
	int (*claimed_address)(struct _malloc_zone_t *, void *);
} malloc_zone_t;
__BEGIN_DECLS
size_t malloc_size(const void *);
size_t malloc_good_size(size_t);
malloc_zone_t *malloc_default_zone(void);
malloc_zone_t *malloc_create_zone(size_t, unsigned);
malloc_zone_t *malloc_zone_from_ptr(const void *);
void malloc_destroy_zone(malloc_zone_t *);
void *malloc_zone_malloc(malloc_zone_t *, size_t);
void *malloc_zone_calloc(malloc_zone_t *, size_t, size_t);
void *malloc_zone_realloc(malloc_zone_t *, void *, size_t);
void *malloc_zone_memalign(malloc_zone_t *, size_t, size_t);
void *malloc_zone_valloc(malloc_zone_t *, size_t);
void malloc_zone_free(malloc_zone_t *, void *);
size_t malloc_zone_pressure_relief(malloc_zone_t *, size_t);
const char *malloc_get_zone_name(malloc_zone_t *);
void malloc_set_zone_name(malloc_zone_t *, const char *);
__END_DECLS
#endif
