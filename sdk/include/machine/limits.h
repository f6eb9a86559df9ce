/* Limits of the types. */
#include <limits.h>
