/* Limits of the system. */
#include <limits.h>
