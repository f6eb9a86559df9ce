/* Regular expressions, glob, fts and their kin. Expected values are POSIX's rules. */
#include "check.h"
#include <locale.h>
#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <glob.h>
#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wordexp.h>

static const struct { const char *re, *s; int flags, err; const char *want; } tests[] = {
	/* want: the spans of the match and of the groups */
	{ "abc", "xabcy", REG_EXTENDED, 0, "1-4" },
	{ "a|ab", "abc", REG_EXTENDED, 0, "0-2" },
	{ "(a|ab)(c|bcd)(d*)", "abcd", REG_EXTENDED, 0, "0-4 0-2 2-3 3-4" },
	{ "(a+|b)*", "aabb", REG_EXTENDED, 0, "0-4 3-4" },
	{ "(a*)*", "b", REG_EXTENDED, 0, "0-0 0-0" },
	{ "(a*)+", "aa", REG_EXTENDED, 0, "0-2 0-2" },
	{ "x{2,3}", "axxxxb", REG_EXTENDED, 0, "1-4" },
	{ "(ab){2}", "xababab", REG_EXTENDED, 0, "1-5 3-5" },
	{ "(a|b){0,2}c", "abac", REG_EXTENDED, 0, "1-4 2-3" },
	{ "a{0}b", "ab", REG_EXTENDED, 0, "1-2" },
	{ "^b", "a\nb", REG_EXTENDED, REG_NOMATCH, "" },
	{ "^b$", "a\nb\nc", REG_EXTENDED | REG_NEWLINE, 0, "2-3" },
	{ "a.b", "a\nb", REG_EXTENDED | REG_NEWLINE, REG_NOMATCH, "" },
	{ "a[^x]b", "a\nb", REG_EXTENDED | REG_NEWLINE, REG_NOMATCH, "" },
	{ "[[:alpha:]_][[:alnum:]_]*", "12ab_3 ", REG_EXTENDED, 0, "2-6" },
	{ "[]a-c-]+", "x]-b", REG_EXTENDED, 0, "1-4" },
	{ "[^]]", "]]z", 0, 0, "2-3" },
	{ "HELLO", "say hello", REG_ICASE, 0, "4-9" },
	{ "[a-f]+", "XDEFx", REG_EXTENDED | REG_ICASE, 0, "1-4" },
	{ "\\(a\\)\\1", "baa", 0, 0, "1-3 1-2" },
	{ "\\(.*\\)-\\1$", "abc-bc", 0, 0, "1-6 1-3" },
	{ "\\([a-z]*\\)\\([a-z]*\\)x\\2", "abxb", 0, 0, "0-4 0-1 1-2" },
	{ "*a", "x*a", 0, 0, "1-3" },
	{ "a\\{2\\}", "caab", 0, 0, "1-3" },
	{ "a+b", "a+b", 0, 0, "0-3" },
	{ "\xc3\xa9.", "x\xc3\xa9\xc3\xa8", REG_EXTENDED, 0, "1-5" },
	{ "[\xc3\xa0-\xc3\xbf]", "z\xc3\xa9", REG_EXTENDED, 0, "1-3" },
	{ "(", "", REG_EXTENDED, -REG_EPAREN, "" },
	{ "a)", "", REG_EXTENDED, -REG_EPAREN, "" },
	{ "[a", "", REG_EXTENDED, -REG_EBRACK, "" },
	{ "[[:foo:]]", "", REG_EXTENDED, -REG_ECTYPE, "" },
	{ "[b-a]", "", REG_EXTENDED, -REG_ERANGE, "" },
	{ "a{2,1}", "", REG_EXTENDED, -REG_BADBR, "" },
	{ "*a", "", REG_EXTENDED, -REG_BADRPT, "" },
	{ "a\\", "", REG_EXTENDED, -REG_EESCAPE, "" },
	{ "\\(a\\)\\2", "", 0, -REG_ESUBREG, "" },
	{ "[[:<:]]b[a-z]*[[:>:]]", "abc bcd", REG_EXTENDED, 0, "4-7" },
	{ "((((((((((x))))))))))", "x", REG_EXTENDED, 0, "0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1 0-1" },
	{ "(foo|foobar)(bar)?", "foobar", REG_EXTENDED, 0, "0-6 0-6 -" },
	{ "(^|[ ,])b", "a,b", REG_EXTENDED, 0, "1-3 1-2" },
};

