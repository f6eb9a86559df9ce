/* Options of a command: getopt, its long form, and getsubopt. */
#include "private.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *optarg, *suboptarg;
int optind = 1, opterr = 1, optopt = '?', optreset;
static char *place = ""; /* the rest of a group of letters */

/* "+" and POSIXLY_CORRECT stop at the first operand; "-" gives operands as option 1. */
static void complain(char *const *argv, const char *text, const char *what, int n)
{
	const char *name = getprogname();
	fprintf(stderr, "%s: %s -- %.*s\n", name && *name ? name : argv[0], text, n, what);
}

static int letter(int argc, char *const *argv, const char *opts)
{
	int c = (unsigned char)*place++;
	optopt = c;
	const char *o = c == ':' ? NULL : strchr(opts, c);
	if (!o || (c == '-' && o == NULL)) {
		if (!*place)
			optind++;
		if (opterr && *opts != ':')
			complain(argv, "illegal option", (char[]){ c, 0 }, 1);
		return '?';
	}
	if (o[1] != ':') {
		optarg = NULL;
		if (!*place)
			optind++;
		return c;
	}
	optind++;
	if (*place) {
		optarg = place;
	} else if (o[2] == ':') {
		optarg = NULL; /* may be left out */
	} else if (optind < argc) {
		optarg = argv[optind++];
	} else {
		place = "";
		if (*opts == ':')
			return ':';
		if (opterr)
			complain(argv, "option requires an argument", (char[]){ c, 0 }, 1);
		return '?';
	}
	place = "";
	return c;
}

int getopt(int argc, char *const *argv, const char *opts)
{
	if (*opts == '+')
		opts++;
	if (optreset || !*place) {
		optreset = 0;
		place = "";
		if (optind == 0)
			optind = 1;
		if (optind >= argc || argv[optind][0] != '-' || !argv[optind][1])
			return -1;
		if (strcmp(argv[optind], "--") == 0) {
			optind++;
			return -1;
		}
		place = argv[optind] + 1;
	}
	return letter(argc, argv, opts);
}

static int first_operand = -1, last_operand = -1; /* operands that were passed over: [first, last) */

/* Moves the operands that were passed over behind the options just read. */
static void permute(char **argv, int opt_end)
{
	int n = last_operand - first_operand, m = opt_end - last_operand;
	if (first_operand < 0 || n == 0 || m == 0)
		return;
	for (int i = 0; i < m; i++) {
		char *o = argv[last_operand + i];
		memmove(argv + first_operand + i + 1, argv + first_operand + i, n * sizeof *argv);
		argv[first_operand + i] = o;
	}
	first_operand += m;
	last_operand += m;
}

static int long_option(int argc, char *const *argv, const char *opts, const struct option *longs, int *index, const char *name,
    bool single)
{
	size_t n = to_char(name, '=') - name;
	const struct option *found = NULL;
	bool exact = false, ambiguous = false;
	for (const struct option *o = longs; o->name; o++) {
		if (strncmp(o->name, name, n) != 0)
			continue;
		if (o->name[n] == 0) {
			found = o;
			exact = true;
			break;
		}
		if (single && n == 1)
			continue; /* a letter is no abbreviation */
		if (found && (found->has_arg != o->has_arg || found->flag != o->flag || found->val != o->val))
			ambiguous = true;
		if (!found)
			found = o;
	}
	if (ambiguous && !exact) {
		optind++;
		optopt = 0;
		if (opterr && *opts != ':')
			complain(argv, "ambiguous option", name, n);
		return '?';
	}
	if (!found) {
		if (single)
			return -2; /* perhaps it is a group of letters */
		optind++;
		optopt = 0;
		if (opterr && *opts != ':')
			complain(argv, "unrecognized option", name, n);
		return '?';
	}
	optind++;
	optarg = NULL;
	if (name[n] == '=') {
		if (found->has_arg == no_argument) {
			optopt = found->flag ? 0 : found->val;
			if (opterr && *opts != ':')
				complain(argv, "option doesn't take an argument", name, n);
			return *opts == ':' ? ':' : '?';
		}
		optarg = (char *)name + n + 1;
	} else if (found->has_arg == required_argument) {
		if (optind >= argc) {
			optopt = found->flag ? 0 : found->val;
			if (opterr && *opts != ':')
				complain(argv, "option requires an argument", name, n);
			return *opts == ':' ? ':' : '?';
		}
		optarg = argv[optind++];
	}
	if (index)
		*index = found - longs;
	if (found->flag) {
		*found->flag = found->val;
		return 0;
	}
	return found->val;
}

static int any(int argc, char *const *argv, const char *opts, const struct option *longs, int *index, bool only)
{
	bool stop = *opts == '+' || getenv("POSIXLY_CORRECT"), give = *opts == '-';
	if (*opts == '+' || *opts == '-')
		opts++;
	if (optreset || optind == 0) {
		optreset = 0;
		if (optind == 0)
			optind = 1;
		place = "";
		first_operand = last_operand = -1;
	}
	optarg = NULL;
	if (!*place) {
		permute((char **)argv, optind);
		for (int at = optind; ; at++) {
			if (at >= argc) {
				if (first_operand >= 0 && !stop)
					optind = first_operand;
				else if (at > optind && !stop && first_operand < 0)
					optind = at;
				first_operand = last_operand = -1;
				return -1;
			}
			char *a = argv[at];
			if (a[0] == '-' && a[1]) {
				optind = at;
				break;
			}
			if (give) {
				optind = at + 1;
				optarg = a;
				return 1;
			}
			if (stop) {
				optind = at;
				return -1;
			}
			if (first_operand < 0)
				first_operand = at;
			last_operand = at + 1;
			optind = at + 1;
		}
		char *a = argv[optind];
		if (strcmp(a, "--") == 0) {
			optind++;
			permute((char **)argv, optind);
			if (first_operand >= 0)
				optind = first_operand;
			first_operand = last_operand = -1;
			return -1;
		}
		if (longs && a[1] == '-')
			return long_option(argc, argv, opts, longs, index, a + 2, false);
		if (longs && only) {
			int r = long_option(argc, argv, opts, longs, index, a + 1, true);
			if (r != -2)
				return r;
		}
		place = a + 1;
	}
	return letter(argc, argv, opts);
}
int getopt_long(int argc, char *const *argv, const char *opts, const struct option *longs, int *index)
{
	return any(argc, argv, opts, longs, index, false);
}
int getopt_long_only(int argc, char *const *argv, const char *opts, const struct option *longs, int *index)
{
	return any(argc, argv, opts, longs, index, true);
}

int getsubopt(char **opt, char *const *tokens, char **value)
{
	*value = NULL;
	suboptarg = NULL;
	char *p = *opt;
	while (*p == ',' || *p == ' ' || *p == '\t')
		p++;
	if (!*p) {
		*opt = p;
		return -1;
	}
	char *name = suboptarg = p;
	while (*p && *p != ',' && *p != '=' && *p != ' ' && *p != '\t')
		p++;
	if (*p == '=') {
		*p++ = 0;
		*value = p;
		while (*p && *p != ',' && *p != ' ' && *p != '\t')
			p++;
	}
	if (*p)
		*p++ = 0;
	*opt = p;
	for (int i = 0; tokens[i]; i++)
		if (strcmp(tokens[i], name) == 0)
			return i;
	return -1;
}
