/* A kernel extension's description of itself. */
#ifndef _MACH_KMOD_H_
#define _MACH_KMOD_H_

#define KMOD_MAX_NAME 64

#pragma pack(push, 4)
typedef struct kmod_info {
	struct kmod_info *next;
	int info_version;
	unsigned int id;
	char name[KMOD_MAX_NAME];
	char version[KMOD_MAX_NAME];
	int reference_count;
	void *reference_list;
	unsigned long address;
	unsigned long size;
	unsigned long hdr_size;
	int (*start)(struct kmod_info *ki, void *data);
	int (*stop)(struct kmod_info *ki, void *data);
} kmod_info_t;
#pragma pack(pop)

typedef int kmod_start_func_t(kmod_info_t *ki, void *data);
typedef int kmod_stop_func_t(kmod_info_t *ki, void *data);

#define KMOD_INFO_NAME kmod_info
#define KMOD_INFO_VERSION 1

/* One line of an extension's source; NAME is the bundle identifier. Without it the
 * routines are found by their names: those of the executable, _start and _stop. */
#define KMOD_EXPLICIT_DECL(NAME, VERSION, START, STOP)                                     \
	kmod_info_t KMOD_INFO_NAME = {0, KMOD_INFO_VERSION, -1U, #NAME, VERSION, -1, 0, 0, 0, 0, START, STOP};

#endif
