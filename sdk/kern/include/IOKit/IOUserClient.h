/* Connections of programs to services. */
#ifndef _IOKIT_IOUSERCLIENT_H
#define _IOKIT_IOUSERCLIENT_H

#include <IOKit/IOService.h>

typedef uint64_t io_user_reference_t;
typedef io_user_reference_t OSAsyncReference64[8];
typedef void *io_wake_port_t; /* what programs are told by: a handle */
#ifndef __MACH_PORT_T_OF_KERNEL
#define __MACH_PORT_T_OF_KERNEL
typedef void *mach_port_t;
#endif

#define kIOUCVariableStructureSize 0xffffffff
#define kIOClientPrivilegeAdministrator "root"
#define kIOClientPrivilegeLocalUser "local"
enum { kIOMapAnywhere = 1, kIOMapReadOnly = 0x1000 };

#ifdef __cplusplus
class IOMemoryDescriptor;

struct IOExternalMethodArguments {
	uint32_t version;
	uint32_t selector;
	mach_port_t asyncWakePort;
	io_user_reference_t *asyncReference;
	uint32_t asyncReferenceCount;
	const uint64_t *scalarInput;
	uint32_t scalarInputCount;
	const void *structureInput; /* always there, however large: there is no descriptor */
	uint32_t structureInputSize;
	IOMemoryDescriptor *structureInputDescriptor;
	uint64_t *scalarOutput;
	uint32_t scalarOutputCount;
	void *structureOutput;
	uint32_t structureOutputSize;
	IOMemoryDescriptor *structureOutputDescriptor;
	uint32_t structureOutputDescriptorSize;
	uint32_t __reservedA;
	OSObject **structureVariableOutputData;
	uint32_t __reserved[30];
};

typedef IOReturn (*IOExternalMethodAction)(OSObject *target, void *reference, IOExternalMethodArguments *arguments);
struct IOExternalMethodDispatch {
	IOExternalMethodAction function;
	uint32_t checkScalarInputCount, checkStructureInputSize, checkScalarOutputCount, checkStructureOutputSize;
};

/* The older way: a table of members with up to six arguments. */
typedef IOReturn (IOService::*IOMethod)(void *p1, void *p2, void *p3, void *p4, void *p5, void *p6);
enum { kIOUCTypeMask = 0xf, kIOUCScalarIScalarO = 0, kIOUCScalarIStructO = 2, kIOUCStructIStructO = 3, kIOUCScalarIStructI = 4 };
struct IOExternalMethod {
	IOService *object;
	IOMethod func;
	IOOptionBits flags;
	IOByteCount count0, count1;
};

class IOUserClient : public IOService {
	OSDeclareAbstractStructors(IOUserClient);
public:
	virtual bool initWithTask(task_t owningTask, void *securityToken, UInt32 type, OSDictionary *properties);
	virtual bool initWithTask(task_t owningTask, void *securityToken, UInt32 type);
	/* kIOReturnSuccess if the token's owner, or the task's, may: root may everything. */
	static IOReturn clientHasPrivilege(void *securityToken, const char *privilegeName);
	virtual IOReturn clientClose();
	virtual IOReturn clientDied();
	virtual IOService *getService();
	virtual IOReturn registerNotificationPort(mach_port_t port, UInt32 type, io_user_reference_t refCon);
	virtual IOReturn registerNotificationPort(mach_port_t port, UInt32 type, UInt32 refCon);
	virtual IOReturn connectClient(IOUserClient *client);
	/* A reference is given with the memory. */
	virtual IOReturn clientMemoryForType(UInt32 type, IOOptionBits *options, IOMemoryDescriptor **memory);
	virtual IOReturn externalMethod(uint32_t selector, IOExternalMethodArguments *arguments, IOExternalMethodDispatch *dispatch = 0,
		OSObject *target = 0, void *reference = 0);
	virtual IOExternalMethod *getExternalMethodForIndex(UInt32 index);
	virtual IOExternalMethod *getTargetAndMethodForIndex(IOService **target, UInt32 index);
	/* Once for each asynchronous call. */
	static IOReturn sendAsyncResult64(OSAsyncReference64 reference, IOReturn result, io_user_reference_t args[], UInt32 numArgs);
	static IOReturn releaseAsyncReference64(OSAsyncReference64 reference);
	OSMetaClassDeclareReservedUnused(IOUserClient, 0);
	OSMetaClassDeclareReservedUnused(IOUserClient, 1);
};
#endif

#endif
