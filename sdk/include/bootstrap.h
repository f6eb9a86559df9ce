/* The bootstrap task, by the name that NeXT gave to its header. */
#include <servers/bootstrap.h>
