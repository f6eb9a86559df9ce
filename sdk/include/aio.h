/* See sys/aio.h. */
#include <sys/aio.h>
