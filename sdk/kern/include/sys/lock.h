/* Locks, under the BSD half's name. */
#ifndef _SYS_LOCK_H_
#define _SYS_LOCK_H_
#include <kern/locks.h>
#endif
