/* The library's later parts: environment of floating point, complex numbers, tables, contexts, locales, and more. */
#define _XOPEN_SOURCE 700
#include "check.h"
#include <complex.h>
#include <execinfo.h>
#include <fenv.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <search.h>
#include <sys/ipc.h>
#include <sys/statvfs.h>
#include <sys/times.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <util.h>
#include <utime.h>
#include <uuid/uuid.h>
#include <wchar.h>
#include <xlocale.h>

static void floating(void)
{
	volatile double one = 1, three = 3, zero = 0;
	CHECKEQ(fegetround(), FE_TONEAREST);
	double near = one / three;
	CHECKEQ(fesetround(FE_UPWARD), 0);
	CHECK(one / three > near || -one / three > -near);
	CHECKEQ(lrint(1.25), 2);
	CHECKEQ(fesetround(FE_DOWNWARD), 0);
	CHECKEQ(lrint(-1.25), -2);
	fesetround(FE_TONEAREST);
	CHECK(fesetround(12345) != 0);
	feclearexcept(FE_ALL_EXCEPT);
	CHECKEQ(fetestexcept(FE_ALL_EXCEPT), 0);
	one = one / zero;
	CHECKEQ(fetestexcept(FE_DIVBYZERO | FE_INVALID), FE_DIVBYZERO);
	fenv_t env;
	feholdexcept(&env);
	CHECKEQ(fetestexcept(FE_ALL_EXCEPT), 0);
	feraiseexcept(FE_INVALID | FE_OVERFLOW);
	CHECKEQ(fetestexcept(FE_ALL_EXCEPT), FE_INVALID | FE_OVERFLOW);
	feupdateenv(&env);
	CHECKEQ(fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW), FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW);
	fesetenv(FE_DFL_ENV);
	CHECKEQ(fetestexcept(FE_ALL_EXCEPT), 0);
}

/* Identities, and values that anyone can look up. */
static void near(double complex a, double complex b)
{
	CHECK(cabs(a - b) <= 1e-14 * (1 + cabs(b)));
}
static void complexes(void)
{
	CHECK(cabs(3 + 4 * I) == 5);
	near(csqrt(-4), 2 * I);
	near(csqrt(3 - 4 * I), 2 - I);
	near(cexp(M_PI * I), -1);
	near(clog(-1), M_PI * I);
	near(cpow(I, 2), -1);
	static const double v[] = { -2.5, -1, -0.3, 0.2, 1, 1.7 };
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 6; k++) {
			double complex z = v[i] + v[k] * I;
			near(csin(z) * csin(z) + ccos(z) * ccos(z), 1);
			near(ccosh(z) * ccosh(z) - csinh(z) * csinh(z), 1);
			near(ctan(z), csin(z) / ccos(z));
			near(ctanh(z), csinh(z) / ccosh(z));
			near(csin(casin(z)), z);
			near(ccos(cacos(z)), z);
			near(ctan(catan(z)), z);
			near(csinh(casinh(z)), z);
			near(ccosh(cacosh(z)), z);
			near(ctanh(catanh(z)), z);
			CHECK(creal(cacosh(z)) >= 0 && creal(csqrt(z)) >= 0);
			near(cexp(clog(z)), z);
			near(csqrt(z) * csqrt(z), z);
		}
	CHECK(isinf(creal(cproj(CMPLX(INFINITY, NAN)))));
	CHECKEQ(csqrtf(-9.0f) == 3.0f * I, 1);
}

