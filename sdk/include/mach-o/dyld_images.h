/*
 * The list of a program's images as debuggers read it, found by task_info's
 * TASK_DYLD_INFO. Here it is made for the first who asks, and is up to date when dlopen
 * returns; nothing is called when it changes.
 */
#ifndef _DYLD_IMAGES_H_
#define _DYLD_IMAGES_H_
#include <mach/mach.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/cdefs.h>
#include <uuid/uuid.h>
__BEGIN_DECLS

enum dyld_image_mode { dyld_image_adding = 0, dyld_image_removing = 1, dyld_image_info_change = 2, dyld_image_dyld_moved = 3 };

struct dyld_image_info {
	const struct mach_header *imageLoadAddress;
	const char *imageFilePath;
	uintptr_t imageFileModDate; /* always 0 */
};
struct dyld_uuid_info {
	const struct mach_header *imageLoadAddress;
	uuid_t imageUUID;
};
typedef void (*dyld_image_notifier)(enum dyld_image_mode mode, uint32_t infoCount, const struct dyld_image_info info[]);

enum { dyld_error_kind_none = 0, dyld_error_kind_dylib_missing = 1, dyld_error_kind_dylib_wrong_arch = 2,
	dyld_error_kind_dylib_version = 3, dyld_error_kind_symbol_missing = 4 };
#define DYLD_MAX_PROCESS_INFO_NOTIFY_COUNT 8

struct dyld_all_image_infos {
	uint32_t version;
	uint32_t infoArrayCount;
	const struct dyld_image_info *infoArray; /* NULL while it changes */
	dyld_image_notifier notification;
	bool processDetachedFromSharedRegion;
	bool libSystemInitialized;
	const struct mach_header *dyldImageLoadAddress;
	void *jitInfo;
	const char *dyldVersion;
	const char *errorMessage;
	uintptr_t terminationFlags;
	void *coreSymbolicationShmPage;
	uintptr_t systemOrderFlag;
	uintptr_t uuidArrayCount;
	const struct dyld_uuid_info *uuidArray;
	struct dyld_all_image_infos *dyldAllImageInfosAddress;
	uintptr_t initialImageCount;
	uintptr_t errorKind;
	const char *errorClientOfDylibPath;
	const char *errorTargetDylibPath;
	const char *errorSymbol;
	uintptr_t sharedCacheSlide;
	uint8_t sharedCacheUUID[16];
	uintptr_t sharedCacheBaseAddress;
	uint64_t infoArrayChangeTimestamp;
	const char *dyldPath;
	mach_port_t notifyPorts[DYLD_MAX_PROCESS_INFO_NOTIFY_COUNT];
	uintptr_t reserved[9];
};

const struct dyld_all_image_infos *_dyld_get_all_image_infos(void);
__END_DECLS
#endif
