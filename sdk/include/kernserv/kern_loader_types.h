/* Types and errors of the kernel-server loader functions (kern_loader.defs). */
#ifndef _KERNSERV_KERN_LOADER_TYPES_H_
#define _KERNSERV_KERN_LOADER_TYPES_H_

typedef char server_name_t[64];
typedef char server_reloc_t[256];
typedef server_name_t *server_name_array_t;
typedef char *kern_loader_log_t;

typedef enum {
	Zombie,
	Allocating,
	Allocated,
	Loading,
	Loaded,
	Unloading,
	Deallocated
} server_state_t;

#define KERN_LOADER_NO_PERMISSION 101
#define KERN_LOADER_UNKNOWN_SERVER 102
#define KERN_LOADER_SERVER_LOADED 103
#define KERN_LOADER_SERVER_UNLOADED 104
#define KERN_LOADER_NEED_SERVER_NAME 105
#define KERN_LOADER_SERVER_EXISTS 106
#define KERN_LOADER_PORT_EXISTS 107
#define KERN_LOADER_SERVER_WONT_LINK 108
#define KERN_LOADER_SERVER_WONT_LOAD 109
#define KERN_LOADER_CANT_OPEN_SERVER 110
#define KERN_LOADER_BAD_RELOCATABLE 111
#define KERN_LOADER_MEM_ALLOC_PROBLEM 112
#define KERN_LOADER_SERVER_DELETED 113
#define KERN_LOADER_WONT_UNLOAD 114
#define KERN_LOADER_DETACHED 115

/* Of kern_loader_get_log alone: nothing is logged. */
#define KERN_SERVER_NOTLOGGING 101

#endif
