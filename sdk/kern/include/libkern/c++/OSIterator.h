/* One object after the other. */
#ifndef _OS_OSITERATOR_H
#define _OS_OSITERATOR_H
#ifdef __cplusplus

#include <libkern/c++/OSObject.h>

class OSIterator : public OSObject {
	OSDeclareAbstractStructors(OSIterator);
public:
	virtual void reset() = 0;
	virtual bool isValid() = 0;
	virtual OSObject *getNextObject() = 0;
};

#endif
#endif
