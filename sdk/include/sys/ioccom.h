/* See sys/ioctl.h. */
#include <sys/ioctl.h>
