/* Services: drivers and nubs. */
#ifndef _IOKIT_IOSERVICE_H_
#define _IOKIT_IOSERVICE_H_

#include <IOKit/IOMessage.h>
#include <IOKit/IONotifier.h>
#include <IOKit/IOTypes.h>

#ifdef __cplusplus
class IOService;
typedef IOReturn (*IOServiceInterestHandler)(void *target, void *refCon, UInt32 messageType, IOService *provider,
	void *messageArgument, vm_size_t argSize);

#include <IOKit/IOLib.h>
#include <IOKit/IORegistryEntry.h>
#include <IOKit/IOReturn.h>
#include <kern/task.h>

class IOWorkLoop;
class IOUserClient;
class IOMemoryDescriptor;

typedef void (*IOInterruptAction)(OSObject *target, void *refCon, IOService *nub, int source);
typedef bool (*IOServiceMatchingNotificationHandler)(void *target, void *refCon, IOService *newService, IONotifier *notifier);
typedef bool (*IOServiceNotificationHandler)(void *target, void *refCon, IOService *newService);

enum { /* of registerService, terminate */
	kIOServiceExclusive = 1, kIOServiceRequired = 1, kIOServiceTerminate = 4, kIOServiceSynchronous = 2, kIOServiceAsynchronous = 8
};
enum { kIOServiceInactiveState = 1, kIOServiceRegisteredState = 2, kIOServiceMatchedState = 4 };
typedef UInt32 IOServiceState;
enum { kIODefaultProbeScore = 0 };
typedef struct IOPMPowerState { unsigned long version, capabilityFlags, outputPowerCharacter, inputPowerRequirement, staticPower,
	unbudgetedPower, powerToAttain, timeToAttain, settleUpTime, timeToLower, settleDownTime, powerDomainBudget; } IOPMPowerState;
#define IOPMNoErr 0
#define IOPMAckImplied 0

class IOService : public IORegistryEntry {
	OSDeclareDefaultStructors(IOService);
	friend struct IOKitGlue;
	IOService *__provider;
	OSSet *__openers;
public:
	virtual bool init(OSDictionary *dictionary = 0) APPLE_KEXT_OVERRIDE;
	virtual bool init(IORegistryEntry *from, const IORegistryPlane *inPlane);
	virtual void free() APPLE_KEXT_OVERRIDE;

	virtual bool attach(IOService *provider);
	virtual void detach(IOService *provider);
	virtual IOService *probe(IOService *provider, SInt32 *score);
	virtual bool start(IOService *provider);
	virtual void stop(IOService *provider);
	virtual void registerService(IOOptionBits options = 0);
	virtual bool terminate(IOOptionBits options = 0);
	virtual bool requestTerminate(IOService *provider, IOOptionBits options);
	virtual bool willTerminate(IOService *provider, IOOptionBits options);
	virtual bool didTerminate(IOService *provider, IOOptionBits options, bool *defer);
	virtual bool finalize(IOOptionBits options);

	virtual bool open(IOService *forClient, IOOptionBits options = 0, void *arg = 0);
	virtual void close(IOService *forClient, IOOptionBits options = 0);
	virtual bool isOpen(const IOService *forClient = 0) const;
	virtual bool handleOpen(IOService *forClient, IOOptionBits options, void *arg);
	virtual void handleClose(IOService *forClient, IOOptionBits options);
	virtual bool handleIsOpen(const IOService *forClient) const;

	virtual IOService *getProvider() const;
	virtual IOService *getClient() const;
	virtual OSIterator *getProviderIterator() const;
	virtual OSIterator *getClientIterator() const;
	virtual OSIterator *getOpenClientIterator() const;
	virtual bool isInactive() const;
	virtual IOServiceState getState() const;
	virtual UInt32 getBusyState();
	virtual void adjustBusy(SInt32 delta);
	virtual bool lockForArbitration(bool isSuccessRequired = true);
	virtual void unlockForArbitration();
	virtual IOWorkLoop *getWorkLoop() const;

	virtual bool matchPropertyTable(OSDictionary *table, SInt32 *score);
	virtual bool matchPropertyTable(OSDictionary *table);
	virtual bool compareProperty(OSDictionary *matching, const char *key);
	virtual bool compareProperty(OSDictionary *matching, const OSString *key);
	virtual bool passiveMatch(OSDictionary *matching, bool changesOK = false);
	virtual IOReturn message(UInt32 type, IOService *provider, void *argument = 0);
	virtual IOReturn messageClients(UInt32 type, void *argument = 0, vm_size_t argSize = 0);
	virtual IOReturn messageClient(UInt32 messageType, OSObject *client, void *messageArgument = 0, vm_size_t argSize = 0);
	virtual IOReturn newUserClient(task_t owningTask, void *securityID, UInt32 type, OSDictionary *properties, IOUserClient **handler);
	virtual IOReturn newUserClient(task_t owningTask, void *securityID, UInt32 type, IOUserClient **handler);

	static OSDictionary *serviceMatching(const char *className, OSDictionary *table = 0);
	static OSDictionary *serviceMatching(const OSString *className, OSDictionary *table = 0);
	static OSDictionary *nameMatching(const char *name, OSDictionary *table = 0);
	static OSDictionary *resourceMatching(const char *name, OSDictionary *table = 0);
	static OSDictionary *propertyMatching(const OSSymbol *key, const OSObject *value, OSDictionary *table = 0);
	static OSIterator *getMatchingServices(OSDictionary *matching);
	/* A reference is given; 0 after timeout nanoseconds. */
	static IOService *waitForMatchingService(OSDictionary *matching, uint64_t timeout = ~0ull);
	static IOService *waitForService(OSDictionary *matching, mach_timespec_t *timeout = 0);
	/* The handler hears of services that are there, too. The priority is not looked at. */
	static IONotifier *addMatchingNotification(const OSSymbol *type, OSDictionary *matching, IOServiceMatchingNotificationHandler handler,
		void *target, void *ref = 0, SInt32 priority = 0);
	static void publishResource(const OSSymbol *key, OSObject *value = 0);
	static void publishResource(const char *key, OSObject *value = 0);
	static IOService *getResourceService();

	/* There is no power to manage: these refuse, by kIOReturnUnsupported, or do nothing. */
	virtual void PMinit();
	virtual void PMstop();
	virtual void joinPMtree(IOService *driver);
	virtual IOReturn registerPowerDriver(IOService *controllingDriver, IOPMPowerState *powerStates, unsigned long numberOfStates);
	virtual IOReturn makeUsable();
	virtual unsigned long getPowerState();
	virtual IOReturn setPowerState(unsigned long powerStateOrdinal, IOService *whatDevice);
	virtual IOReturn changePowerStateTo(unsigned long ordinal);
	virtual IOReturn changePowerStateToPriv(unsigned long ordinal);
	OSMetaClassDeclareReservedUnused(IOService, 0);
	OSMetaClassDeclareReservedUnused(IOService, 1);
	OSMetaClassDeclareReservedUnused(IOService, 2);
	OSMetaClassDeclareReservedUnused(IOService, 3);
};

/* What stands for the machine's resources. */
class IOResources : public IOService {
	OSDeclareDefaultStructors(IOResources);
public:
	virtual IOReturn setProperties(OSObject *properties) APPLE_KEXT_OVERRIDE;
};
#endif

#endif
