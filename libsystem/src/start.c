/*
 * The start of a program: thread structure, environment, stack protector,
 * initialisers, and then main or the program's own entry. Kept short, because
 * every process pays for it: five crossings.
 */
#include "private.h"
#include <mach/mach_init.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>
#include <crt_externs.h>

char **environ;
const char *__progname = "";
unsigned long __stack_chk_guard;
uint32_t mach_task_self_;
int NXArgc;
char **NXArgv;
hidden int main_argc;
hidden char **main_argv, **main_apple;

/* The program's header, for _NSGetMachExecuteHeader: apple does not tell. */
hidden uint64_t program_header;

static uint64_t parse_hex(const char *s)
{
	uint64_t v = 0;
	if (s[0] == '0' && s[1] == 'x')
		s += 2;
	for (;; s++) {
		unsigned d = *s >= '0' && *s <= '9' ? *s - '0' : *s >= 'a' && *s <= 'f' ? *s - 'a' + 10 : 16;
		if (d == 16)
			return v;
		v = v << 4 | d;
	}
}

/* The kernel passes stack_guard=0x... among the apple strings, or we ask. */
uint64_t stack_guard_seed(char **apple)
{
	uint64_t v = 0;
	for (; *apple; apple++)
		if (strncmp(*apple, "stack_guard=", 12) == 0)
			v = parse_hex(*apple + 12);
	if (v == 0)
		getentropy(&v, sizeof v);
	return v & ~0xff00ul; /* a zero byte stops string overruns */
}

typedef void (*initialiser)(int, char **, char **, char **, void *);

/* Returns where an LC_UNIXTHREAD program begins; others never return. */
hidden uint64_t libsystem_start(struct puggle_start *s, char **sp)
{
	int argc = *(int *)sp;
	char **argv = sp + 1, **envp = argv + argc + 1, **apple = envp;
	while (*apple++)
		;
	thread_setup_main((char *)sp);
	mach_init_ports();
	environ = envp;
	main_argc = NXArgc = argc;
	main_argv = NXArgv = argv;
	main_apple = apple;
	if (argc > 0 && argv[0]) {
		const char *slash = strrchr(argv[0], '/');
		__progname = slash ? slash + 1 : argv[0];
	}
	__stack_chk_guard = stack_guard_seed(apple);
	for (uint64_t i = 0; i < s->ninit; i++)
		((initialiser)s->init[i])(argc, argv, envp, apple, NULL);
	if (s->entry_is_thread)
		return s->main_entry;
	exit(((int (*)(int, char **, char **, char **))s->main_entry)(argc, argv, environ, apple));
}

char ***_NSGetEnviron(void) { return &environ; }
char ***_NSGetArgv(void) { return &main_argv; }
int *_NSGetArgc(void) { return &main_argc; }
char **_NSGetProgname(void) { return (char **)&__progname; }
const char *getprogname(void) { return __progname; }
void setprogname(const char *n)
{
	const char *slash = strrchr(n, '/');
	__progname = slash ? slash + 1 : n;
}

void __stack_chk_fail(void)
{
	static const char msg[] = "stack overflow detected\n";
	write(2, msg, sizeof msg - 1);
	abort();
}
