/* The parts of an error code: system, subsystem, code. */
#ifndef _MACH_ERROR_H_
#define _MACH_ERROR_H_
#include <mach/kern_return.h>
typedef kern_return_t mach_error_t;
#define ERR_SUCCESS (mach_error_t)0
#define ERR_ROUTINE_NIL (mach_error_fn_t)0
#define err_system(x) ((signed)((((unsigned)(x)) & 0x3f) << 26))
#define err_sub(x) (((x) & 0xfff) << 14)
#define err_get_system(e) (((e) >> 26) & 0x3f)
#define err_get_sub(e) (((e) >> 14) & 0xfff)
#define err_get_code(e) ((e) & 0x3fff)
#define err_kern err_system(0)
#define err_us err_system(1)
#define err_server err_system(2)
#define err_ipc err_system(3)
#define err_mach_ipc err_system(4)
#define err_local err_system(0x3e)
#endif
