/* Random numbers: the name that the document of 2002 has. */
#ifndef _SYS_RAND_H_
#define _SYS_RAND_H_

#include <sys/random.h>

#endif
