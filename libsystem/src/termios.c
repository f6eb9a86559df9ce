/* Terminals are ioctls. */
#include "private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>
#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

int tcgetattr(int fd, struct termios *t) { return ioctl(fd, TIOCGETA, t); }
int tcsetattr(int fd, int how, const struct termios *t)
{
	static const unsigned long req[] = { TIOCSETA, TIOCSETAW, TIOCSETAF };
	struct termios copy = *t;
	if ((how & ~TCSASOFT) > 2 || how < 0) {
		errno = EINVAL;
		return -1;
	}
	if (how & TCSASOFT)
		copy.c_cflag |= 0x80000000; /* CIGNORE */
	return ioctl(fd, req[how & ~TCSASOFT], &copy);
}
int tcdrain(int fd) { pthread_testcancel(); return ioctl(fd, TIOCDRAIN, 0); }
int tcflush(int fd, int q)
{
	int com = q == TCIFLUSH ? 1 : q == TCOFLUSH ? 2 : q == TCIOFLUSH ? 3 : 0;
	if (!com) {
		errno = EINVAL;
		return -1;
	}
	return ioctl(fd, TIOCFLUSH, &com);
}
int tcflow(int fd, int act)
{
	struct termios t;
	switch (act) {
	case TCOOFF: return ioctl(fd, TIOCSTOP, 0);
	case TCOON: return ioctl(fd, TIOCSTART, 0);
	case TCION: case TCIOFF:
		if (tcgetattr(fd, &t) < 0)
			return -1;
		unsigned char c = t.c_cc[act == TCIOFF ? VSTOP : VSTART];
		if (c != _POSIX_VDISABLE && write(fd, &c, 1) < 0)
			return -1;
		return 0;
	}
	errno = EINVAL;
	return -1;
}
int tcsendbreak(int fd, int len)
{
	if (ioctl(fd, TIOCSBRK, 0) < 0)
		return -1;
	usleep(400000);
	return ioctl(fd, TIOCCBRK, 0);
}
pid_t tcgetpgrp(int fd) { int p; return ioctl(fd, TIOCGPGRP, &p) < 0 ? -1 : p; }
int tcsetpgrp(int fd, pid_t p) { int v = p; return ioctl(fd, TIOCSPGRP, &v); }
pid_t tcgetsid(int fd) { int s; return ioctl(fd, 0x40047463, &s) < 0 ? -1 : s; }
void cfmakeraw(struct termios *t)
{
	t->c_iflag &= ~(IMAXBEL | IXOFF | INPCK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IGNPAR);
	t->c_iflag |= IGNBRK;
	t->c_oflag &= ~OPOST;
	t->c_lflag &= ~(ECHO | ECHOE | ECHOK | ECHONL | ICANON | ISIG | IEXTEN | NOFLSH | TOSTOP | PENDIN);
	t->c_cflag &= ~(CSIZE | PARENB);
	t->c_cflag |= CS8 | CREAD;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}
speed_t cfgetispeed(const struct termios *t) { return t->c_ispeed; }
speed_t cfgetospeed(const struct termios *t) { return t->c_ospeed; }
int cfsetispeed(struct termios *t, speed_t s) { t->c_ispeed = s; return 0; }
int cfsetospeed(struct termios *t, speed_t s) { t->c_ospeed = s; return 0; }
int cfsetspeed(struct termios *t, speed_t s) { t->c_ispeed = t->c_ospeed = s; return 0; }
char *ctermid(char *b)
{
	static char own[16];
	return strcpy(b ? b : own, "/dev/tty");
}
int ttyname_r(int fd, char *buf, size_t n)
{
	struct stat st, e;
	char path[300] = "/dev/";
	if (!isatty(fd))
		return errno = ENOTTY;
	if (fstat(fd, &st) < 0)
		return errno;
	DIR *d = opendir("/dev");
	if (!d)
		return errno;
	struct dirent *de;
	int err = ENOTTY;
	while ((de = readdir(d)))
		if (strcmp(de->d_name, "tty") != 0 && strlcpy(path + 5, de->d_name, sizeof path - 5) < sizeof path - 5 &&
		    stat(path, &e) == 0 && S_ISCHR(e.st_mode) && e.st_rdev == st.st_rdev) {
			err = strlcpy(buf, path, n) < n ? 0 : ERANGE;
			break;
		}
	closedir(d);
	return err ? errno = err : 0;
}
char *ttyname(int fd)
{
	static char name[128];
	return ttyname_r(fd, name, sizeof name) ? NULL : name;
}
