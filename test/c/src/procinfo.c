/* libproc: what proc_info tells of files, regions and use of resources. */
#include "check.h"
#include <fcntl.h>
#include <libproc.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
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
