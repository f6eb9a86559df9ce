/* Sections and segments of images, by name: <mach-o/getsect.h>. */
#include "private.h"
#include <mach-o/dyld.h>
#include <mach-o/getsect.h>
#include <string.h>

static const struct segment_command_64 *segment(const struct mach_header_64 *mh, const char *name)
{
	const char *p = (const char *)(mh + 1);
	for (uint32_t i = 0; i < mh->ncmds; i++) {
		const struct segment_command_64 *s = (const void *)p;
		if (s->cmd == LC_SEGMENT_64 && strncmp(s->segname, name, sizeof s->segname) == 0)
			return s;
		p += s->cmdsize;
	}
	return NULL;
}
const struct section_64 *getsectbynamefromheader_64(const struct mach_header_64 *mh, const char *seg, const char *sect)
{
	const struct segment_command_64 *g = segment(mh, seg);
	const struct section_64 *s = (const void *)(g + 1);
	for (uint32_t i = 0; g && i < g->nsects; i++, s++)
		if (strncmp(s->sectname, sect, sizeof s->sectname) == 0)
			return s;
	return NULL;
}
/* How far the image lies from where it was linked for. */
static uint64_t slide(const struct mach_header_64 *mh)
{
	const struct segment_command_64 *text = segment(mh, "__TEXT");
	return text ? (uint64_t)mh - text->vmaddr : 0;
}
uint8_t *getsectiondata(const struct mach_header_64 *mh, const char *seg, const char *sect, unsigned long *size)
{
	const struct section_64 *s = getsectbynamefromheader_64(mh, seg, sect);
	*size = s ? s->size : 0;
	return s ? (uint8_t *)(s->addr + slide(mh)) : NULL;
}
uint8_t *getsegmentdata(const struct mach_header_64 *mh, const char *seg, unsigned long *size)
{
	const struct segment_command_64 *s = segment(mh, seg);
	*size = s ? s->vmsize : 0;
	return s ? (uint8_t *)(s->vmaddr + slide(mh)) : NULL;
}
/* The older ones are about the program, and give addresses as they were linked. */
const struct section_64 *getsectbyname(const char *seg, const char *sect)
{
	return getsectbynamefromheader_64(_dyld_get_image_header(0), seg, sect);
}
const struct segment_command_64 *getsegbyname(const char *seg) { return segment(_dyld_get_image_header(0), seg); }
char *getsectdatafromheader_64(const struct mach_header_64 *mh, const char *seg, const char *sect, uint64_t *size)
{
	const struct section_64 *s = getsectbynamefromheader_64(mh, seg, sect);
	*size = s ? s->size : 0;
	return s ? (char *)s->addr : NULL;
}
char *getsectdata(const char *seg, const char *sect, unsigned long *size)
{
	uint64_t n;
	char *p = getsectdatafromheader_64(_dyld_get_image_header(0), seg, sect, &n);
	*size = n;
	return p;
}