static int by_int(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int visited, last_seen, in_order = 1;
static void visit(const void *node, VISIT v, int level)
{
	if (v == postorder || v == leaf) {
		int x = **(int *const *)node;
		in_order &= x > last_seen;
		last_seen = x;
		visited++;
	}
}
static void tables(void)
{
	static int n[200];
	void *root = NULL;
	for (int i = 0; i < 200; i++)
		n[i] = i * 37 % 200 + 1;
	for (int i = 0; i < 200; i++)
		CHECK(**(int **)tsearch(&n[i], &root, by_int) == n[i]);
	int seven = 7, none = 777;
	CHECK(**(int **)tsearch(&seven, &root, by_int) == 7 && *(int **)tfind(&seven, &root, by_int) != &seven);
	CHECK(tfind(&none, &root, by_int) == NULL);
	CHECK(tdelete(&seven, &root, by_int) != NULL && tfind(&seven, &root, by_int) == NULL && tdelete(&seven, &root, by_int) == NULL);
	twalk(root, visit);
	CHECK(visited == 199 && in_order);
	CHECK(hcreate(10));
	static char keys[100][8];
	for (long i = 0; i < 100; i++) {
		sprintf(keys[i], "k%ld", i);
		CHECK(hsearch((ENTRY){ keys[i], (void *)i }, ENTER) != NULL);
	}
	ENTRY *e = hsearch((ENTRY){ "k63", NULL }, FIND);
	CHECK(e && e->data == (void *)63 && hsearch((ENTRY){ "k100", NULL }, FIND) == NULL);
	hdestroy();
	size_t count = 3;
	int list[4] = { 5, 6, 7 }, eight = 8;
	CHECK(lfind(&eight, list, &count, sizeof *list, by_int) == NULL);
	CHECK(lsearch(&eight, list, &count, sizeof *list, by_int) == &list[3] && count == 4);
}

static ucontext_t here, there;
static int steps;
static void coroutine(int a, int b)
{
	steps = a * 10 + b;
	swapcontext(&there, &here);
	steps++;
}
static void contexts(void)
{
	static char stack[65536];
	CHECKEQ(getcontext(&there), 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof stack;
	there.uc_link = &here;
	makecontext(&there, (void (*)())(void *)coroutine, 2, 4, 2);
	CHECKEQ(swapcontext(&here, &there), 0);
	CHECKEQ(steps, 42);
	CHECKEQ(swapcontext(&here, &there), 0);
	CHECKEQ(steps, 43);
}

static void texts(void)
{
	struct tm tm = { 0 };
	CHECK(strptime("20090505223446", "%Y%m%d%H%M%S", &tm) != NULL);
	CHECK(tm.tm_year == 109 && tm.tm_mon == 4 && tm.tm_mday == 5 && tm.tm_hour == 22 && tm.tm_sec == 46);
	CHECK(strptime("10001", "%5Y", &tm) != NULL && tm.tm_year == 10001 - 1900);
	CHECK(strptime("x", "%t", &tm) == NULL);
	wchar_t w[32];
	int a, b;
	CHECKEQ(swscanf(L"12 of 0x1f \xe9t", L"%d of %i %ls", &a, &b, w), 3);
	CHECK(a == 12 && b == 31 && wcscmp(w, L"\xe9t") == 0);
	CHECK(wcsftime(w, 32, L"%Y-%m", &(struct tm){ .tm_year = 126, .tm_mon = 10 }) == 7 && wcscmp(w, L"2026-11") == 0);
	wchar_t *out;
	size_t len;
	FILE *f = open_wmemstream(&out, &len);
	CHECK(f && fwprintf(f, L"%d \xe9", 7) >= 0);
	fclose(f);
	CHECK(len == 3 && wcscmp(out, L"7 \xe9") == 0);
	char buf[8], back[9] = "";
	CHECK(fmemopen(NULL, 1, "r") == NULL && open_memstream(NULL, &len) == NULL);
	memset(buf, 'A', sizeof buf);
	f = fmemopen(buf, sizeof buf, "w+b");
	CHECK(f && fwrite("x", 1, 1, f) == 1 && fclose(f) == 0 && memcmp(buf, "xAAAAAAA", 8) == 0);
	f = fmemopen(buf, sizeof buf, "r");
	CHECK(f && fread(back, 1, 8, f) == 8 && fclose(f) == 0);

	CHECKSTR(setlocale(LC_ALL, NULL), "C");
	CHECKSTR(setlocale(LC_CTYPE, "en_US.UTF-8"), "en_US.UTF-8");
	CHECKSTR(setlocale(LC_ALL, NULL), "C/en_US.UTF-8/C/C/C/C");
	CHECK(setlocale(LC_ALL, "xx_nowhere") == NULL);
	CHECKSTR(setlocale(LC_ALL, "C"), "C");
	locale_t l = newlocale(LC_ALL_MASK, "C", NULL);
	CHECK(l && strtod_l("1.5", NULL, l) == 1.5 && isalpha_l('x', l) && uselocale(l) == LC_GLOBAL_LOCALE && uselocale(NULL) == l);
	CHECKSTR(nl_langinfo(CODESET), "US-ASCII");
	CHECKSTR(nl_langinfo(MON_3), "March");
	int point, sign;
	CHECKSTR(ecvt(-123.456, 5, &point, &sign), "12346");
	CHECK(point == 3 && sign);
	CHECKSTR(fcvt(0.05, 3, &point, &sign), "50");
	CHECK(point == -1);
	CHECKEQ(a64l(l64a(123456789)), 123456789);
}

int main(void)
{
	floating();
	complexes();
	tables();
	contexts();
	texts();

	uuid_t u, v;
	uuid_string_t s;
	uuid_generate(u);
	uuid_unparse(u, s);
	CHECK(uuid_parse(s, v) == 0 && uuid_compare(u, v) == 0 && s[14] == '4' && !uuid_is_null(u) && uuid_parse("nonsense", v) == -1);

	struct ifaddrs *ifs, *i;
	int loop = 0, link = 0;
	CHECKEQ(getifaddrs(&ifs), 0);
	for (i = ifs; i; i = i->ifa_next) {
		link += i->ifa_addr && i->ifa_addr->sa_family == AF_LINK;
		loop += i->ifa_addr && i->ifa_addr->sa_family == AF_INET && i->ifa_flags & IFF_LOOPBACK &&
		    ((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK) && if_nametoindex(i->ifa_name) > 0;
	}
	CHECK(loop == 1 && link >= 1);
	freeifaddrs(ifs);

	struct statvfs sv;
	CHECK(statvfs("/", &sv) == 0 && sv.f_frsize > 0 && sv.f_blocks > 0 && sv.f_namemax == 255);
	struct tms t;
	CHECK(times(&t) != (clock_t)-1);
	CHECK(ftok("/", 'x') != -1 && ftok("/nowhere", 'x') == -1);
	double avg[3];
	CHECKEQ(getloadavg(avg, 3), 3);
	void *pc[8];
	CHECK(backtrace(pc, 8) >= 1);
	int m, sl;
	char name[128];
	CHECKEQ(openpty(&m, &sl, name, NULL, NULL), 0);
	CHECK(isatty(sl) && write(sl, "x", 1) == 1 && read(m, name, 1) == 1 && name[0] == 'x');
	FILE *f = fopen("gone", "w");
	CHECK(f && fclose(f) == 0 && utime("gone", &(struct utimbuf){ 1000, 2000 }) == 0 && remove("gone") == 0 && remove("gone") == -1);
	if (!failures)
		printf("libc2 ok\n");
	DONE();
}
