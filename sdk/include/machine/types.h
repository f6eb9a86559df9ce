/* The machine's types. */
#include <sys/types.h>
