/* System V message queues. */
#ifndef _SYS_MSG_H_
#define _SYS_MSG_H_
#include <sys/ipc.h>
#include <time.h>
#define MSG_NOERROR 010000
typedef unsigned long msgqnum_t, msglen_t;
#pragma pack(4)
struct msqid_ds {
	struct ipc_perm msg_perm;
	__int32_t msg_first, msg_last;
	msglen_t msg_cbytes;
	msgqnum_t msg_qnum;
	msglen_t msg_qbytes;
	pid_t msg_lspid, msg_lrpid;
	time_t msg_stime;
	__int32_t msg_pad1;
	time_t msg_rtime;
	__int32_t msg_pad2;
	time_t msg_ctime;
	__int32_t msg_pad3, msg_pad4[4];
};
#pragma pack()
struct mymsg { long mtype; char mtext[1]; };
__BEGIN_DECLS
int msgctl(int, int, struct msqid_ds *);
int msgget(key_t, int);
ssize_t msgrcv(int, void *, size_t, long, int);
int msgsnd(int, const void *, size_t, int);
__END_DECLS
#endif
