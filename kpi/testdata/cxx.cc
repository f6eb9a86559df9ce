/* C++: constructors run before start, destructors after stop. */
#include <IOKit/IOLib.h>
#include <mach/mach_types.h>

namespace {
class Noisy {
	const char *name;
	int *counter;
public:
	Noisy(const char *n) : name(n), counter(new int(0)) { IOLog("+%s ", name); }
	virtual ~Noisy() { IOLog("-%s ", name); delete counter; }
	virtual int count() { return ++*counter; }
};
class Loud : public Noisy {
public:
	Loud() : Noisy("loud") {}
	int count() override { return 100 + Noisy::count(); }
};
Noisy noisy("noisy");
Loud loud;
}

extern "C" kern_return_t cxx_start(kmod_info_t *, void *)
{
	Noisy *all[] = {&noisy, &loud};
	int n = 0;
	for (Noisy *x : all)
		n += x->count();
	IOLog("start %d ", n);
	return KERN_SUCCESS;
}

extern "C" kern_return_t cxx_stop(kmod_info_t *, void *)
{
	IOLog("stop ");
	return KERN_SUCCESS;
}
