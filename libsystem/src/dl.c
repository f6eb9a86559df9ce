/*
 * dlopen and its family. The kernel binds images; this asks it to, runs the
 * initialisers it names, and keeps one error text for each thread.
 */
#include "private.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <mach-o/dyld.h>
#include <mach-o/dyld_images.h>
#include <mach/mach.h>

#define ERRLEN 512
struct descriptor { void *thunk; uint64_t key, offset; }; /* of a thread-local variable */
hidden void *tlv_slow(struct descriptor *);
static char *errbuf(void)
{
	char *e = tsd_get(TSD_DLERROR);
	if (!e && (e = calloc(1, ERRLEN + 1)))
		tsd_set(TSD_DLERROR, e);
	if (e)
		e[1] = 0;
	return e; /* first byte: an error waits to be fetched */
}
static void failed(char *e)
{
	if (!e)
		return;
	if (!e[1])
		strcpy(e + 1, "dyld: not supported");
	e[0] = 1;
}
char *dlerror(void)
{
	char *e = tsd_get(TSD_DLERROR);
	if (!e || !e[0])
		return NULL;
	e[0] = 0;
	return e + 1;
}

/* Initialisers may open libraries of their own; another thread must wait. */
static pthread_mutex_t opening = PTHREAD_RECURSIVE_MUTEX_INITIALIZER;

void *dlopen(const char *path, int mode)
{
	uint64_t caller = (uint64_t)__builtin_return_address(0);
	char *e = errbuf();
	pthread_mutex_lock(&opening);
	int64_t h = __puggle_dlopen(path, mode, e ? e + 1 : NULL, e ? ERRLEN : 0, caller);
	if (h <= 0) {
		pthread_mutex_unlock(&opening);
		failed(e);
		return NULL;
	}
	uint64_t list[64];
	long n;
	while ((n = __puggle_initialisers(h, list, countof(list))) > 0)
		for (long i = 0; i < n && i < (long)countof(list); i++) {
			extern char **environ;
			((void (*)(int, char **, char **, char **, void *))list[i])(main_argc, main_argv, environ, main_apple, NULL);
		}
	pthread_mutex_unlock(&opening);
	return (void *)h;
}
void *dlsym(void *h, const char *name)
{
	char *e = errbuf();
	int64_t a = __puggle_dlsym((uint64_t)h, name, e ? e + 1 : NULL, e ? ERRLEN : 0, (uint64_t)__builtin_return_address(0));
	if (a <= 0) {
		failed(e);
		return NULL;
	}
	if (a & DLSYM_THREAD_LOCAL) {
		struct descriptor *d = (void *)(a & ~DLSYM_THREAD_LOCAL);
		char *base = d->key ? tsd_get(d->key) : NULL;
		return base ? base + d->offset : tlv_slow(d);
	}
	return (void *)a;
}
int dlclose(void *h)
{
	char *e = errbuf();
	int r = __puggle_dlclose((uint64_t)h, e ? e + 1 : NULL, e ? ERRLEN : 0);
	if (r)
		failed(e);
	return r;
}

/* Strings of an answer outlive the call: each is kept once, for ever. */
static struct kept { struct kept *next; char s[]; } *kept[64]; /* kept_lock */
static lock_t kept_lock;
static const char *keep(const char *s)
{
	if (!s)
		return NULL;
	unsigned h = 0;
	size_t n = 0;
	for (; s[n]; n++)
		h = h * 31 + (unsigned char)s[n];
	struct kept **at = &kept[h % countof(kept)], *k;
	lock(&kept_lock);
	for (k = *at; k && strcmp(k->s, s) != 0; k = k->next)
		;
	if (!k && (k = malloc(sizeof *k + n + 1))) {
		memcpy(k->s, s, n + 1);
		k->next = *at;
		*at = k;
	}
	unlock(&kept_lock);
	return k ? k->s : NULL;
}

int dladdr(const void *addr, Dl_info *info)
{
	char buf[2048];
	memset(info, 0, sizeof *info);
	if (__puggle_dladdr(addr, info, buf, sizeof buf) != 1)
		return 0;
	info->dli_fname = keep(info->dli_fname);
	info->dli_sname = keep(info->dli_sname);
	return 1;
}

static long image(int op, uint64_t arg)
{
	long r = __puggle_image(op, arg, NULL, 0);
	return r < 0 && r > -ELAST - 1 ? 0 : r;
}
uint32_t _dyld_image_count(void) { return image(IMAGE_COUNT, 0); }
const struct mach_header_64 *_dyld_get_image_header(uint32_t i) { return (void *)image(IMAGE_HEADER, i); }
intptr_t _dyld_get_image_vmaddr_slide(uint32_t i) { return image(IMAGE_SLIDE, i); }
struct mach_header_64 *_NSGetMachExecuteHeader(void) { return (void *)_dyld_get_image_header(0); }

static char *names[256]; /* names_lock; kept for ever, as callers hold them */
static lock_t names_lock;
const char *_dyld_get_image_name(uint32_t i)
{
	char buf[1025];
	if (i >= countof(names) || __puggle_image(IMAGE_NAME, i, buf, sizeof buf) <= 0)
		return NULL;
	lock(&names_lock);
	if (!names[i] || strcmp(names[i], buf) != 0)
		names[i] = strdup(buf);
	unlock(&names_lock);
	return names[i];
}
int _NSGetExecutablePath(char *buf, uint32_t *n)
{
	const char *p = NULL;
	for (char **a = main_apple; *a; a++)
		if (strncmp(*a, "executable_path=", 16) == 0)
			p = *a + 16;
	if (!p)
		p = main_argc ? main_argv[0] : "";
	uint32_t need = strlen(p) + 1;
	if (need > *n) {
		*n = need;
		return -1;
	}
	memcpy(buf, p, need);
	return 0;
}

