/* See util.h. */
#include <util.h>
