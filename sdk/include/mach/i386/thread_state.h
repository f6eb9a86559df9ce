/* The registers of a thread, x86-64. */
#ifndef _MACH_I386_THREAD_STATE_H_
#define _MACH_I386_THREAD_STATE_H_
#include <sys/_types.h>
typedef struct {
	__uint64_t __rax, __rbx, __rcx, __rdx, __rdi, __rsi, __rbp, __rsp;
	__uint64_t __r8, __r9, __r10, __r11, __r12, __r13, __r14, __r15;
	__uint64_t __rip, __rflags, __cs, __fs, __gs;
} x86_thread_state64_t;
typedef struct {
	__uint16_t __trapno, __cpu;
	__uint32_t __err;
	__uint64_t __faultvaddr;
} x86_exception_state64_t;
typedef struct {
	int __fpu_reserved[2];
	__uint16_t __fpu_fcw, __fpu_fsw;
	__uint8_t __fpu_ftw, __fpu_rsrv1;
	__uint16_t __fpu_fop;
	__uint32_t __fpu_ip;
	__uint16_t __fpu_cs, __fpu_rsrv2;
	__uint32_t __fpu_dp;
	__uint16_t __fpu_ds, __fpu_rsrv3;
	__uint32_t __fpu_mxcsr, __fpu_mxcsrmask;
	struct { char __mmst_reg[10], __mmst_rsrv[6]; } __fpu_stmm[8];
	struct { char __xmm_reg[16]; } __fpu_xmm[16];
	char __fpu_rsrv4[96];
	int __fpu_reserved1;
} x86_float_state64_t;
typedef struct { __uint64_t __dr0, __dr1, __dr2, __dr3, __dr4, __dr5, __dr6, __dr7; } x86_debug_state64_t;
#define x86_DEBUG_STATE64_COUNT ((unsigned)(sizeof(x86_debug_state64_t) / sizeof(int)))
#define x86_THREAD_STATE64 4
#define x86_FLOAT_STATE64 5
#define x86_EXCEPTION_STATE64 6
#define x86_THREAD_STATE 7
#define x86_FLOAT_STATE 8
#define x86_EXCEPTION_STATE 9
#define x86_DEBUG_STATE64 11
#define x86_DEBUG_STATE 12
#define x86_THREAD_STATE64_COUNT 42
#define x86_FLOAT_STATE64_COUNT ((unsigned)(sizeof(x86_float_state64_t) / sizeof(int)))
#define x86_EXCEPTION_STATE64_COUNT ((unsigned)(sizeof(x86_exception_state64_t) / sizeof(int)))
#define x86_THREAD_STATE_COUNT (x86_THREAD_STATE64_COUNT + 2)
typedef struct { int flavor, count; } x86_state_hdr_t;
typedef struct { x86_state_hdr_t tsh; union { x86_thread_state64_t ts64; } uts; } x86_thread_state_t;
#endif
