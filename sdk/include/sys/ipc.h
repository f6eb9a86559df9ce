/* What System V communication shares. */
#ifndef _SYS_IPC_H_
#define _SYS_IPC_H_
#include <sys/cdefs.h>
#include <sys/types.h>
typedef int key_t;
#pragma pack(4)
struct ipc_perm {
	uid_t uid;
	gid_t gid;
	uid_t cuid;
	gid_t cgid;
	mode_t mode;
	unsigned short _seq;
	key_t _key;
};
#pragma pack()
#define IPC_CREAT 001000
#define IPC_EXCL 002000
#define IPC_NOWAIT 004000
#define IPC_PRIVATE ((key_t)0)
#define IPC_RMID 0
#define IPC_SET 1
#define IPC_STAT 2
#define IPC_R 000400
#define IPC_W 000200
#define IPC_M 010000
__BEGIN_DECLS
key_t ftok(const char *, int);
__END_DECLS
#endif
