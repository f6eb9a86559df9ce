/* System V semaphores and message queues. */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILS(x, e) do { errno = 0; CHECK((x) == -1); CHECKEQ(errno, e); } while (0)

static int op(int id, int n, int v, int flags)
{
	struct sembuf b = { n, v, flags };
	return semop(id, &b, 1);
}
static int exit_of(pid_t pid)
{
	int st = -1;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static void semaphores(void)
{
	struct semid_ds ds;
	unsigned short all[3];
	CHECKEQ(sizeof ds, 72);
	FAILS(semget(1234, 3, 0600), ENOENT);
	FAILS(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	int id = semget(1234, 3, IPC_CREAT | IPC_EXCL | 0600);
	CHECK(id >= 0);
	FAILS(semget(1234, 3, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	FAILS(semget(1234, 4, 0600), EINVAL);
	CHECKEQ(semget(1234, 0, 0600), id);
	CHECKEQ(semctl(id, 0, IPC_STAT, &ds), 0);
	CHECK(ds.sem_nsems == 3 && ds.sem_otime == 0 && ds.sem_ctime != 0 && (ds.sem_perm.mode & 0777) == 0600);

	CHECKEQ(semctl(id, 1, SETVAL, 5), 0);
	CHECKEQ(semctl(id, 1, GETVAL), 5);
	CHECKEQ(semctl(id, 1, GETPID), getpid());
	FAILS(semctl(id, 1, SETVAL, 40000), ERANGE);
	FAILS(semctl(id, 3, GETVAL), EINVAL);
	FAILS(op(id, 3, 1, 0), EFBIG);
	FAILS(op(id, 0, -1, IPC_NOWAIT), EAGAIN);
	FAILS(op(id, 1, 0, IPC_NOWAIT), EAGAIN);
	FAILS(op(id, 1, 32767, 0), ERANGE);
	/* All or nothing. */
	struct sembuf two[2] = { { 1, -5, 0 }, { 0, -1, IPC_NOWAIT } };
	FAILS(semop(id, two, 2), EAGAIN);
	CHECKEQ(semctl(id, 1, GETVAL), 5);
	two[1] = (struct sembuf){ 2, 7, 0 };
	CHECKEQ(semop(id, two, 2), 0);
	CHECKEQ(semctl(id, 0, GETALL, all), 0);
	CHECK(all[0] == 0 && all[1] == 0 && all[2] == 7);
	all[0] = 1;
	CHECKEQ(semctl(id, 0, SETALL, all), 0);
	CHECKEQ(semctl(id, 0, GETVAL), 1);
	struct sembuf six[6] = { { 0 } };
	FAILS(semop(id, six, 6), E2BIG);

	/* A process waits for another, and what it took comes back when it ends. */
	CHECKEQ(op(id, 0, -1, 0), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(op(id, 0, -1, SEM_UNDO) == 0 && op(id, 2, -7, 0) == 0 ? 3 : 4);
	while (semctl(id, 0, GETNCNT) != 1)
		usleep(1000);
	CHECKEQ(op(id, 0, 1, 0), 0);
	CHECKEQ(exit_of(pid), 3);
	CHECKEQ(semctl(id, 0, GETVAL), 1);
	CHECKEQ(semctl(id, 2, GETVAL), 0);

	/* Waiting for nothing; and the end of the set. */
	pid = fork();
	if (pid == 0)
		_exit(op(id, 0, 0, 0) == -1 && errno == EIDRM ? 5 : 6);
	while (semctl(id, 0, GETZCNT) != 1)
		usleep(1000);
	CHECKEQ(semctl(id, 0, IPC_RMID), 0);
	CHECKEQ(exit_of(pid), 5);
	FAILS(op(id, 0, 1, 0), EINVAL);
	FAILS(semget(1234, 0, 0600), ENOENT);
}

struct message { long type; char text[64]; };

static void queues(void)
{
	struct msqid_ds ds;
	struct message m = { 0 };
	CHECKEQ(sizeof ds, 116);
	FAILS(msgget(4321, 0600), ENOENT);
	int id = msgget(4321, IPC_CREAT | 0600);
	CHECK(id >= 0 && msgget(4321, 0) == id);
	FAILS(msgrcv(id, &m, sizeof m.text, 0, IPC_NOWAIT), ENOMSG);
	m.type = 0;
	FAILS(msgsnd(id, &m, 1, 0), EINVAL);
	static const struct message out[] = { { 3, "three" }, { 1, "one" }, { 2, "two" }, { 1, "uno" } };
	for (int i = 0; i < 4; i++)
		CHECKEQ(msgsnd(id, &out[i], strlen(out[i].text) + 1, 0), 0);
	CHECKEQ(msgctl(id, IPC_STAT, &ds), 0);
	CHECK(ds.msg_qnum == 4 && ds.msg_cbytes == 18 && ds.msg_qbytes == 2048 && ds.msg_lspid == getpid() && ds.msg_stime != 0 && ds.msg_rtime == 0);
	CHECKEQ(msgrcv(id, &m, sizeof m.text, 2, 0), 4);
	CHECKSTR(m.text, "two");
	CHECKEQ(msgrcv(id, &m, sizeof m.text, -2, 0), 4);
	CHECK(m.type == 1);
	CHECKSTR(m.text, "one");
	FAILS(msgrcv(id, &m, 3, 0, 0), E2BIG);
	CHECKEQ(msgrcv(id, &m, 3, 0, MSG_NOERROR), 3);
	CHECK(m.type == 3 && memcmp(m.text, "thr", 3) == 0);
	FAILS(msgrcv(id, &m, 64, 7, IPC_NOWAIT), ENOMSG);
	CHECKEQ(msgrcv(id, &m, sizeof m.text, 1, 0), 4);

	/* A reader waits; a writer waits for room. */
	pid_t pid = fork();
	if (pid == 0)
		_exit(msgrcv(id, &m, sizeof m.text, 9, 0) == 6 && strcmp(m.text, "child") == 0 ? 7 : 8);
	struct message c = { 9, "child" };
	CHECKEQ(msgsnd(id, &c, 6, 0), 0);
	CHECKEQ(exit_of(pid), 7);
	for (int i = 0; i < 32; i++)
		CHECKEQ(msgsnd(id, &c, 64, IPC_NOWAIT), 0);
	FAILS(msgsnd(id, &c, 1, IPC_NOWAIT), EAGAIN);
	pid = fork();
	if (pid == 0) {
		c.type = 10;
		_exit(msgsnd(id, &c, 64, 0) == 0 ? 9 : 10);
	}
	CHECKEQ(msgrcv(id, &m, 64, 9, 0), 64);
	CHECKEQ(exit_of(pid), 9);
	CHECKEQ(msgrcv(id, &m, 64, 10, 0), 64);

	pid = fork();
	if (pid == 0)
		_exit(msgrcv(id, &m, 64, 77, 0) == -1 && errno == EIDRM ? 11 : 12);
	usleep(20000); /* it may wait by now, or find none: EINVAL */
	CHECKEQ(msgctl(id, IPC_RMID, NULL), 0);
	int st = exit_of(pid);
	CHECK(st == 11 || st == 12);
	FAILS(msgsnd(id, &c, 1, 0), EINVAL);
}

int main(void)
{
	semaphores();
	queues();
	/* The exit status has eight bits; what a SIGCHLD or waitid tells has all. */
	siginfo_t si;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0x1234567);
	CHECKEQ(waitid(P_PID, pid, &si, WEXITED), 0);
	CHECKEQ(si.si_status, 0x1234567);
	if (!failures)
		printf("sysv_ipc ok\n");
	DONE();
}
