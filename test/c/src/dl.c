/* dlopen of a bundle, thread-local variables, dladdr, constructors. */
#include "check.h"
#include <dlfcn.h>
#include <pthread.h>
#include <mach-o/dyld.h>
#include <mach-o/dyld_images.h>

int dl_lib_value(void);
extern __thread int dl_lib_tls;
static __thread int tls = 5, tls_zero;
static int order, constructed;
int from_program(void) { return 7; }
__attribute__((constructor)) static void begin(void) { constructed = ++order; }

static void *other(void *arg)
{
	CHECKEQ(tls, 5);
	CHECKEQ(tls_zero, 0);
	CHECKEQ(dl_lib_tls, 11);
	tls = 6;
	dl_lib_tls = 12;
	int *(*address)(void) = (int *(*)(void))dlsym(arg, "plug_tls_address");
	CHECK(address && *address() == 21);
	CHECK(address() == dlsym(arg, "plug_tls"));
	return &tls;
}

int main(int argc, char **argv)
{
	uint32_t launched = _dyld_image_count();
	CHECKEQ(constructed, 1);
	CHECKEQ(dl_lib_value(), 41);
	char path[1024], plug[1100];
	uint32_t n = sizeof path;
	CHECKEQ(_NSGetExecutablePath(path, &n), 0);
	snprintf(plug, sizeof plug, "%s_plug.bundle", path);

	CHECK(dlopen("/nonexistent/x.dylib", RTLD_NOW) == NULL);
	const char *e = dlerror();
	CHECK(e && strstr(e, "/nonexistent/x.dylib"));
	CHECK(dlerror() == NULL);

	void *h = dlopen(plug, RTLD_NOW);
	if (!h) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	CHECK(dlopen(plug, RTLD_NOW) == h);
	int (*twice)(int) = (int (*)(int))dlsym(h, "twice");
	CHECK(twice && twice(21) == 42);
	int *inits = dlsym(h, "plug_inits");
	CHECK(inits && *inits == 1); /* its constructor ran, once */
	int (*calls)(void) = (int (*)(void))dlsym(h, "calls_program");
	CHECK(calls && calls() == 7);
	CHECK(dlsym(h, "no_such_symbol") == NULL);
	e = dlerror();
	CHECK(e && strstr(e, "no_such_symbol"));
	CHECK(dlsym(RTLD_DEFAULT, "from_program") == (void *)from_program);
	CHECK(dlsym(RTLD_DEFAULT, "printf") == (void *)printf);

	Dl_info in;
	CHECKEQ(dladdr((void *)twice, &in), 1);
	CHECKSTR(in.dli_fname, plug);
	CHECKSTR(in.dli_sname, "twice");
	CHECK(in.dli_saddr == (void *)twice && *(uint32_t *)in.dli_fbase == 0xfeedfacf);
	CHECKEQ(dladdr(&in, &in), 0);

	CHECK(_dyld_image_count() >= 4);
	CHECKSTR(_dyld_get_image_name(0), path);
	CHECK(dlopen("/usr/lib/libm.dylib", RTLD_LAZY) == dlopen("/usr/lib/libSystem.B.dylib", RTLD_LAZY));
	CHECK(dlopen("@loader_path/dl_plug.bundle", RTLD_NOW) == h);

	tls = 50;
	tls_zero = 1;
	dl_lib_tls = 13;
	pthread_t t;
	void *its;
	CHECKEQ(pthread_create(&t, NULL, other, h), 0);
	CHECKEQ(pthread_join(t, &its), 0);
	CHECK(its != &tls && tls == 50 && tls_zero == 1 && dl_lib_tls == 13);
	/* The same by the list that debuggers read. */
	const struct dyld_all_image_infos *all = _dyld_get_all_image_infos();
	CHECK(all && all->version == 15 && all->dyldAllImageInfosAddress == all && all->libSystemInitialized);
	_Static_assert(sizeof *all == 304, "version 15");
	CHECKEQ(all->infoArrayCount, _dyld_image_count());
	for (uint32_t i = 0; i < all->infoArrayCount; i++) {
		CHECK(all->infoArray[i].imageLoadAddress == (void *)_dyld_get_image_header(i));
		CHECKSTR(all->infoArray[i].imageFilePath, _dyld_get_image_name(i));
	}
	uint64_t stamp = all->infoArrayChangeTimestamp;
	uint32_t count = all->infoArrayCount;
	CHECK(dlopen("/usr/lib/libresolv.9.dylib", RTLD_NOW) != NULL);
	CHECK(all->infoArrayChangeTimestamp > stamp && all->infoArrayCount == _dyld_image_count());
	CHECK(all->infoArrayCount > count && count > launched);
	CHECKEQ(all->initialImageCount, launched); /* and not what there was when it was first asked for */
	CHECKSTR(all->infoArray[count].imageFilePath, _dyld_get_image_name(count));
	stamp = all->infoArrayChangeTimestamp;
	CHECK(dlopen("/usr/lib/libresolv.9.dylib", RTLD_NOW) != NULL); /* it is there already */
	CHECK(_dyld_get_all_image_infos() == all && all->infoArrayChangeTimestamp == stamp);

	CHECKEQ(dlclose(h), 0);
	CHECK(dlclose((void *)0x123456) != 0);
	printf("dl ok\n");
	DONE();
}
