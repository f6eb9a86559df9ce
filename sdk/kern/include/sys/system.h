/* timeout and untimeout are said to be here. */
#include <sys/systm.h>
