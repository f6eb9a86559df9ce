/*
 * The environment. The kernel's array is used until it must change; strings
 * that were replaced are not freed, since the program may hold them.
 */
#include "private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;
static lock_t env_lock;
static char **ours; /* the array that we made, if environ is it */
static int room;

static int find(const char *name, size_t n)
{
	for (int i = 0; environ && environ[i]; i++)
		if (strncmp(environ[i], name, n) == 0 && environ[i][n] == '=')
			return i;
	return -1;
}

char *getenv(const char *name)
{
	lock(&env_lock);
	size_t n = strlen(name);
	int i = find(name, n);
	char *v = i < 0 ? NULL : environ[i] + n + 1;
	unlock(&env_lock);
	return v;
}

static int put(const char *name, size_t n, char *entry, int replace)
{
	int err = 0;
	lock(&env_lock);
	int i = find(name, n);
	if (i >= 0) {
		if (replace)
			environ[i] = entry;
		unlock(&env_lock);
		return 0;
	}
	for (i = 0; environ && environ[i]; i++)
		;
	if (environ != ours || i + 2 > room) {
		int want = 2 * i + 16;
		char **e = malloc(want * sizeof *e);
		if (e) {
			memcpy(e, environ, i * sizeof *e);
			if (environ == ours)
				free(ours);
			ours = environ = e;
			room = want;
		} else {
			err = -1;
		}
	}
	if (!err) {
		environ[i] = entry;
		environ[i + 1] = NULL;
	}
	unlock(&env_lock);
	return err;
}

int setenv(const char *name, const char *value, int replace)
{
	if (!name || !*name || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	if (!replace && getenv(name))
		return 0;
	size_t n = strlen(name), m = strlen(value);
	char *e = malloc(n + m + 2);
	if (!e)
		return -1;
	memcpy(e, name, n);
	e[n] = '=';
	memcpy(e + n + 1, value, m + 1);
	return put(name, n, e, replace);
}

int putenv(char *s)
{
	char *eq = strchr(s, '=');
	if (!eq || eq == s) {
		errno = EINVAL;
		return -1;
	}
	return put(s, eq - s, s, 1);
}

int unsetenv(const char *name)
{
	if (!name || !*name || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	lock(&env_lock);
	size_t n = strlen(name);
	int i;
	while ((i = find(name, n)) >= 0)
		do
			environ[i] = environ[i + 1];
		while (environ[i++]);
	unlock(&env_lock);
	return 0;
}

void env_fork_prepare(void) { lock(&env_lock); }
void env_fork_done(void) { unlock(&env_lock); }
