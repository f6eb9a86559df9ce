/* The types of the stubs in mig.c, and their prototypes. */
#ifndef IOKIT_MIG_H
#define IOKIT_MIG_H
#include <mach/mach.h>
#include <mach/mig_types.h>
#include <mach/clock_types.h>
#pragma clang diagnostic ignored "-Wunused-function"
#pragma clang diagnostic ignored "-Wmissing-prototypes"
typedef char io_name_t[128];
typedef char io_string_t[512];
typedef char io_string_inband_t[4096];
typedef char io_struct_inband_t[4096];
typedef char *io_buf_ptr_t;
typedef struct { unsigned char b[8]; } io_ndr_t;
typedef uint64_t io_reference_t[8];
typedef uint64_t io_scalars_t[16];
#endif
