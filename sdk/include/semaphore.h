/* POSIX semaphores with names; those without are not there, as on Darwin. */
#ifndef _SEMAPHORE_H_
#define _SEMAPHORE_H_
#include <sys/types.h>
typedef int sem_t;
#define SEM_FAILED ((sem_t *)-1)
#define SEM_VALUE_MAX 32767
__BEGIN_DECLS
sem_t *sem_open(const char *, int, ...);
int sem_close(sem_t *);
int sem_unlink(const char *);
int sem_wait(sem_t *);
int sem_trywait(sem_t *);
int sem_post(sem_t *);
int sem_init(sem_t *, int, unsigned);
int sem_destroy(sem_t *);
int sem_getvalue(sem_t *, int *);
__END_DECLS
#endif
