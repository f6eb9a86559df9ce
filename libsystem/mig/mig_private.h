/* What the stubs in this directory need beside the public headers. */
#ifndef MIG_PRIVATE_H
#define MIG_PRIVATE_H
#include <mach/mach.h>
#include <mach/mig_types.h>
#pragma clang diagnostic ignored "-Wunused-function"
#pragma clang diagnostic ignored "-Wmissing-prototypes"
#endif
