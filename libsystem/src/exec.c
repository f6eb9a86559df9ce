/*
 * The exec family over execve. A name without a slash is looked for in PATH;
 * what the kernel finds to be no program is given to the shell.
 */
#include "private.h"
#include <errno.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

extern char **environ;

/* Arguments up to the null pointer, as a vector on the caller's stack. */
#define VECTOR(argv, first, ap) \
	int n_ = 1; \
	va_list ap; \
	va_start(ap, first); \
	while (va_arg(ap, char *)) \
		n_++; \
	va_end(ap); \
	char *argv[n_ + 1]; \
	va_start(ap, first); \
	argv[0] = (char *)first; \
	for (int i_ = 1; i_ <= n_; i_++) \
		argv[i_] = va_arg(ap, char *)

int execv(const char *path, char *const *argv) { return execve(path, argv, environ); }

int execl(const char *path, const char *arg, ...)
{
	VECTOR(argv, arg, ap);
	va_end(ap);
	return execve(path, argv, environ);
}
int execle(const char *path, const char *arg, ...)
{
	VECTOR(argv, arg, ap);
	char *const *env = va_arg(ap, char *const *);
	va_end(ap);
	return execve(path, argv, env);
}
int execlp(const char *file, const char *arg, ...)
{
	VECTOR(argv, arg, ap);
	va_end(ap);
	return execvp(file, argv);
}

static int with_shell(const char *path, char *const *argv)
{
	int n = 0;
	while (argv[n])
		n++;
	char *v[n + 3];
	v[0] = "sh";
	v[1] = (char *)path;
	for (int i = 1; i <= n; i++)
		v[i + 1] = argv[i];
	if (n == 0)
		v[2] = NULL;
	return execve(_PATH_BSHELL, v, environ);
}

int execvP(const char *file, const char *search, char *const *argv)
{
	char path[1024];
	bool denied = false;
	if (!*file) {
		errno = ENOENT;
		return -1;
	}
	if (strchr(file, '/')) {
		execve(file, argv, environ);
		return errno == ENOEXEC ? with_shell(file, argv) : -1;
	}
	size_t len = strlen(file);
	for (const char *p = search;; p++) {
		const char *end = to_char(p, ':');
		size_t n = end - p;
		if (n + len + 2 <= sizeof path) {
			if (n == 0)
				path[n++] = '.';
			else
				memcpy(path, p, n);
			path[n] = '/';
			memcpy(path + n + 1, file, len + 1);
			execve(path, argv, environ);
			switch (errno) {
			case ENOEXEC:
				return with_shell(path, argv);
			case E2BIG: case ENOMEM: case ETXTBSY:
				return -1;
			case EACCES: {
				/* A directory that can't be searched is not the file's fault. */
				struct stat st;
				if (stat(path, &st) == 0)
					denied = true;
				break;
			}
			case ELOOP: case ENAMETOOLONG: case ENOENT: case ENOTDIR:
				break;
			default: {
				struct stat st;
				int e = errno;
				if (stat(path, &st) == 0) {
					errno = e;
					return -1;
				}
			}
			}
		}
		p = end;
		if (!*p)
			break;
	}
	errno = denied ? EACCES : ENOENT;
	return -1;
}
int execvp(const char *file, char *const *argv)
{
	const char *path = getenv("PATH");
	return execvP(file, path ? path : _PATH_DEFPATH, argv);
}
