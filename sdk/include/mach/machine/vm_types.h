#include <mach/vm_types.h>
