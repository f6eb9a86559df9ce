/* libproc: what proc_info tells of files, regions and use of resources. */
#include "check.h"
#include <fcntl.h>
#include <libproc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/event.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* what the kernel tells of descriptors that are no files */
static void descriptors(pid_t me)
{
	struct socket_fdinfo si;
	struct pipe_fdinfo pr, pw;
	struct kqueue_fdinfo kq;
	struct pshm_fdinfo shm;
	struct in_sockinfo *in = &si.psi.soi_proto.pri_in;
	struct sockaddr_in sin = {.sin_len = sizeof sin, .sin_family = AF_INET};
	socklen_t len = sizeof sin;

	int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECKEQ(bind(l, (void *)&sin, sizeof sin), 0);
	CHECKEQ(listen(l, 5), 0);
	CHECKEQ(getsockname(l, (void *)&sin, &len), 0);
	CHECKEQ(connect(c, (void *)&sin, sizeof sin), 0);
	int a = accept(l, NULL, NULL);
	CHECKEQ(write(c, "1234567", 7), 7);
	char peek;
	CHECKEQ(recv(a, &peek, 1, MSG_PEEK), 1);
	CHECKEQ(sizeof si, 792);
	CHECKEQ(proc_pidfdinfo(me, l, PROC_PIDFDSOCKETINFO, &si, sizeof si), 792);
	CHECK(si.pfi.fi_type == PROX_FDTYPE_SOCKET && si.psi.soi_kind == SOCKINFO_TCP);
	CHECK(si.psi.soi_family == AF_INET && si.psi.soi_type == SOCK_STREAM && si.psi.soi_protocol == IPPROTO_TCP);
	CHECK((si.psi.soi_options & SO_ACCEPTCONN) && !(si.psi.soi_state & SOI_S_ISCONNECTED));
	CHECKEQ(si.psi.soi_proto.pri_tcp.tcpsi_state, TSI_S_LISTEN);
	CHECK(in->insi_lport == sin.sin_port && in->insi_fport == 0 && in->insi_vflag == INI_IPV4);
	CHECK(in->insi_laddr.ina_46.i46a_addr4.s_addr == htonl(INADDR_LOOPBACK) && in->insi_faddr.ina_46.i46a_addr4.s_addr == 0);
	CHECKEQ(proc_pidfdinfo(me, a, PROC_PIDFDSOCKETINFO, &si, sizeof si), 792);
	CHECKEQ(si.psi.soi_proto.pri_tcp.tcpsi_state, TSI_S_ESTABLISHED);
	CHECK((si.psi.soi_state & SOI_S_ISCONNECTED) && si.psi.soi_rcv.sbi_cc == 7 && S_ISSOCK(si.psi.soi_stat.vst_mode));
	CHECKEQ(getsockname(c, (void *)&sin, &len), 0);
	CHECK(in->insi_fport == sin.sin_port);
	uint64_t so = si.psi.soi_so;
	CHECKEQ(proc_pidfdinfo(me, c, PROC_PIDFDSOCKETINFO, &si, sizeof si), 792);
	CHECK(si.psi.soi_so != so && in->insi_lport == sin.sin_port);

	struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = "sock"};
	int u = socket(AF_UNIX, SOCK_STREAM, 0), v = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECKEQ(bind(u, (void *)&sun, sizeof sun), 0);
	CHECKEQ(listen(u, 1), 0);
	CHECKEQ(connect(v, (void *)&sun, sizeof sun), 0);
	CHECKEQ(proc_pidfdinfo(me, u, PROC_PIDFDSOCKETINFO, &si, sizeof si), 792);
	CHECKEQ(si.psi.soi_kind, SOCKINFO_UN);
	CHECKSTR(si.psi.soi_proto.pri_un.unsi_addr.ua_sun.sun_path, "sock");
	CHECKEQ(proc_pidfdinfo(me, v, PROC_PIDFDSOCKETINFO, &si, sizeof si), 792);
	CHECKSTR(si.psi.soi_proto.pri_un.unsi_caddr.ua_sun.sun_path, "sock");
	uint64_t peer = si.psi.soi_proto.pri_un.unsi_conn_so;
	int w = accept(u, NULL, NULL);
	CHECKEQ(proc_pidfdinfo(me, w, PROC_PIDFDSOCKETINFO, &si, sizeof si), 792);
	CHECK(si.psi.soi_so == peer && peer != 0);

	int p[2], q = kqueue();
	CHECKEQ(pipe(p), 0);
	CHECKEQ(write(p[1], "abc", 3), 3);
	CHECKEQ(proc_pidfdinfo(me, p[0], PROC_PIDFDPIPEINFO, &pr, sizeof pr), 184);
	CHECKEQ(proc_pidfdinfo(me, p[1], PROC_PIDFDPIPEINFO, &pw, sizeof pw), 184);
	CHECK(pr.pipeinfo.pipe_handle == pw.pipeinfo.pipe_peerhandle && pw.pipeinfo.pipe_handle == pr.pipeinfo.pipe_peerhandle);
	CHECK(pr.pipeinfo.pipe_handle != pw.pipeinfo.pipe_handle && pr.pipeinfo.pipe_stat.vst_size == 3);
	CHECKEQ(proc_pidfdinfo(me, q, PROC_PIDFDKQUEUEINFO, &kq, sizeof kq), 168);
	CHECK(kq.pfi.fi_type == PROX_FDTYPE_KQUEUE);
	int m = shm_open("/procinfo", O_RDWR | O_CREAT, 0600);
	CHECKEQ(proc_pidfdinfo(me, m, PROC_PIDFDPSHMINFO, &shm, sizeof shm), 1192);
	CHECKSTR(shm.pshminfo.pshm_name, "/procinfo");
	CHECKEQ(shm_unlink("/procinfo"), 0);
	errno = 0;
	CHECKEQ(proc_pidfdinfo(me, q, PROC_PIDFDSOCKETINFO, &si, sizeof si), 0);
	CHECKEQ(errno, EBADF);
	CHECKEQ(proc_pidfdinfo(me, a, PROC_PIDFDSOCKETINFO, &si, sizeof si - 1), 0);
	CHECKEQ(errno, ENOMEM);
	int all[] = {l, c, a, u, v, w, p[0], p[1], q, m};
	for (int i = 0; i < 10; i++)
		close(all[i]);
}

