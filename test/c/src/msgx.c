/* Several messages in one call. */
#include "check.h"
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct msghdr_x { struct msghdr h; size_t datalen; };
ssize_t sendmsg_x(int, const struct msghdr_x *, unsigned, int);
ssize_t recvmsg_x(int, const struct msghdr_x *, unsigned, int);

int main(void)
{
	int s[2];
	char in[4][8] = { "one", "two", "three" }, out[4][8] = { "" };
	struct iovec vi[4], vo[4];
	struct msghdr_x mi[4] = { 0 }, mo[4] = { 0 };
	CHECKEQ(sizeof *mi, 56);
	CHECKEQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), 0);
	for (int i = 0; i < 4; i++) {
		vi[i] = (struct iovec){ in[i], strlen(in[i]) + 1 };
		vo[i] = (struct iovec){ out[i], sizeof out[i] };
		mi[i].h.msg_iov = &vi[i];
		mo[i].h.msg_iov = &vo[i];
		mi[i].h.msg_iovlen = mo[i].h.msg_iovlen = 1;
	}
	CHECKEQ(sendmsg_x(s[0], mi, 3, 0), 3);
	CHECKEQ(recvmsg_x(s[1], mo, 4, 0), 3);
	for (int i = 0; i < 3; i++) {
		CHECKEQ(mo[i].datalen, strlen(in[i]) + 1);
		CHECKSTR(out[i], in[i]);
	}
	errno = 0;
	CHECKEQ(recvmsg_x(s[1], mo, 4, MSG_DONTWAIT), -1);
	CHECKEQ(errno, EAGAIN);
	CHECKEQ(sendmsg_x(s[0], mi, 0, 0), -1);
	CHECKEQ(errno, EINVAL);
	if (!failures)
		printf("msgx ok\n");
	DONE();
}
