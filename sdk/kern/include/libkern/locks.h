/* Locks, under libkern's name. */
#ifndef _LIBKERN_LOCKS_H_
#define _LIBKERN_LOCKS_H_

#include <kern/locks.h>

#endif
