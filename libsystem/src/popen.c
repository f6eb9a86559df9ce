/* system and popen: children that run a line of the shell. */
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

extern char **environ;

int system(const char *line)
{
	if (!line)
		return access(_PATH_BSHELL, X_OK) == 0;
	pthread_testcancel();
	struct sigaction ign = { { SIG_IGN }, 0, 0 }, oldint, oldquit;
	sigset_t chld, old;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigaction(SIGINT, &ign, &oldint);
	sigaction(SIGQUIT, &ign, &oldquit);
	sigprocmask(SIG_BLOCK, &chld, &old);

	posix_spawnattr_t attr;
	int err = posix_spawnattr_init(&attr), status = -1;
	pid_t pid = -1;
	if (err == 0) {
		sigset_t def = 0;
		if (oldint.sa_handler != SIG_IGN)
			sigaddset(&def, SIGINT);
		if (oldquit.sa_handler != SIG_IGN)
			sigaddset(&def, SIGQUIT);
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
		posix_spawnattr_setsigdefault(&attr, &def);
		posix_spawnattr_setsigmask(&attr, &old);
		char *argv[] = { "sh", "-c", (char *)line, NULL };
		err = posix_spawn(&pid, _PATH_BSHELL, NULL, &attr, argv, environ);
		posix_spawnattr_destroy(&attr);
		if (err == 0)
			while (wait4(pid, &status, 0, NULL) < 0 && errno == EINTR)
				;
		else
			status = 127 << 8;
	}
	sigaction(SIGINT, &oldint, NULL);
	sigaction(SIGQUIT, &oldquit, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (err == ENOMEM || err == EAGAIN) {
		errno = err;
		return -1;
	}
	return status;
}

FILE *popen(const char *line, const char *mode)
{
	int fds[2];
	bool both = strchr(mode, '+') != NULL, in = mode[0] == 'r' || both;
	if (mode[0] != 'r' && mode[0] != 'w') {
		errno = EINVAL;
		return NULL;
	}
	if (both ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 : pipe(fds) < 0)
		return NULL;
	int mine = both || in ? fds[0] : fds[1], its = both || in ? fds[1] : fds[0];
	fcntl(mine, F_SETFD, FD_CLOEXEC);
	/* The stream first: a shell that nobody could wait for is not begun. */
	FILE *f = file_new(mine, both ? __SRW : in ? __SRD : __SWR);
	if (!f) {
		int e = errno;
		close(mine);
		close(its);
		errno = e;
		return NULL;
	}
	posix_spawn_file_actions_t fa;
	int err = posix_spawn_file_actions_init(&fa);
	if (err == 0) {
		if (its != (in ? 1 : 0))
			posix_spawn_file_actions_adddup2(&fa, its, in ? 1 : 0);
		if (both && its != 0)
			posix_spawn_file_actions_adddup2(&fa, its, 0);
		if (its > 1)
			posix_spawn_file_actions_addclose(&fa, its);
		char *argv[] = { "sh", "-c", (char *)line, NULL };
		err = posix_spawn(&f->_extra->child, _PATH_BSHELL, &fa, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&fa);
	}
	close(its);
	if (err == 0)
		return f;
	f->_extra->child = 0;
	fclose(f);
	errno = err;
	return NULL;
}

int pclose(FILE *f)
{
	pid_t pid = f->_extra->child;
	int status = -1;
	if (pid <= 0) {
		errno = EINVAL;
		return -1;
	}
	fclose(f);
	while (wait4(pid, &status, 0, NULL) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}