static void regex_tests(void)
{
	for (unsigned i = 0; i < sizeof tests / sizeof *tests; i++) {
		regex_t re;
		int err = regcomp(&re, tests[i].re, tests[i].flags);
		if (tests[i].err < 0) {
			CHECKEQ(err, -tests[i].err);
			continue;
		}
		CHECKEQ(err, 0);
		if (err)
			continue;
		regmatch_t m[12];
		char got[256] = "", *p = got;
		err = regexec(&re, tests[i].s, 12, m, 0);
		if (err != tests[i].err)
			fprintf(stderr, "%s on %s: ", tests[i].re, tests[i].s);
		CHECKEQ(err, tests[i].err);
		for (size_t k = 0; err == 0 && k <= re.re_nsub; k++)
			p += m[k].rm_so < 0 ? sprintf(p, "%s-", k ? " " : "") : sprintf(p, "%s%d-%d", k ? " " : "", (int)m[k].rm_so, (int)m[k].rm_eo);
		if (err == 0 && strcmp(got, tests[i].want) != 0)
			fprintf(stderr, "%s on %s: ", tests[i].re, tests[i].s);
		if (err == 0)
			CHECKSTR(got, tests[i].want);
		regfree(&re);
	}
	/* What makes other matchers take exponential time. */
	regex_t re;
	char s[2001];
	memset(s, 'a', 2000);
	s[2000] = 0;
	CHECKEQ(regcomp(&re, "(a|a)*(aa|a)*(a*)*b", REG_EXTENDED), 0);
	CHECKEQ(regexec(&re, s, 0, NULL, 0), REG_NOMATCH);
	regfree(&re);
	regmatch_t m[2] = { { 2, 5 } };
	CHECKEQ(regcomp(&re, "^c(d)", REG_EXTENDED), 0);
	CHECKEQ(regexec(&re, "abcdef", 2, m, REG_STARTEND), 0);
	CHECK(m[0].rm_so == 2 && m[0].rm_eo == 4 && m[1].rm_so == 3);
	CHECKEQ(regexec(&re, "cd", 0, NULL, REG_NOTBOL), REG_NOMATCH);
	regfree(&re);
	char text[64];
	CHECK(regerror(REG_EPAREN, NULL, text, sizeof text) > 1 && text[0]);
}

static void touch(const char *p)
{
	int fd = open(p, O_CREAT | O_WRONLY, 0644);
	CHECK(fd >= 0);
	close(fd);
}
static char walked[1024];
static int walk(const char *p, const struct stat *st, int kind, struct FTW *f)
{
	sprintf(walked + strlen(walked), "%s:%d:%d ", p + f->base, kind, f->level);
	return 0;
}
static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

