/* flock. */
#ifndef _SYS_FILE_H_
#define _SYS_FILE_H_
#include <sys/fcntl.h>
#endif
