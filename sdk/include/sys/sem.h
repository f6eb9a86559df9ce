/* System V semaphores. */
#ifndef _SYS_SEM_H_
#define _SYS_SEM_H_
#include <sys/ipc.h>
#include <time.h>
#define GETNCNT 3
#define GETPID 4
#define GETVAL 5
#define GETALL 6
#define GETZCNT 7
#define SETVAL 8
#define SETALL 9
#define SEM_UNDO 010000
#define SEM_A 0200
#define SEM_R 0400
#pragma pack(4)
struct semid_ds {
	struct ipc_perm sem_perm;
	__int32_t sem_base;
	unsigned short sem_nsems;
	time_t sem_otime;
	__int32_t sem_pad1;
	time_t sem_ctime;
	__int32_t sem_pad2, sem_pad3[4];
};
#pragma pack()
struct sembuf { unsigned short sem_num; short sem_op, sem_flg; };
union semun { int val; struct semid_ds *buf; unsigned short *array; };
typedef union semun semun_t;
__BEGIN_DECLS
int semctl(int, int, int, ...);
int semget(key_t, int, int);
int semop(int, struct sembuf *, size_t);
__END_DECLS
#endif
