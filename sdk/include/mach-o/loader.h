/* The Mach-O file, as far as programs look at it. */
#ifndef _MACH_O_LOADER_H_
#define _MACH_O_LOADER_H_
#include <stdint.h>
struct mach_header_64 { uint32_t magic; int32_t cputype, cpusubtype; uint32_t filetype, ncmds, sizeofcmds, flags, reserved; };
struct load_command { uint32_t cmd, cmdsize; };
struct segment_command_64 {
	uint32_t cmd, cmdsize;
	char segname[16];
	uint64_t vmaddr, vmsize, fileoff, filesize;
	int32_t maxprot, initprot;
	uint32_t nsects, flags;
};
struct section_64 {
	char sectname[16], segname[16];
	uint64_t addr, size;
	uint32_t offset, align, reloff, nreloc, flags, reserved1, reserved2, reserved3;
};
#define MH_MAGIC_64 0xfeedfacf
#define MH_EXECUTE 2
#define MH_CORE 4
#define MH_DYLIB 6
#define LC_THREAD 0x4
#define LC_SEGMENT_64 0x19
#define SECTION_TYPE 0xff
#define S_THREAD_LOCAL_REGULAR 0x11
#define S_THREAD_LOCAL_ZEROFILL 0x12
#endif