extern char **environ;

/* kern.procargs2: path, arguments and environment, each part up to a word */
static void arguments(pid_t me, char **argv)
{
	static char area[1 << 18];
	int mib[] = {CTL_KERN, KERN_PROCARGS2, me};
	size_t n = sizeof area;
	CHECKEQ(sysctl(mib, 3, area, &n, NULL, 0), 0);
	char *p = area + 4, *start = p;
	p += strlen(p) + 1;
	while ((p - start) % 8)
		CHECKEQ(*p++, 0);
	CHECKSTR(p, argv[0]);
	int strings;
	memcpy(&strings, area, 4);
	for (int i = 0; i < strings; i++, p += strlen(p) + 1)
		CHECKSTR(p, argv[i]);
	CHECK(argv[strings] == NULL);
	for (char **e = environ; *e; e++, p += strlen(p) + 1)
		CHECKSTR(p, *e);
	while ((p - start) % 8)
		CHECKEQ(*p++, 0);
	CHECK(strncmp(p, "ptr_munge=", 10) == 0);
}

/* The same of a process with more of them than the kernel keeps. */
static void many(char *self)
{
	static char arg[60000], env[20][5000], *envs[21];
	memset(arg, 'a', sizeof arg - 1);
	for (int i = 0; i < 20; i++) {
		memset(env[i], 'a' + i, sizeof env[i] - 1);
		env[i][1] = '=';
		envs[i] = env[i];
	}
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		execve(self, (char *[]){self, "many", arg, arg, "", NULL}, envs);
		_exit(9);
	}
	CHECKEQ(waitpid(pid, &status, 0), pid);
	CHECKEQ(status, 0);
}

