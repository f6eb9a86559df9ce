/* Messages of commands on standard error, with the program's name. */
#include "private.h"
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *to;
static void (*at_exit)(int);
void err_set_file(void *f) { to = f; }
void err_set_exit(void (*fn)(int)) { at_exit = fn; }

static void say(bool number, int code, const char *fmt, va_list ap)
{
	FILE *f = to ? to : stderr;
	flockfile(f);
	fprintf(f, "%s: ", getprogname());
	if (fmt) {
		vfprintf(f, fmt, ap);
		if (number)
			fputs(": ", f);
	}
	if (number)
		fputs(strerror(code), f);
	fputc('\n', f);
	funlockfile(f);
}
static void __attribute__((noreturn)) leave(int status)
{
	if (at_exit)
		at_exit(status);
	exit(status);
}
void vwarnc(int code, const char *fmt, va_list ap) { say(true, code, fmt, ap); }
void vwarn(const char *fmt, va_list ap) { say(true, errno, fmt, ap); }
void vwarnx(const char *fmt, va_list ap) { say(false, 0, fmt, ap); }
void verrc(int st, int code, const char *fmt, va_list ap) { say(true, code, fmt, ap); leave(st); }
void verr(int st, const char *fmt, va_list ap) { say(true, errno, fmt, ap); leave(st); }
void verrx(int st, const char *fmt, va_list ap) { say(false, 0, fmt, ap); leave(st); }
void warn(const char *fmt, ...) { va_list ap; va_start(ap, fmt); vwarn(fmt, ap); va_end(ap); }
void warnx(const char *fmt, ...) { va_list ap; va_start(ap, fmt); vwarnx(fmt, ap); va_end(ap); }
void warnc(int code, const char *fmt, ...) { va_list ap; va_start(ap, fmt); vwarnc(code, fmt, ap); va_end(ap); }
void err(int st, const char *fmt, ...) { va_list ap; va_start(ap, fmt); verr(st, fmt, ap); }
void errx(int st, const char *fmt, ...) { va_list ap; va_start(ap, fmt); verrx(st, fmt, ap); }
void errc(int st, int code, const char *fmt, ...) { va_list ap; va_start(ap, fmt); verrc(st, code, fmt, ap); }
