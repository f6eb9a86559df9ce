/* The packet filter: which programs are refused, and what those let through that are taken. */
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/bpf.h>
#include <netinet/in.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#define LD_PORT BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4 + 20 + 2) /* behind family and IP header */
static int set(int fd, struct bpf_insn *p, u_int n)
{
	struct bpf_program prog = { n, p };
	errno = 0;
	return ioctl(fd, BIOCSETF, &prog) == 0 ? 0 : errno;
}
#define SET(fd, ...) set(fd, (struct bpf_insn[]){__VA_ARGS__}, sizeof((struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn))

static unsigned short port;
static void udp(int s, const char *text)
{
	struct sockaddr_in a = { .sin_len = sizeof a, .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECKEQ(sendto(s, text, strlen(text), 0, (void *)&a, sizeof a), strlen(text));
}

int main(void)
{
	int fd = open("/dev/bpf3", O_RDWR);
	if (fd == -1 && errno == EACCES && getuid() != 0) {
		puts("bpf ok"); /* it is root's */
		return 0;
	}
	CHECK(fd >= 0);
	errno = 0;
	CHECK(open("/dev/bpf3", O_RDWR) == -1 && errno == EBUSY);
	/* What is no filter. */
	CHECKEQ(SET(fd, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)), EINVAL);                                   /* no end */
	CHECKEQ(SET(fd, BPF_JUMP(BPF_JMP | BPF_JA, -2, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)), EINVAL);          /* backwards */
	CHECKEQ(SET(fd, BPF_JUMP(BPF_JMP | BPF_JA, 7, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)), EINVAL);           /* too far */
	CHECKEQ(SET(fd, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 200), BPF_STMT(BPF_RET | BPF_K, 0)), EINVAL);
	CHECKEQ(SET(fd, BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_A, 0)), EINVAL);        /* by zero */
	CHECKEQ(SET(fd, BPF_STMT(BPF_LD | BPF_W | BPF_MEM, 16), BPF_STMT(BPF_RET | BPF_A, 0)), EINVAL);        /* no such word */
	CHECKEQ(SET(fd, BPF_STMT(BPF_ST, 0xffffffff), BPF_STMT(BPF_RET | BPF_A, 0)), EINVAL);
	CHECKEQ(SET(fd, BPF_STMT(0xffff, 0), BPF_STMT(BPF_RET | BPF_A, 0)), EINVAL);                          /* no instruction */
	static struct bpf_insn many[BPF_MAXINSNS + 1];
	many[BPF_MAXINSNS - 1].code = many[BPF_MAXINSNS].code = BPF_RET | BPF_K;
	CHECKEQ(set(fd, many, BPF_MAXINSNS + 1), EINVAL);
	CHECKEQ(set(fd, many, BPF_MAXINSNS), 0);
	CHECKEQ(set(fd, (void *)8, 4), EFAULT);
	CHECKEQ(set(fd, many, -1), EINVAL);

	struct ifreq ifr = { .ifr_name = "lo0" }, none = { .ifr_name = "ppp7" };
	u_int on = 1, size = 8192, dlt = 99;
	struct bpf_version v;
	CHECKEQ(ioctl(fd, BIOCVERSION, &v), 0);
	CHECK(v.bv_major == BPF_MAJOR_VERSION && v.bv_minor >= BPF_MINOR_VERSION);
	CHECK(ioctl(fd, BIOCSETIF, &none) == -1 && errno == ENXIO);
	CHECKEQ(ioctl(fd, BIOCSBLEN, &size), 0);
	CHECKEQ(ioctl(fd, BIOCSETIF, &ifr), 0);
	CHECK(ioctl(fd, BIOCSBLEN, &size) == -1 && errno == EINVAL);
	CHECKEQ(ioctl(fd, BIOCIMMEDIATE, &on), 0);
	CHECKEQ(ioctl(fd, BIOCGDLT, &dlt), 0);
	CHECKEQ(dlt, DLT_NULL);

	int r = socket(AF_INET, SOCK_DGRAM, 0), s = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = { .sin_len = sizeof a, .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	CHECKEQ(bind(r, (void *)&a, sizeof a), 0);
	CHECKEQ(getsockname(r, (void *)&a, &len), 0);
	port = a.sin_port;
	CHECKEQ(bind(other, (void *)&(struct sockaddr_in){ .sin_len = sizeof a, .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, sizeof a), 0);
	/* UDP to this port whose text begins with 'y', and no more of it than family, headers and a byte;
	 * behind the end of a packet that is too short, and after a division by what is zero, nothing. */
	CHECKEQ(SET(fd,
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 4 + 9), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 8),
		LD_PORT, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohs(port), 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 4 + 28), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'd', 0, 3), BPF_STMT(BPF_LDX | BPF_IMM, 0),
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), BPF_STMT(BPF_RET | BPF_K, 4 + 28 + 1), BPF_STMT(BPF_RET | BPF_K, 0)), 0);
	udp(s, "no");
	udp(s, "divide");
	udp(s, "");
	udp(s, "yes");
	port = a.sin_port;
	static char buf[8192];
	errno = 0;
	CHECK(read(fd, buf, 100) == -1 && errno == EINVAL);
	int kq = kqueue();
	struct kevent ev;
	EV_SET(&ev, fd, EVFILT_READ, EV_ADD, 0, 0, NULL);
	CHECKEQ(kevent(kq, &ev, 1, &ev, 1, NULL), 1);
	ssize_t n = read(fd, buf, sizeof buf);
	struct bpf_hdr *h = (void *)buf;
	CHECKEQ(ev.data, n);
	CHECKEQ(h->bh_caplen, 33);
	CHECKEQ(h->bh_datalen, 4 + 28 + 3);
	CHECKEQ(n, h->bh_hdrlen + 33);
	CHECKEQ((h->bh_hdrlen + 4) % 4, 0);
	const unsigned char *p = (void *)(buf + h->bh_hdrlen);
	CHECKEQ(p[0], AF_INET);
	CHECKEQ(p[4], 0x45);
	CHECKEQ(p[32], 'y');
	struct bpf_stat st;
	CHECKEQ(ioctl(fd, BIOCGSTATS, &st), 0);
	CHECK(st.bs_recv >= 4 && st.bs_drop == 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	errno = 0;
	CHECK(read(fd, buf, sizeof buf) == -1 && errno == EAGAIN);
	/* What is written goes out: the packet again, all of it. */
	CHECKEQ(set(fd, NULL, 0), 0);
	udp(s, "yellow");
	CHECK((n = read(fd, buf, sizeof buf)) > 0);
	h = (void *)buf;
	CHECKEQ(h->bh_caplen, 4 + 28 + 6);
	CHECKEQ(write(fd, buf + h->bh_hdrlen, h->bh_caplen), h->bh_caplen);
	char text[16];
	const char *want[] = { "no", "divide", "", "yes", "yellow", "yellow" };
	for (int i = 0; i < 6; i++) {
		memset(text, 0, sizeof text);
		CHECKEQ(recv(r, text, sizeof text - 1, 0), strlen(want[i]));
		CHECKSTR(text, want[i]);
	}
	CHECKEQ(close(fd), 0);
	CHECK((fd = open("/dev/bpf3", O_RDWR)) >= 0);
	if (!failures)
		puts("bpf ok");
	DONE();
}
