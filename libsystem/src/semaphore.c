/* Unnamed semaphores, which Darwin does not have either. */
#include "private.h"
#include <errno.h>
#include <semaphore.h>

static int none(void) { errno = ENOSYS; return -1; }
int sem_init(sem_t *s, int shared, unsigned v) { return none(); }
int sem_destroy(sem_t *s) { return none(); }
int sem_getvalue(sem_t *s, int *v) { return none(); }