/*
 * Thread-local variables of C. A descriptor begins with our entry as its thunk
 * and key 0; the first use in a process gives its image a slot, the first use
 * in a thread a copy of the image's initial values. Images are known by the
 * address of their header.
 */
struct tlv_image { const struct mach_header_64 *mh; const char *init; size_t init_size, size, align; };
static struct tlv_image tlv_images[TSD_TLV_LAST - TSD_TLV_FIRST + 1]; /* tlv_lock */
static unsigned ntlv;
static lock_t tlv_lock;

/* Thread-local sections follow each other: data first, then zero fill. */
static bool tlv_template(struct tlv_image *im)
{
	const struct mach_header_64 *mh = im->mh;
	const char *p = (const char *)(mh + 1);
	uint64_t lo = ~0ul, data_end = 0, hi = 0, text = 0;
	unsigned align = 4; /* a power of two, as that of malloc at least, and 15 at most as Mach-O has it */
	for (uint32_t i = 0; i < mh->ncmds; i++) {
		const struct load_command *lc = (const void *)p;
		if (lc->cmd == LC_SEGMENT_64) {
			const struct segment_command_64 *sg = (const void *)p;
			const struct section_64 *s = (const void *)(sg + 1);
			if (strcmp(sg->segname, "__TEXT") == 0)
				text = sg->vmaddr;
			for (uint32_t j = 0; j < sg->nsects; j++, s++) {
				unsigned type = s->flags & SECTION_TYPE;
				if (type != S_THREAD_LOCAL_REGULAR && type != S_THREAD_LOCAL_ZEROFILL)
					continue;
				if (s->align > align)
					align = s->align < 15 ? s->align : 15;
				if (s->addr < lo)
					lo = s->addr;
				if (s->addr + s->size > hi)
					hi = s->addr + s->size;
				if (type == S_THREAD_LOCAL_REGULAR && s->addr + s->size > data_end)
					data_end = s->addr + s->size;
			}
		}
		p += lc->cmdsize;
	}
	if (hi == 0)
		return false;
	im->init = (const char *)mh + (lo - text);
	im->init_size = data_end > lo ? data_end - lo : 0;
	im->size = hi - lo;
	im->align = 1ul << align;
	return true;
}

hidden void *tlv_slow(struct descriptor *d)
{
	lock(&tlv_lock);
	if (d->key == 0) {
		long i = __puggle_image(IMAGE_OF_ADDRESS, (uint64_t)d, NULL, 0);
		const struct mach_header_64 *mh = i < 0 ? NULL : _dyld_get_image_header(i);
		unsigned k = 0;
		while (k < ntlv && tlv_images[k].mh != mh)
			k++;
		if (!mh || k == countof(tlv_images))
			abort();
		if (k == ntlv) {
			tlv_images[k].mh = mh;
			if (!tlv_template(&tlv_images[k]))
				abort();
			ntlv++;
		}
		__atomic_store_n(&d->key, TSD_TLV_FIRST + k, __ATOMIC_RELEASE);
	}
	struct tlv_image im = tlv_images[d->key - TSD_TLV_FIRST];
	unlock(&tlv_lock);
	char *base = tsd_get(d->key);
	if (!base) {
		base = aligned_alloc(im.align, (im.size + im.align - 1) & -im.align);
		if (!base)
			abort();
		memcpy(base, im.init, im.init_size);
		memset(base + im.init_size, 0, im.size - im.init_size);
		tsd_set(d->key, base);
	}
	return base + d->offset;
}

/* Destructors of thread-local C++ objects, last registered first. */
struct tlv_exit { struct tlv_exit *next; void (*fn)(void *); void *arg; };
void _tlv_atexit(void (*fn)(void *), void *arg)
{
	struct tlv_exit *e = malloc(sizeof *e);
	if (!e)
		abort();
	*e = (struct tlv_exit){ tsd_get(TSD_TLV_EXIT), fn, arg };
	tsd_set(TSD_TLV_EXIT, e);
}
/* Calls them, those that are registered meanwhile too; whether there were any. exit calls it first. */
bool _tlv_exit(void)
{
	struct tlv_exit *e;
	bool any = false;
	for (; (e = tsd_get(TSD_TLV_EXIT)); any = true) {
		tsd_set(TSD_TLV_EXIT, e->next);
		e->fn(e->arg);
		free(e);
	}
	return any;
}
/*
 * A thread's end: as on a Mac, where both are keys that were made before the program's, destructors
 * come first, then the copies go, then the keys' destructors are called; who uses a variable there
 * gets a new copy. Whether there was anything.
 */
hidden bool tlv_thread_exit(void)
{
	bool any = _tlv_exit();
	for (unsigned k = TSD_TLV_FIRST; k <= TSD_TLV_LAST; k++) {
		void *copy = tsd_get(k);
		tsd_set(k, NULL);
		free(copy);
		any |= copy != NULL;
	}
	return any;
}
hidden void dl_thread_exit(void)
{
	free(tsd_get(TSD_DLERROR));
	tsd_set(TSD_DLERROR, NULL);
}

/* What debuggers find by TASK_DYLD_INFO. */
const struct dyld_all_image_infos *_dyld_get_all_image_infos(void)
{
	task_dyld_info_data_t i;
	mach_msg_type_number_t n = TASK_DYLD_INFO_COUNT;
	if (task_info(mach_task_self(), TASK_DYLD_INFO, (task_info_t)&i, &n) != KERN_SUCCESS)
		return NULL;
	return (const struct dyld_all_image_infos *)i.all_image_info_addr;
}
