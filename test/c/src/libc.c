/* Parts of the C library that need a kernel little or not at all. */
#include "check.h"
#include <langinfo.h>
#include <locale.h>
#include <xlocale.h>
#include <Block.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <libgen.h>
#include <libkern/OSAtomic.h>
#include <limits.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

static void times(void) /* TZ is Europe/Berlin */
{
	char b[100];
	time_t t = 1700000000; /* 2023-11-14 22:13:20 UTC */
	struct tm tm;
	CHECK(gmtime_r(&t, &tm) && strftime(b, sizeof b, "%F %T %j %u %V %G %Z", &tm));
	CHECKSTR(b, "2023-11-14 22:13:20 318 2 46 2023 UTC");
	tzset();
	CHECK(localtime_r(&t, &tm) && strftime(b, sizeof b, "%c %z %Z %p %e", &tm));
	CHECKSTR(b, "Tue Nov 14 23:13:20 2023 +0100 CET PM 14");
	CHECKEQ(mktime(&tm), t);
	t = 1720000000; /* 2024-07-03 09:46:40 UTC */
	CHECK(localtime(&t)->tm_isdst == 1 && localtime(&t)->tm_gmtoff == 7200);
	t = 4000000000; /* beyond the file's table: by rule */
	CHECKEQ(localtime(&t)->tm_gmtoff, 7200);
	struct tm twice = { .tm_year = 124, .tm_mon = 9, .tm_mday = 27, .tm_hour = 2, .tm_min = 30, .tm_isdst = 1 };
	CHECKEQ(mktime(&twice), 1729989000);
	twice = (struct tm){ .tm_year = 124, .tm_mon = 9, .tm_mday = 27, .tm_hour = 2, .tm_min = 30, .tm_isdst = 0 };
	CHECKEQ(mktime(&twice), 1729992600);
	setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	t = 1720000000;
	CHECK(localtime(&t)->tm_hour == 5 && strcmp(localtime(&t)->tm_zone, "EDT") == 0);
	memset(&tm, 0, sizeof tm);
	char *end = strptime("29 Feb 2024 13:04:05 rest", "%d %b %Y %T", &tm);
	CHECK(end && strcmp(end, " rest") == 0 && tm.tm_yday == 59 && tm.tm_wday == 4 && tm.tm_hour == 13);
	CHECK(strptime("31/12/23", "%d/%m/%y", &tm) && tm.tm_year == 123 && tm.tm_yday == 364);
	CHECK(strptime("xx", "%d", &tm) == NULL);
}

static void scans(void)
{
	int a, b, n;
	long l;
	double d;
	float f;
	char s[32], c;
	unsigned u;
	CHECKEQ(sscanf(" 12 -0x1f z9", "%d %i %c%1d", &a, &b, &c, &n), 4);
	CHECK(a == 12 && b == -31 && c == 'z' && n == 9);
	CHECKEQ(sscanf("3.25e2,1e+x", "%lf,%f%s", &d, &f, s), 3);
	CHECK(d == 325 && f == 1 && strcmp(s, "e+x") == 0);
	CHECKEQ(sscanf("abc123-]x", "%[a-z]%[0-9]%n%[]-]", s, s + 8, &n, s + 16), 3);
	CHECK(strcmp(s, "abc") == 0 && strcmp(s + 8, "123") == 0 && n == 6 && strcmp(s + 16, "-]") == 0);
	CHECKEQ(sscanf("99999999999999999999 ffff", "%ld %x", &l, &u), 2);
	CHECK(l == LONG_MAX && u == 0xffff);
	CHECKEQ(sscanf("", "%d", &a), EOF);
	CHECKEQ(sscanf("x", "%d", &a), 0);
	CHECKEQ(sscanf("5", "%d%d", &a, &b), 1);
	CHECKEQ(scanf("%31s two", s), 1); /* standard input: "line one" */
	CHECKSTR(s, "line");
	char line[100];
	CHECK(fgets(line, sizeof line, stdin) && strcmp(line, "one\n") == 0);
}

static void options(void)
{
	char *argv[] = { "p", "-a", "x", "-bval", "--long=7", "y", "--fl", "-c", "--", "-d", NULL };
	int flag = 0, index = -1, c, n = 0;
	char got[64] = "";
	struct option longs[] = { { "long", required_argument, NULL, 'L' }, { "flag", no_argument, &flag, 5 }, { 0 } };
	optind = 1;
	while ((c = getopt_long(10, argv, "ab:c", longs, &index)) != -1 && n < 60) {
		got[n++] = c ? c : '0';
		if (c == 'b')
			CHECKSTR(optarg, "val");
		if (c == 'L')
			CHECKSTR(optarg, "7");
	}
	CHECKSTR(got, "abL0c");
	CHECKEQ(flag, 5);
	CHECKEQ(optind, 7);
	CHECK(strcmp(argv[7], "x") == 0 && strcmp(argv[8], "y") == 0 && strcmp(argv[9], "-d") == 0);
	char *short_[] = { "p", "-xy", "arg", "-q", "rest", NULL };
	optreset = 1;
	optind = 1;
	opterr = 0;
	CHECKEQ(getopt(5, short_, "xy:"), 'x');
	CHECKEQ(getopt(5, short_, "xy:"), 'y');
	CHECKSTR(optarg, "arg");
	CHECKEQ(getopt(5, short_, "xy:"), '?');
	CHECKEQ(optopt, 'q');
	CHECKEQ(getopt(5, short_, "xy:"), -1);
	CHECKEQ(optind, 4);
}

