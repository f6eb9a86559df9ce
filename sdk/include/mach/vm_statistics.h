/* Flags and tags of vm_allocate and vm_map; the statistics of all memory. */
#ifndef _MACH_VM_STATISTICS_H_
#define _MACH_VM_STATISTICS_H_
#include <mach/machine_types.h>
#define VM_FLAGS_FIXED 0
#define VM_FLAGS_ANYWHERE 1
#define VM_FLAGS_PURGABLE 2
#define VM_FLAGS_4GB_CHUNK 4
#define VM_FLAGS_RANDOM_ADDR 8
#define VM_FLAGS_NO_CACHE 0x10
#define VM_FLAGS_RESILIENT_CODESIGN 0x20
#define VM_FLAGS_RESILIENT_MEDIA 0x40
#define VM_FLAGS_PERMANENT 0x80
#define VM_FLAGS_OVERWRITE 0x4000
#define VM_FLAGS_SUPERPAGE_MASK 0x70000
#define VM_FLAGS_RETURN_DATA_ADDR 0x100000
#define VM_FLAGS_RETURN_4K_DATA_ADDR 0x800000
#define VM_FLAGS_ALIAS_MASK 0xff000000
#define VM_MAKE_TAG(t) ((t) << 24)
#define VM_SET_FLAGS_ALIAS(flags, alias) (flags) = ((flags) & 0xffffff) | ((alias) & 0xff) << 24
#define VM_GET_FLAGS_ALIAS(flags, alias) (alias) = ((flags) >> 24) & 0xff
#define VM_MEMORY_MALLOC 1
#define VM_MEMORY_MACH_MSG 20
#define VM_MEMORY_STACK 30
#define VM_MEMORY_APPLICATION_SPECIFIC_1 240
#define VM_MEMORY_APPLICATION_SPECIFIC_16 255
/* A guard of memory (EXC_GUARD): what is deallocated was not there. */
#define kGUARD_EXC_DEALLOC_GAP 1
#define VM_PAGE_QUERY_PAGE_PRESENT 0x1
#define VM_PAGE_QUERY_PAGE_FICTITIOUS 0x2
#define VM_PAGE_QUERY_PAGE_REF 0x4
#define VM_PAGE_QUERY_PAGE_DIRTY 0x8
#define VM_PAGE_QUERY_PAGE_PAGED_OUT 0x10
#define VM_PAGE_QUERY_PAGE_COPIED 0x20
#define VM_PAGE_QUERY_PAGE_SPECULATIVE 0x40
#define VM_PAGE_QUERY_PAGE_EXTERNAL 0x80
typedef struct vm_statistics {
	natural_t free_count, active_count, inactive_count, wire_count, zero_fill_count, reactivations, pageins, pageouts;
	natural_t faults, cow_faults, lookups, hits, purgeable_count, purges, speculative_count;
} vm_statistics_data_t, *vm_statistics_t;
typedef struct vm_statistics64 {
	natural_t free_count, active_count, inactive_count, wire_count;
	uint64_t zero_fill_count, reactivations, pageins, pageouts, faults, cow_faults, lookups, hits, purges;
	natural_t purgeable_count, speculative_count;
	uint64_t decompressions, compressions, swapins, swapouts;
	natural_t compressor_page_count, throttled_count, external_page_count, internal_page_count;
	uint64_t total_uncompressed_pages_in_compressor;
} __attribute__((aligned(8))) vm_statistics64_data_t, *vm_statistics64_t;
#endif