static void file_tests(void)
{
	CHECKEQ(mkdir("g", 0755), 0);
	CHECKEQ(mkdir("g/sub", 0755), 0);
	touch("g/a.c");
	touch("g/b.c");
	touch("g/.hidden.c");
	touch("g/sub/d.c");
	CHECKEQ(symlink("a.c", "g/link"), 0);
	glob_t g = { .gl_offs = 1 };
	CHECKEQ(glob("g/*.c", GLOB_DOOFFS, NULL, &g), 0);
	CHECKEQ(g.gl_pathc, 2);
	CHECK(g.gl_pathv[0] == NULL && g.gl_pathv[3] == NULL);
	CHECKSTR(g.gl_pathv[1], "g/a.c");
	CHECKSTR(g.gl_pathv[2], "g/b.c");
	CHECKEQ(glob("g/{sub/d,zz}.c", GLOB_DOOFFS | GLOB_APPEND | GLOB_BRACE, NULL, &g), 0);
	CHECKEQ(g.gl_pathc, 3);
	CHECKSTR(g.gl_pathv[3], "g/sub/d.c");
	globfree(&g);
	CHECKEQ(glob("g/s*", GLOB_MARK, NULL, &g), 0);
	CHECKSTR(g.gl_pathv[0], "g/sub/");
	globfree(&g);
	CHECKEQ(glob("g/*.zz", 0, NULL, &g), GLOB_NOMATCH);
	CHECKEQ(glob("g/*.zz", GLOB_NOCHECK, NULL, &g), 0);
	CHECKSTR(g.gl_pathv[0], "g/*.zz");
	globfree(&g);
	CHECKEQ(glob("*/*/[a-d].c", 0, NULL, &g), 0);
	CHECKSTR(g.gl_pathv[0], "g/sub/d.c");
	globfree(&g);

	char *paths[] = { "g", NULL }, seen[512] = "";
	FTS *f = fts_open(paths, FTS_PHYSICAL, by_name);
	CHECK(f != NULL);
	for (FTSENT *e; f && (e = fts_read(f));)
		sprintf(seen + strlen(seen), "%s:%d ", e->fts_path, e->fts_info);
	CHECKEQ(errno, 0);
	CHECKSTR(seen, "g:1 g/.hidden.c:8 g/a.c:8 g/b.c:8 g/link:12 g/sub:1 g/sub/d.c:8 g/sub:6 g:6 ");
	if (f)
		fts_close(f);
	f = fts_open(paths, FTS_LOGICAL, by_name);
	seen[0] = 0;
	for (FTSENT *e; f && (e = fts_read(f));) {
		sprintf(seen + strlen(seen), "%s:%d ", e->fts_name, e->fts_info);
		if (strcmp(e->fts_name, "sub") == 0)
			fts_set(f, e, FTS_SKIP);
	}
	CHECKSTR(seen, "g:1 .hidden.c:8 a.c:8 b.c:8 link:8 sub:1 sub:6 g:6 ");
	if (f)
		fts_close(f);
	CHECKEQ(nftw("g/sub", walk, 5, FTW_PHYS | FTW_DEPTH), 0);
	CHECKSTR(walked, "d.c:0:1 sub:3:0 ");
	CHECKEQ(nftw("nowhere", walk, 5, 0), -1);
	CHECKEQ(errno, ENOENT);

	wordexp_t w;
	setenv("V", "two words", 1);
	CHECKEQ(wordexp("g/*.c \"$V\" $V 'a b'\\ c ${U:-none} ${#V}", &w, WRDE_NOCMD), 0);
	const char *want[] = { "g/a.c", "g/b.c", "two words", "two", "words", "a b c", "none", "9" };
	CHECKEQ(w.we_wordc, 8);
	for (size_t i = 0; i < w.we_wordc && i < 8; i++)
		CHECKSTR(w.we_wordv[i], want[i]);
	wordfree(&w);
	CHECKEQ(wordexp("$(date)", &w, WRDE_NOCMD), WRDE_CMDSUB);
	CHECKEQ(wordexp("a;b", &w, 0), WRDE_BADCHAR);
	CHECKEQ(wordexp("'a", &w, 0), WRDE_SYNTAX);
	CHECKEQ(wordexp("x$(echo one two)y", &w, 0), 0);
	CHECKEQ(w.we_wordc, 2);
	CHECKSTR(w.we_wordv[1], "twoy");
	wordfree(&w);
}

int main(void)
{
	setlocale(LC_CTYPE, "UTF-8"); /* else a byte is a character */
	regex_tests();
	file_tests();
	if (!failures)
		printf("regexp ok\n");
	DONE();
}
