/* System V shared memory. */
#ifndef _SYS_SHM_H_
#define _SYS_SHM_H_
#include <sys/ipc.h>
#include <time.h>
#define SHM_RDONLY 010000
#define SHM_RND 020000
#define SHMLBA 4096
#define SHM_R 000400
#define SHM_W 000200
typedef unsigned short shmatt_t;
#pragma pack(4)
struct shmid_ds {
	struct ipc_perm shm_perm;
	size_t shm_segsz;
	pid_t shm_lpid;
	pid_t shm_cpid;
	shmatt_t shm_nattch;
	time_t shm_atime;
	time_t shm_dtime;
	time_t shm_ctime;
	void *shm_internal;
};
#pragma pack()
__BEGIN_DECLS
void *shmat(int, const void *, int);
int shmctl(int, int, struct shmid_ds *);
int shmdt(const void *);
int shmget(key_t, size_t, int);
__END_DECLS
#endif