static void files(void)
{
	char name[] = "tmp.XXXXXX", dir[] = "dir.XXXXXX", real[PATH_MAX], cwd[PATH_MAX], want[PATH_MAX + 32];
	struct stat st;
	int fd = mkstemp(name);
	CHECK(fd >= 0 && strcmp(name, "tmp.XXXXXX") != 0 && fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECKEQ(write(fd, "hello", 5), 5);
	close(fd);
	CHECK(mkdtemp(dir) && stat(dir, &st) == 0 && S_ISDIR(st.st_mode));
	snprintf(want, sizeof want, "%s/link", dir);
	CHECKEQ(symlink("../", want), 0);
	strcat(want, "/./");
	strcat(want, name);
	CHECK(realpath(want, real) && realpath(".", cwd));
	snprintf(want, sizeof want, "%s/%s", cwd, name);
	CHECKSTR(real, want);
	CHECK(realpath("no/such/file", real) == NULL && errno == ENOENT);
	char p[] = "/usr/lib/";
	CHECKSTR(basename(p), "lib");
	CHECKSTR(dirname(p), "/usr");
	FILE *f = tmpfile();
	CHECK(f && fprintf(f, "%d %s", 42, "x") == 4);
	rewind(f);
	int n;
	CHECK(fscanf(f, "%d", &n) == 1 && n == 42);
	fclose(f);
	char *mem = NULL;
	size_t len = 0;
	f = open_memstream(&mem, &len);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "%d,", i);
	fclose(f);
	CHECK(len == 3890 && strlen(mem) == len && strncmp(mem, "0,1,2", 5) == 0);
	f = fmemopen(mem, len, "r");
	CHECK(fscanf(f, "%*d,%d", &n) == 1 && n == 1);
	fclose(f);
	free(mem);
}

static void wide(void)
{
	wchar_t w[32];
	char s[64];
	/* In the C locale each byte is a character. */
	CHECKEQ(MB_CUR_MAX, 1);
	CHECKEQ(mbstowcs(w, "a\xc3\xff", 32), 3);
	CHECK(w[1] == 0xc3 && w[2] == 0xff && btowc(0xe4) == 0xe4 && wctob(0xe4) == 0xe4);
	CHECKEQ(wcstombs(s, w, sizeof s), 3);
	CHECKSTR(s, "a\xc3\xff");
	CHECK(wcstombs(s, L"\u0100", sizeof s) == (size_t)-1 && errno == EILSEQ);
	CHECKEQ(swprintf(w, 32, L"%ls", L"\u20ac"), 1);
	CHECK(w[0] == 0x20ac);
	CHECKSTR(nl_langinfo(CODESET), "US-ASCII");
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", NULL);
	CHECK(utf8 && mbstowcs_l(w, "\xc3\xa4", 32, utf8) == 1 && mbstowcs_l(w, "\xc3\xa4", 32, NULL) == 2 && mbstowcs(w, "\xc3\xa4", 32) == 2);
	locale_t before = uselocale(utf8);
	CHECK(mbstowcs(w, "\xc3\xa4", 32) == 1 && w[0] == 0xe4 && MB_CUR_MAX > 1);
	uselocale(before);
	freelocale(utf8);

	CHECK(setlocale(LC_CTYPE, "UTF-8") != NULL);
	CHECKSTR(nl_langinfo(CODESET), "UTF-8");
	CHECK(MB_CUR_MAX >= 4 && btowc(0xe4) == WEOF);
	CHECKEQ(mbstowcs(w, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 32), 4);
	CHECK(w[1] == 0xe4 && w[2] == 0x20ac && w[3] == 0x1f600 && towupper(w[1]) == 0xc4);
	CHECKEQ(wcstombs(s, w, sizeof s), 10);
	CHECK(mbstowcs(w, "\xff", 32) == (size_t)-1 && errno == EILSEQ);
	CHECKEQ(swprintf(w, 32, L"%d %ls %s", 7, L"\u00e4", "b"), 5);
	CHECK(wcscmp(w, L"7 \u00e4 b") == 0 && wcstol(L" 0x1Fz", NULL, 0) == 31);
}

static void others(void)
{
	__block int n = 1;
	int k = 5;
	int (^add)(int) = Block_copy(^(int x) { n += x; return n * k; });
	CHECKEQ(add(2), 15);
	CHECKEQ(n, 3);
	Block_release(add);
	int64_t v = 40;
	CHECKEQ(OSAtomicAdd64Barrier(2, &v), 42);
	volatile __int128 big = (__int128)1 << 100, three = 3;
	CHECKEQ((long long)(big / three % 1000000007), 992123766);
	volatile double x = 0.5, y = 1e300;
	CHECK(fabs(sin(x) - 0.479425538604203) < 1e-15 && fabs(pow(2, x) - M_SQRT2) < 1e-15);
	CHECK(fabs(sin(y) - -0.8178819121159085) < 1e-15 && fmod(y, 7) == 1.0 && floor(-x) == -1);
	CHECK(fnmatch("*.[ch]", "a.b.c", 0) == 0 && fnmatch("*.[!ch]", "a.c", 0) == FNM_NOMATCH && fnmatch("a*b*c", "aXbYbZc", 0) == 0);
	CHECK(fnmatch("*", "a/b", FNM_PATHNAME) == FNM_NOMATCH && fnmatch("*/b", "a/b", FNM_PATHNAME) == 0);
	CHECK(fnmatch("*x", ".x", FNM_PERIOD) == FNM_NOMATCH && fnmatch("\\*", "*", 0) == 0 && fnmatch("A?[[:digit:]]", "ab7", FNM_CASEFOLD) == 0);
	struct utsname u;
	CHECK(uname(&u) == 0 && strcmp(u.sysname, "Darwin") == 0 && strcmp(u.machine, "x86_64") == 0);
}

int main(void)
{
	times();
	scans();
	options();
	files();
	wide();
	others();
	printf("libc ok\n");
	DONE();
}
