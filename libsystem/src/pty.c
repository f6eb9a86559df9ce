/* Terminals of one's own, and what is asked at them. */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <readpassphrase.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <util.h>

int login_tty(int fd)
{
	setsid();
	if (ioctl(fd, TIOCSCTTY, NULL) < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	return 0;
}
int openpty(int *master, int *slave, char *name, struct termios *tio, struct winsize *win)
{
	char path[128];
	int m = posix_openpt(O_RDWR | O_NOCTTY), s = -1;
	if (m < 0)
		return -1;
	if (grantpt(m) == 0 && unlockpt(m) == 0 && ptsname_r(m, path, sizeof path) == 0)
		s = open(path, O_RDWR | O_NOCTTY);
	if (s < 0) {
		close(m);
		return -1;
	}
	if (tio)
		tcsetattr(s, TCSAFLUSH, tio);
	if (win)
		ioctl(s, TIOCSWINSZ, win);
	if (name)
		strcpy(name, path);
	*master = m;
	*slave = s;
	return 0;
}
pid_t forkpty(int *master, char *name, struct termios *tio, struct winsize *win)
{
	int m, s;
	if (openpty(&m, &s, name, tio, win) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(m);
		if (login_tty(s) < 0)
			_exit(1);
		return 0;
	}
	close(s);
	if (pid < 0)
		close(m);
	else
		*master = m;
	return pid;
}

int daemon(int nochdir, int noclose)
{
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid > 0)
		_exit(0);
	if (setsid() < 0)
		return -1;
	if (!nochdir)
		chdir("/");
	int fd = noclose ? -1 : open("/dev/null", O_RDWR);
	if (fd >= 0) {
		for (int i = 0; i < 3; i++)
			dup2(fd, i);
		if (fd > 2)
			close(fd);
	}
	return 0;
}

/* Signals that come while a line is read wait for the terminal to be as it was. */
char *readpassphrase(const char *prompt, char *buf, size_t size, int flags)
{
	if (size == 0) {
		errno = EINVAL;
		return NULL;
	}
	int tty = flags & RPP_STDIN ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC), in = tty, out = tty;
	if (tty < 0) {
		if (flags & RPP_REQUIRE_TTY) {
			errno = ENOTTY;
			return NULL;
		}
		in = STDIN_FILENO;
		out = STDERR_FILENO;
	}
	struct termios was, quiet;
	sigset_t all = ~0u, mask;
	bool silent = !(flags & RPP_ECHO_ON) && tcgetattr(in, &was) == 0;
	sigprocmask(SIG_BLOCK, &all, &mask);
	if (silent) {
		quiet = was;
		quiet.c_lflag &= ~(ECHO | ECHONL);
		tcsetattr(in, TCSAFLUSH, &quiet);
	}
	write(out, prompt, strlen(prompt));
	size_t n = 0;
	char c;
	ssize_t r;
	while ((r = read(in, &c, 1)) == 1 && c != '\n' && c != '\r')
		if (n < size - 1) {
			if (flags & RPP_SEVENBIT)
				c &= 0x7f;
			if (flags & RPP_FORCELOWER && c >= 'A' && c <= 'Z')
				c |= 32;
			if (flags & RPP_FORCEUPPER && c >= 'a' && c <= 'z')
				c &= ~32;
			buf[n++] = c;
		}
	buf[n] = 0;
	int err = errno;
	if (silent) {
		write(out, "\n", 1);
		tcsetattr(in, TCSAFLUSH, &was);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (tty >= 0)
		close(tty);
	errno = err;
	return r < 0 || (r == 0 && n == 0) ? NULL : buf;
}
char *getpass(const char *prompt)
{
	static char buf[129];
	if (!readpassphrase(prompt, buf, sizeof buf, RPP_ECHO_OFF))
		buf[0] = 0;
	return buf;
}
