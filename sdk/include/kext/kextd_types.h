/* The types of kextd.defs. */
#ifndef _KEXT_KEXTD_TYPES_H_
#define _KEXT_KEXTD_TYPES_H_

#define KEXTD_SERVER_NAME "com.apple.KernelExtensionServer"

typedef char kext_path_t[1024];
typedef char kext_id_t[64];
typedef kext_id_t *kext_id_array_t;

#endif
