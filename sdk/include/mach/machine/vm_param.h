#include <mach/i386/vm_param.h>
