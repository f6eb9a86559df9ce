#include <kern/clock.h>
