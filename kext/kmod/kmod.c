/* The start and stop routines of bundles that are made the way Xcode makes them: their
 * kmod_info names _start and _stop, which call what _realmain and _antimain point to.
 * kext pack joins it to objects that need it. */
#include <mach/mach_types.h>

extern kmod_start_func_t *_realmain;
extern kmod_stop_func_t *_antimain;

kern_return_t _start(kmod_info_t *ki, void *data);
kern_return_t _stop(kmod_info_t *ki, void *data);

kern_return_t _start(kmod_info_t *ki, void *data)
{
	return _realmain ? _realmain(ki, data) : KERN_SUCCESS;
}

kern_return_t _stop(kmod_info_t *ki, void *data)
{
	return _antimain ? _antimain(ki, data) : KERN_SUCCESS;
}
