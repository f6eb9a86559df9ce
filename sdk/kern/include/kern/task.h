/* Tasks. */
#ifndef _KERN_TASK_H_
#define _KERN_TASK_H_

#include <kern/thread.h>

#endif