int main(int argc, char **argv)
{
	if (argc == 5) {
		arguments(getpid(), argv);
		return failures != 0;
	}
	struct proc_vnodepathinfo cwd;
	struct vnode_fdinfowithpath f;
	struct proc_fdinfo fds[64];
	struct rusage_info_v2 ru;
	struct proc_bsdinfo bi;
	struct stat st;
	char path[1024], here[1024];
	pid_t me = getpid();

	CHECK(getcwd(here, sizeof here) != NULL);
	CHECKEQ(proc_pidinfo(me, PROC_PIDVNODEPATHINFO, 0, &cwd, sizeof cwd), 2352);
	CHECKSTR(cwd.pvi_cdir.vip_path, here);
	CHECKSTR(cwd.pvi_rdir.vip_path, "");
	CHECKEQ(stat(".", &st), 0);
	CHECK(cwd.pvi_cdir.vip_vi.vi_stat.vst_ino == st.st_ino && cwd.pvi_cdir.vip_vi.vi_type == 2);

	int fd = open("file", O_RDWR | O_CREAT | O_APPEND, 0640);
	CHECKEQ(write(fd, "12345", 5), 5);
	int n = proc_pidinfo(me, PROC_PIDLISTFDS, 0, NULL, 0);
	CHECK(n >= 4 * (int)sizeof fds[0]);
	n = proc_pidinfo(me, PROC_PIDLISTFDS, 0, fds, sizeof fds) / sizeof fds[0];
	int found = 0;
	for (int i = 0; i < n; i++)
		found += fds[i].proc_fd == fd && fds[i].proc_fdtype == 1;
	CHECKEQ(found, 1);
	CHECKEQ(proc_pidfdinfo(me, fd, PROC_PIDFDVNODEPATHINFO, &f, sizeof f), 1200);
	CHECK(f.pvip.vip_vi.vi_stat.vst_size == 5 && (f.pvip.vip_vi.vi_stat.vst_mode & 0777) == 0640 && f.pfi.fi_offset == 5);
	snprintf(path, sizeof path, "%s/file", here);
	CHECKSTR(f.pvip.vip_path, path);
	errno = 0;
	CHECKEQ(proc_pidfdinfo(me, 60, PROC_PIDFDVNODEPATHINFO, &f, sizeof f), 0);
	CHECKEQ(errno, EBADF);
	CHECKEQ(proc_pidfdinfo(me, fd, PROC_PIDFDVNODEPATHINFO, &f, sizeof f - 1), 0);
	CHECKEQ(errno, ENOMEM);

	CHECK(proc_regionfilename(me, (uint64_t)(uintptr_t)main, path, sizeof path) > 0);
	CHECK(strlen(path) > 8 && strcmp(path + strlen(path) - 8, "procinfo") == 0);

	volatile char *page = malloc(1 << 20);
	for (int i = 0; i < 1 << 20; i += 4096)
		page[i] = 1;
	for (volatile int i = 0; i < 10000000; i++)
		;
	CHECKEQ(proc_pid_rusage(me, RUSAGE_INFO_V2, (rusage_info_t *)&ru), 0);
	CHECK(ru.ri_resident_size > 1 << 20 && ru.ri_phys_footprint > 1 << 20 && ru.ri_user_time > 0);
	CHECKEQ(proc_pid_rusage(me, 99, (rusage_info_t *)&ru), -1);
	CHECKEQ(errno, EINVAL);
	CHECKEQ(proc_pid_rusage(99998, RUSAGE_INFO_V0, (rusage_info_t *)&ru), -1);
	CHECKEQ(errno, ESRCH);

	descriptors(me);
	arguments(me, argv);
	many(argv[0]);
	int v = open("/System/Library/CoreServices/SystemVersion.plist", O_RDONLY);
	char plist[4096] = "", product[32];
	size_t plen = sizeof product;
	CHECK(read(v, plist, sizeof plist - 1) > 0);
	CHECKEQ(sysctlbyname("kern.osproductversion", product, &plen, NULL, 0), 0);
	CHECK(strstr(plist, "<key>ProductVersion</key>") && strstr(plist, product));
	close(v);

	/* a child in another directory */
	CHECKEQ(mkdir("sub", 0755), 0);
	int p[2];
	char c;
	pipe(p);
	pid_t pid = fork();
	if (pid == 0) {
		chdir("sub");
		write(p[1], "x", 1);
		for (;;)
			pause();
	}
	CHECKEQ(read(p[0], &c, 1), 1);
	CHECKEQ(proc_pidinfo(pid, PROC_PIDVNODEPATHINFO, 0, &cwd, sizeof cwd), 2352);
	snprintf(path, sizeof path, "%s/sub", here);
	CHECKSTR(cwd.pvi_cdir.vip_path, path);
	CHECKEQ(proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &bi, sizeof bi), 136);
	CHECK(bi.pbi_ppid == me && bi.pbi_pid == pid && bi.e_tdev == (uint32_t)-1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (!failures)
		puts("procinfo ok");
	DONE();
}
