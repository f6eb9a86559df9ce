/* File systems that mount(2) has by itself: run as root, in an empty directory. */
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/attr.h>
#include <sys/clonefile.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FAILS(call, err) do { errno = 0; long r_ = (long)(call); if (r_ != -1 || errno != (err)) { failures++; \
	fprintf(stderr, "%s:%d: %s is %ld, errno %d; want errno %d\n", __FILE__, __LINE__, #call, r_, errno, err); } } while (0)

static void put(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	CHECK(fd >= 0);
	CHECKEQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}
static const char *get(const char *path)
{
	static char b[64];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, b, sizeof b - 1);
	close(fd);
	b[n > 0 ? n : 0] = 0;
	return fd < 0 ? "no file" : b;
}
static const char *list(const char *path)
{
	static char all[256];
	char *names[16];
	int n = 0;
	all[0] = 0;
	DIR *d = opendir(path);
	CHECK(d != NULL);
	for (struct dirent *e; d && n < 16 && (e = readdir(d));)
		if (e->d_name[0] != '.')
			names[n++] = strdup(e->d_name);
	if (d)
		closedir(d);
	for (int i = 0; i < n; i++) /* smallest first */
		for (int k = i + 1; k < n; k++)
			if (strcmp(names[k], names[i]) < 0) {
				char *t = names[i];
				names[i] = names[k], names[k] = t;
			}
	for (int i = 0; i < n; i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", names[i]);
	return all;
}
/* as runs f as another user, and gives its number of failures. */
static int as(uid_t uid, gid_t gid, void (*f)(void))
{
	fflush(stdout);
	fflush(stderr);
	pid_t pid = fork();
	if (pid == 0) {
		failures = 0;
		CHECKEQ(setgid(gid), 0);
		CHECKEQ(setuid(uid), 0);
		f();
		fflush(stderr);
		_exit(failures);
	}
	int status = -1;
	CHECKEQ(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void names(void)
{
	struct stat st, st2;
	CHECKEQ(mount("hfs", "v", 0, NULL), 0);
	put("v/File", "text");
	CHECKSTR(get("v/FILE"), "text");
	CHECKSTR(list("v"), "File ");
	FAILS(open("v/fILE", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
	FAILS(mkdir("v/FILE", 0755), EEXIST);
	put("v/file", "more");
	CHECKSTR(list("v"), "File ");
	CHECKSTR(get("v/File"), "more");
	CHECKEQ(rename("v/FILE", "v/fiLE"), 0);
	CHECKSTR(list("v"), "fiLE ");
	CHECKEQ(mkdir("v/Dir", 0755), 0);
	CHECKEQ(rename("v/file", "v/DIR/\xc3\x84ther"), 0);
	CHECKEQ(stat("v/dir/\xc3\xa4THER", &st), 0);
	CHECKEQ(link("v/dir/\xc3\xa4ther", "v/two"), 0);
	CHECKEQ(stat("v/TWO", &st2), 0);
	CHECKEQ(st.st_ino, st2.st_ino);
	CHECKEQ(st2.st_nlink, 2);
	CHECKEQ(unlink("v/Two"), 0);
	CHECKSTR(list("v"), "Dir ");
	CHECKEQ(unlink("v/dir/\xc3\x84THER"), 0);
	CHECKEQ(rmdir("v/DIR"), 0);
	CHECKEQ(unmount("v", 0), 0);

	CHECKEQ(mount("ufs", "v", 0, NULL), 0);
	put("v/File", "text");
	FAILS(open("v/FILE", O_RDONLY), ENOENT);
	put("v/FILE", "other");
	CHECKSTR(list("v"), "FILE File ");
	struct statfs sf;
	CHECKEQ(statfs("v/File", &sf), 0);
	CHECKSTR(sf.f_fstypename, "ufs");
	int fd = open("v/File", O_RDONLY);
	FAILS(unmount("v", 0), EBUSY);
	close(fd);
	CHECKEQ(unmount("v", 0), 0);
	FAILS(mount("msdosfs", "v", 0, NULL), ENODEV);
}

static void may(void)
{
	struct stat st;
	put("v/mine", "by a user");
	put("v/roots", "by a user");
	CHECKEQ(chmod("v/roots", 0600), 0);
	CHECKEQ(stat("v/roots", &st), 0);
	CHECKEQ(st.st_uid, getuid());
	CHECKEQ(unlink("v/dir/file"), 0);
}
static void maynot(void)
{
	FAILS(open("v/roots", O_WRONLY), EACCES);
	FAILS(open("v/mine", O_CREAT | O_WRONLY, 0644), EACCES);
	FAILS(chmod("v/roots", 0600), EPERM);
	FAILS(unlink("v/dir/file"), EACCES);
}
static void ownership(void)
{
	struct stat st;
	for (int ignore = 0; ignore < 2; ignore++) {
		CHECKEQ(mount("hfs", "v", ignore ? MNT_IGNORE_OWNERSHIP : 0, NULL), 0);
		put("v/roots", "by root");
		CHECKEQ(mkdir("v/dir", 0755), 0);
		put("v/dir/file", "");
		CHECKEQ(as(501, 20, ignore ? may : maynot), 0);
		CHECKSTR(get("v/roots"), ignore ? "by a user" : "by root");
		if (ignore) { /* it belongs to nobody that is known */
			CHECKEQ(stat("v/mine", &st), 0);
			CHECKEQ(st.st_uid, 99);
			put("v/dir/file", "");
			CHECKEQ(as(502, 20, may), 0); /* what the first one owned is another's as well */
		}
		struct statfs sf;
		CHECKEQ(statfs("v", &sf), 0);
		CHECKEQ(!!(sf.f_flags & MNT_IGNORE_OWNERSHIP), ignore);
		CHECKEQ(unmount("v", 0), 0);
	}
}

static void layers(void)
{
	struct stat st, st2;
	char b[64];
	CHECKEQ(mkdir("below", 0755), 0);
	CHECKEQ(mkdir("below/sub", 0755), 0);
	put("below/a", "a");
	struct { const char *target; } args = { "below" };
	CHECKEQ(mount("nullfs", "v", 0, &args), 0);
	CHECKSTR(list("v"), "a sub ");
	put("v/sub/b", "through the layer");
	CHECKSTR(get("below/sub/b"), "through the layer");
	CHECKEQ(rename("v/a", "v/sub/c"), 0);
	CHECKEQ(link("v/sub/c", "v/d"), 0);
	CHECKEQ(symlink("sub/c", "v/e"), 0);
	CHECKSTR(get("v/e"), "a");
	CHECKEQ(readlink("below/e", b, sizeof b), 5);
	CHECKEQ(chmod("v/d", 0640), 0);
	CHECKEQ(stat("below/d", &st), 0);
	CHECKEQ(stat("v/d", &st2), 0);
	CHECKEQ(st.st_mode & 0777, 0640);
	CHECKEQ(st.st_ino, st2.st_ino);
	CHECK(st.st_dev != st2.st_dev);
	FAILS(rename("v/d", "below/f"), EXDEV);
	FAILS(rmdir("v/sub"), ENOTEMPTY);
	int fd = open("v/d", O_RDWR);
	CHECKEQ(fcntl(fd, F_GETPATH, (char[1024]){0}), 0);
	CHECKEQ(ftruncate(fd, 3), 0);
	FAILS(unmount("v", 0), EBUSY);
	close(fd);
	CHECKEQ(stat("below/d", &st), 0);
	CHECKEQ(st.st_size, 3);
	CHECKEQ(unlink("v/e"), 0);
	CHECKEQ(unmount("v", 0), 0);
	FAILS(mount("nullfs", "v", 0, NULL), EFAULT);
	args.target = "below/d";
	FAILS(mount("nullfs", "v", 0, &args), ENOTDIR);

	/* A union: below shows through, what is new is above. */
	CHECKEQ(mount("ufs", "below", MNT_UNION, NULL), 0);
	CHECKSTR(list("below"), "d sub ");
	CHECKEQ(stat("below/d", &st), 0);
	put("below/new", "above");
	put("below/d", "still below");
	CHECKEQ(mkdir("below/up", 0755), 0);
	CHECKSTR(list("below"), "d new sub up ");
	CHECKSTR(get("below/sub/b"), "through the layer");
	CHECKSTR(get("below/up/../new"), "above");
	CHECKSTR(get("below/sub/../new"), "above");
	FAILS(mkdir("below/sub", 0755), EEXIST);
	CHECKEQ(unlink("below/d"), 0);
	FAILS(stat("below/d", &st), ENOENT);
	put("below/d", "above now");
	CHECKEQ(symlink("new", "below/link"), 0);
	CHECKSTR(get("below/link"), "above");
	CHECKSTR(list("below"), "d link new sub up ");
	CHECKEQ(unmount("below", 0), 0);
	CHECKSTR(list("below"), "sub ");
	CHECKEQ(unlink("below/sub/b"), 0);
	CHECKEQ(unlink("below/sub/c"), 0);
	CHECKEQ(rmdir("below/sub"), 0);
	CHECKEQ(rmdir("below"), 0);
}

static long quotactl_(const char *p, int cmd, int id, void *a) { return syscall(165, p, cmd, id, a); }
static void fill(void)
{
	static char b[40 * 1024];
	struct dqblk q;
	int fd = open("v/all/big", O_CREAT | O_RDWR, 0644);
	CHECK(fd >= 0);
	CHECKEQ(write(fd, b, sizeof b), 32 * 1024); /* what fits */
	FAILS(write(fd, b, 1), EDQUOT);
	CHECKEQ(ftruncate(fd, 4096), 0);
	CHECKEQ(pwrite(fd, b, 8192, 0), 8192);
	close(fd);
	CHECKEQ(close(open("v/all/2", O_CREAT | O_RDWR, 0644)), 0);
	FAILS(open("v/all/3", O_CREAT | O_RDWR, 0644), EDQUOT);
	FAILS(mkdir("v/all/3", 0755), EDQUOT);
	CHECKEQ(quotactl_("v", QCMD(Q_GETQUOTA, USRQUOTA), 501, &q), 0);
	CHECKEQ(q.dqb_curbytes, 8192);
	CHECKEQ(q.dqb_curinodes, 2);
	CHECKEQ(quotactl_("v", QCMD(Q_GETQUOTA, USRQUOTA), -1, &q), 0);
	CHECKEQ(q.dqb_curbytes, 8192);
	FAILS(quotactl_("v", QCMD(Q_GETQUOTA, USRQUOTA), 502, &q), EPERM);
	FAILS(quotactl_("v", QCMD(Q_SETQUOTA, USRQUOTA), 501, &q), EPERM);
}
static void nolimit(void)
{
	static char b[64 * 1024];
	int fd = open("v/all/other", O_CREAT | O_RDWR, 0644);
	CHECKEQ(write(fd, b, sizeof b), sizeof b);
	close(fd);
}
static void group(void)
{
	FAILS(open("v/all/third", O_CREAT | O_RDWR, 0644), EDQUOT);
}
static void quotas(void)
{
	struct dqblk q = { .dqb_bhardlimit = 32 * 1024, .dqb_ihardlimit = 2 }, now;
	int on = -1;
	CHECKEQ(mount("ufs", "v", 0, NULL), 0);
	CHECKEQ(mkdir("v/all", 0777), 0);
	CHECKEQ(chmod("v/all", 0777), 0);
	CHECKEQ(quotactl_("v", QCMD(Q_SETQUOTA, USRQUOTA), 501, &q), 0);
	CHECKEQ(quotactl_("v", QCMD(Q_QUOTASTAT, USRQUOTA), 0, &on), 0);
	CHECKEQ(on, 0);
	CHECKEQ(quotactl_("v", QCMD(Q_QUOTAON, USRQUOTA), 0, NULL), 0);
	CHECKEQ(quotactl_("v", QCMD(Q_QUOTASTAT, USRQUOTA), 0, &on), 0);
	CHECKEQ(on, 1);
	CHECKEQ(as(501, 20, fill), 0);
	CHECKEQ(as(502, 20, nolimit), 0);
	/* Files change their owner, and are counted with them. */
	CHECKEQ(chown("v/all/other", 501, 77), 0);
	CHECKEQ(quotactl_("v", QCMD(Q_GETQUOTA, USRQUOTA), 501, &now), 0);
	CHECKEQ(now.dqb_curbytes, 8192 + 64 * 1024);
	CHECKEQ(now.dqb_curinodes, 3);
	CHECKEQ(now.dqb_bhardlimit, 32 * 1024);
	CHECKEQ(quotactl_("v", QCMD(Q_GETQUOTA, GRPQUOTA), 77, &now), 0);
	CHECKEQ(now.dqb_curbytes, 64 * 1024);
	CHECKEQ(unlink("v/all/other"), 0);
	CHECKEQ(quotactl_("v", QCMD(Q_GETQUOTA, GRPQUOTA), 77, &now), 0);
	CHECKEQ(now.dqb_curbytes, 0);
	CHECKEQ(now.dqb_curinodes, 0);
	/* A directory's group is that of what is made in it. */
	CHECKEQ(chown("v/all", 0, 88), 0);
	q.dqb_ihardlimit = 1;
	CHECKEQ(quotactl_("v", QCMD(Q_SETQUOTA, GRPQUOTA), 88, &q), 0);
	CHECKEQ(quotactl_("v", QCMD(Q_QUOTAON, GRPQUOTA), 0, NULL), 0);
	CHECKEQ(as(503, 20, group), 0);
	FAILS(quotactl_("v", QCMD(Q_GETQUOTA, 7), 0, &now), EINVAL);
	FAILS(quotactl_("v", QCMD(0x4200, 0), 0, &now), EINVAL);
	FAILS(quotactl_("v", QCMD(Q_GETQUOTA, USRQUOTA), 501, (void *)8), EFAULT);
	FAILS(quotactl_(".", QCMD(Q_GETQUOTA, USRQUOTA), 501, &now), ENOTSUP);
	CHECKEQ(unmount("v", 0), 0);
}

/* A file's resource fork by its path, and what the Finder keeps of it. */
static void forks(void)
{
	struct stat st;
	char b[64] = "";
	struct { uint32_t size; char finder[32]; off_t rsrc; } __attribute__((packed)) r;
	struct attrlist l = { .bitmapcount = ATTR_BIT_MAP_COUNT, .commonattr = ATTR_CMN_FNDRINFO, .fileattr = ATTR_FILE_RSRCLENGTH };
	struct attrlist f = { .bitmapcount = ATTR_BIT_MAP_COUNT, .commonattr = ATTR_CMN_FNDRINFO };
	CHECKEQ(mount("hfs", "v", 0, NULL), 0);
	put("v/file", "the data fork");
	CHECKEQ(stat("v/file/..namedfork/rsrc", &st), 0);
	CHECKEQ(st.st_size, 0);
	put("v/file/..namedfork/rsrc", "resources");
	CHECKSTR(get("v/file"), "the data fork");
	CHECKSTR(get("v/file/..namedfork/rsrc"), "resources");
	CHECKSTR(get("v/file/..namedfork/data"), "the data fork");
	CHECKEQ(getxattr("v/file", XATTR_RESOURCEFORK_NAME, b, sizeof b, 0, 0), 9);
	CHECKSTR(b, "resources");
	CHECKEQ(getxattr("v/file", XATTR_RESOURCEFORK_NAME, b, sizeof b, 2, 0), 7);
	int fd = open("v/file/..namedfork/rsrc", O_RDWR | O_APPEND);
	CHECKEQ(write(fd, " more", 5), 5);
	CHECKEQ(pread(fd, b, 4, 10), 4);
	CHECKEQ(memcmp(b, "more", 4), 0);
	CHECKEQ(ftruncate(fd, 3), 0);
	CHECKEQ(fstat(fd, &st), 0);
	CHECKEQ(st.st_size, 3);
	signal(SIGXFSZ, SIG_IGN);
	FAILS(pwrite(fd, "x", 1, 1L << 40), EFBIG);
	FAILS(unmount("v", 0), EBUSY);
	close(fd);
	CHECKSTR(get("v/file/..namedfork/rsrc"), "res");
	CHECKEQ(stat("v/file", &st), 0);
	CHECKEQ(st.st_size, 13);
	FAILS(open("v/file/..namedfork/other", O_RDONLY), ENOTDIR);
	FAILS(open("v/file/..namedfork/rsrc/x", O_RDONLY), ENOTDIR);
	FAILS(open("v/file/..namedfork/rsrc/..namedfork/rsrc", O_RDONLY), ENOTDIR);
	FAILS(open("v/none/..namedfork/rsrc", O_RDONLY), ENOENT);
	FAILS(open("v/none/..namedfork/rsrc", O_CREAT | O_RDWR, 0644), ENOENT);
	FAILS(open("v/file/..namedfork/rsrc", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
	CHECK(unlink("v/file/..namedfork/rsrc") == -1 && rename("v/file/..namedfork/rsrc", "v/y") == -1 && mkdir("v/file/..namedfork/rsrc", 0755) == -1);
	CHECK(link("v/file/..namedfork/rsrc", "v/y") == -1);
	CHECKEQ(getattrlist("v/file", &l, &r, sizeof r, 0), 0);
	CHECKEQ(r.rsrc, 3);
	CHECKEQ(r.finder[0], 0);
	CHECKEQ(setattrlist("v/file", &f, "TEXTttxt\1\0and the rest, unread...", 32, 0), 0);
	CHECKEQ(getattrlist("v/file", &l, &r, sizeof r, 0), 0);
	CHECKEQ(memcmp(r.finder, "TEXTttxt\1\0and", 13), 0);
	CHECKEQ(getxattr("v/file", XATTR_FINDERINFO_NAME, b, sizeof b, 0, 0), 32);
	FAILS(setattrlist("v/file", &f, b, 31, 0), EINVAL);
	CHECKEQ(setattrlist("v/file", &f, (char[32]){0}, 32, 0), 0);
	FAILS(getxattr("v/file", XATTR_FINDERINFO_NAME, b, sizeof b, 0, 0), ENOATTR);
	CHECKEQ(rename("v/file", "v/moved"), 0);
	CHECKSTR(get("v/moved/..namedfork/rsrc"), "res");
	CHECKEQ(unlink("v/moved"), 0);
	CHECKEQ(unmount("v", 0), 0);
	/* A fork is no file of its own, on the host's file systems either. */
	put("h", "x");
	FAILS(link("h/..namedfork/rsrc", "l"), EPERM);
	FAILS(clonefile("h/..namedfork/rsrc", "l", 0), ENOTSUP);
	CHECK(rename("h", "h/..namedfork/rsrc") == -1);
	CHECKEQ(unlink("h"), 0);
}

int main(int argc, char **argv)
{
	CHECKEQ(chdir(argv[1]), 0);
	CHECKEQ(mkdir("v", 0755), 0);
	const struct { const char *name; void (*f)(void); } parts[] = { { "names", names }, { "ownership", ownership }, { "layers", layers }, { "quotas", quotas }, { "forks", forks } };
	for (int i = 0; i < 5; i++)
		if (argc > 2 && strcmp(argv[2], parts[i].name) == 0)
			parts[i].f();
	CHECKEQ(rmdir("v"), 0);
	if (!failures)
		puts("volumes ok");
	DONE();
}
