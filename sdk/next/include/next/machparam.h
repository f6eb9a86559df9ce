/* DELAY busy-waits for microseconds. */
#ifndef _NEXT_MACHPARAM_H
#define _NEXT_MACHPARAM_H

extern void delay(int microseconds);
#define DELAY(usecs) delay((int)(usecs))

#endif
