/* What mach_port_space_info gives. */
#ifndef _MACH_DEBUG_IPC_INFO_H_
#define _MACH_DEBUG_IPC_INFO_H_
#include <mach/port.h>
typedef struct ipc_info_space {
	natural_t iis_genno_mask, iis_table_size, iis_table_next, iis_tree_size, iis_tree_small, iis_tree_hash;
} ipc_info_space_t;
typedef struct ipc_info_space_basic {
	natural_t iisb_genno_mask, iisb_table_size, iisb_table_next, iisb_table_inuse, iisb_reserved[2];
} ipc_info_space_basic_t;
typedef struct ipc_info_name {
	mach_port_name_t iin_name;
	integer_t iin_collision;
	mach_port_type_t iin_type;
	mach_port_urefs_t iin_urefs;
	natural_t iin_object, iin_next, iin_hash;
} ipc_info_name_t, *ipc_info_name_array_t;
#endif
