/* Who is logged in: nobody. */
#ifndef _UTMPX_H_
#define _UTMPX_H_
#include <sys/types.h>
#include <sys/time.h>
#define _UTX_USERSIZE 256
#define _UTX_LINESIZE 32
#define _UTX_IDSIZE 4
#define _UTX_HOSTSIZE 256
#define EMPTY 0
#define RUN_LVL 1
#define BOOT_TIME 2
#define OLD_TIME 3
#define NEW_TIME 4
#define INIT_PROCESS 5
#define LOGIN_PROCESS 6
#define USER_PROCESS 7
#define DEAD_PROCESS 8
struct utmpx {
	char ut_user[_UTX_USERSIZE], ut_id[_UTX_IDSIZE], ut_line[_UTX_LINESIZE];
	pid_t ut_pid;
	short ut_type;
	struct timeval ut_tv;
	char ut_host[_UTX_HOSTSIZE];
	__uint32_t ut_pad[16];
};
__BEGIN_DECLS
void endutxent(void);
struct utmpx *getutxent(void);
struct utmpx *getutxid(const struct utmpx *);
struct utmpx *getutxline(const struct utmpx *);
struct utmpx *pututxline(const struct utmpx *);
void setutxent(void);
__END_DECLS
#endif
