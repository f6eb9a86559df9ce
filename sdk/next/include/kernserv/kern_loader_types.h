/* The kernel-server loader's types, for programs that call it. */
#ifndef _KERNSERV_KERN_LOADER_TYPES_H
#define _KERNSERV_KERN_LOADER_TYPES_H

#define KERN_LOADER_NAME "server_loader"

typedef char server_name_t[256];
typedef server_name_t server_reloc_t;

typedef enum server_state { Zombie, Allocating, Allocated, Loading, Loaded, Unloading, Deallocated } server_state_t;

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

#endif
