/* Walks of file hierarchies. */
#ifndef _FTS_H_
#define _FTS_H_
#include <sys/types.h>
#include <sys/stat.h>
typedef struct _ftsent {
	struct _ftsent *fts_cycle, *fts_parent, *fts_link;
	long fts_number;
	void *fts_pointer;
	char *fts_accpath, *fts_path;
	int fts_errno, fts_symfd;
	unsigned short fts_pathlen, fts_namelen;
	ino_t fts_ino;
	dev_t fts_dev;
	nlink_t fts_nlink;
	short fts_level;
	unsigned short fts_info, fts_flags, fts_instr;
	struct stat *fts_statp;
	char fts_name[1];
} FTSENT;
typedef struct {
	FTSENT *fts_cur, *fts_child, **fts_array;
	dev_t fts_dev;
	char *fts_path;
	int fts_rfd, fts_pathlen, fts_nitems;
	int (*fts_compar)(const FTSENT **, const FTSENT **);
	int fts_options;
} FTS;
#define FTS_COMFOLLOW 0x001
#define FTS_LOGICAL 0x002
#define FTS_NOCHDIR 0x004
#define FTS_NOSTAT 0x008
#define FTS_PHYSICAL 0x010
#define FTS_SEEDOT 0x020
#define FTS_XDEV 0x040
#define FTS_WHITEOUT 0x080
#define FTS_COMFOLLOWDIR 0x400
#define FTS_OPTIONMASK 0xcff
#define FTS_NAMEONLY 0x100
#define FTS_STOP 0x200
#define FTS_ROOTPARENTLEVEL (-1)
#define FTS_ROOTLEVEL 0
#define FTS_D 1
#define FTS_DC 2
#define FTS_DEFAULT 3
#define FTS_DNR 4
#define FTS_DOT 5
#define FTS_DP 6
#define FTS_ERR 7
#define FTS_F 8
#define FTS_INIT 9
#define FTS_NS 10
#define FTS_NSOK 11
#define FTS_SL 12
#define FTS_SLNONE 13
#define FTS_W 14
#define FTS_AGAIN 1
#define FTS_FOLLOW 2
#define FTS_NOINSTR 3
#define FTS_SKIP 4
__BEGIN_DECLS
FTS *fts_open(char *const *, int, int (*)(const FTSENT **, const FTSENT **)) __DARWIN_INODE64(fts_open);
FTSENT *fts_read(FTS *) __DARWIN_INODE64(fts_read);
FTSENT *fts_children(FTS *, int) __DARWIN_INODE64(fts_children);
int fts_set(FTS *, FTSENT *, int) __DARWIN_INODE64(fts_set);
int fts_close(FTS *) __DARWIN_INODE64(fts_close);
__END_DECLS
#endif
