/*
 * A program that uses the driver: its device, its sysctls, its Mach server. It says ok,
 * or which line found something else.
 */
#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysctl.h>
#include <unistd.h>

#define WANT(c)                                                                                   \
	do {                                                                                      \
		if (!(c)) {                                                                       \
			printf("counter_client.c:%d: %s (errno %d)\n", __LINE__, #c, errno);      \
			return 1;                                                                 \
		}                                                                                 \
	} while (0)

#define COUNTER_RESET 0x20006301

static int number(int fd)
{
	char b[16] = "";
	return read(fd, b, sizeof b - 1) > 0 ? atoi(b) : -1;
}

static int value(void)
{
	int v = -1;
	size_t n = sizeof v;
	return sysctlbyname("debug.counter.value", &v, &n, NULL, 0) == 0 ? v : -1;
}

static int message(mach_port_t to, int id, int by, int *code)
{
	struct {
		mach_msg_header_t head;
		int word[2];
		char trailer[128];
	} m = {{MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof m.head + 4, to, mig_get_reply_port(), 0, id}, {by}};
	kern_return_t kr = mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, m.head.msgh_size, sizeof m, m.head.msgh_local_port,
		20000, MACH_PORT_NULL);
	if (kr != KERN_SUCCESS || m.head.msgh_id != id + 100)
		return -1;
	*code = m.word[0];
	return m.word[1];
}

int main(void)
{
	int fd = open("/dev/counter", O_RDWR), five = 5, code = 0;
	mach_port_t server;

	WANT(fd >= 0);
	WANT(number(fd) == 1 && number(fd) == 2 && value() == 2);
	WANT(write(fd, "40", 2) == 2 && number(fd) == 41);
	WANT(write(fd, "x", 1) == -1 && errno == EINVAL);
	WANT(sysctlbyname("debug.counter.step", NULL, NULL, &five, sizeof five) == 0);
	WANT(number(fd) == 46);
	WANT(ioctl(fd, COUNTER_RESET) == 0 && value() == 0);
	WANT(ioctl(fd, COUNTER_RESET + 1) == -1 && errno == ENOTTY);
	WANT(bootstrap_look_up(bootstrap_port, "com.example.counter", &server) == KERN_SUCCESS);
	WANT(message(server, 101, 10, &code) == 0 && code == 0);
	WANT(message(server, 100, 0, &code) == 10 && code == 0 && value() == 10);
	message(server, 999, 0, &code);
	WANT(code == KERN_INVALID_ARGUMENT);
	printf("ok\n");
	return 0;
}
