/* What registering for notifications gives; C++ only. */
#ifndef _IOKIT_IONOTIFIER_H_
#define _IOKIT_IONOTIFIER_H_

#include <sys/types.h>

__BEGIN_DECLS
void kpi_notifier_remove(void *notifier);
__END_DECLS

#ifdef __cplusplus
/* Remove or release it before the extension is unloaded. */
class IONotifier {
public:
	void remove() { kpi_notifier_remove(this); }
	void release() { kpi_notifier_remove(this); }
};
#endif

#endif
