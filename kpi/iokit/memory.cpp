// IOMemoryDescriptor and IOBufferMemoryDescriptor. There is no physical memory to speak of: nothing
// gives segments.

OSDefineMetaClassAndStructors(IOMemoryDescriptor, OSObject)
OSDefineMetaClassAndStructors(IOBufferMemoryDescriptor, IOMemoryDescriptor)

bool IOMemoryDescriptor::initWithRange(uint64_t address, IOByteCount length, IOOptionBits options, task_t task)
{
	if (!OSObject::init() || address + length < address)
		return false;
	fAddress = address;
	fLength = length;
	fDirection = options & kIOMemoryDirectionMask;
	return !task || task == kernel_task || (fTask = kpi_task_hold(task)) != 0;
}
IOMemoryDescriptor *IOMemoryDescriptor::withAddressRange(mach_vm_address_t address, mach_vm_size_t length, IOOptionBits options, task_t task)
{
	IOMemoryDescriptor *d = new IOMemoryDescriptor;
	if (d && !d->initWithRange(address, length, options, task)) {
		d->release();
		d = 0;
	}
	return d;
}
IOMemoryDescriptor *IOMemoryDescriptor::withAddress(void *address, IOByteCount length, IODirection direction)
{
	return withAddressRange((uint64_t)address, length, direction, 0);
}
void IOMemoryDescriptor::free()
{
	while (fPrepared > 0)
		complete();
	if (fTask)
		kpi_task_drop(fTask);
	OSObject::free();
}
IODirection IOMemoryDescriptor::getDirection() const { return (IODirection)fDirection; }
IOByteCount IOMemoryDescriptor::getLength() const { return fLength; }
IOReturn IOMemoryDescriptor::prepare(IODirection forDirection)
{
	unsigned d = forDirection ? (unsigned)forDirection : fDirection;
	// What a device reads in is written.
	IOReturn r = fTask ? kpi_user_wire(fTask, fAddress, fLength, (d & kIODirectionIn) != 0) : kIOReturnSuccess;
	if (r == kIOReturnSuccess)
		__atomic_fetch_add(&fPrepared, 1, __ATOMIC_SEQ_CST);
	return r;
}
IOReturn IOMemoryDescriptor::complete(IODirection)
{
	int n = __atomic_load_n(&fPrepared, __ATOMIC_SEQ_CST);
	do
		if (n <= 0)
			return kIOReturnNotReady;
	while (!__atomic_compare_exchange_n(&fPrepared, &n, n - 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return fTask ? kpi_user_unwire(fTask, fAddress, fLength) : kIOReturnSuccess;
}
IOByteCount IOMemoryDescriptor::readBytes(IOByteCount offset, void *bytes, IOByteCount n)
{
	if (offset >= fLength || (fTask && fPrepared <= 0))
		return 0;
	if (n > fLength - offset)
		n = fLength - offset;
	if (!fTask)
		memcpy(bytes, (const void *)(fAddress + offset), n);
	else if (kpi_user_copy(fTask, fAddress + offset, bytes, n, 0) != kIOReturnSuccess)
		return 0;
	return n;
}
IOByteCount IOMemoryDescriptor::writeBytes(IOByteCount offset, const void *bytes, IOByteCount n)
{
	if (offset >= fLength || (fTask && fPrepared <= 0))
		return 0;
	if (n > fLength - offset)
		n = fLength - offset;
	if (!fTask)
		memcpy((void *)(fAddress + offset), bytes, n);
	else if (kpi_user_copy(fTask, fAddress + offset, const_cast<void *>(bytes), n, 1) != kIOReturnSuccess)
		return 0;
	return n;
}

IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::inTaskWithOptions(task_t task, IOOptionBits options, vm_size_t capacity, vm_offset_t alignment)
{
	if ((task && task != kernel_task) || capacity == 0 || alignment > 4096 || (alignment & (alignment - 1)))
		return 0;
	IOBufferMemoryDescriptor *d = new IOBufferMemoryDescriptor;
	if (d && (!(d->fBuffer = kpi_pages_alloc(capacity)) || !d->initWithRange((uint64_t)d->fBuffer, capacity, options, 0))) {
		d->release();
		return 0;
	}
	if (d)
		d->fCapacity = capacity;
	return d;
}
IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::withOptions(IOOptionBits options, vm_size_t capacity, vm_offset_t alignment)
{
	return inTaskWithOptions(0, options, capacity, alignment);
}
IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::withCapacity(vm_size_t capacity, IODirection direction, bool)
{
	return inTaskWithOptions(0, direction, capacity, 1);
}
IOBufferMemoryDescriptor *IOBufferMemoryDescriptor::withBytes(const void *bytes, vm_size_t n, IODirection direction, bool)
{
	IOBufferMemoryDescriptor *d = withCapacity(n, direction);
	if (d)
		memcpy(d->fBuffer, bytes, n);
	return d;
}
void IOBufferMemoryDescriptor::free()
{
	if (fBuffer)
		kpi_object_free(fBuffer);
	IOMemoryDescriptor::free();
}
void IOBufferMemoryDescriptor::setLength(vm_size_t n)
{
	if (n > fCapacity)
		panic("IOBufferMemoryDescriptor::setLength: %lu of %lu bytes", (unsigned long)n, (unsigned long)fCapacity);
	fLength = n;
}
void IOBufferMemoryDescriptor::setDirection(IODirection d) { fDirection = d; }
vm_size_t IOBufferMemoryDescriptor::getCapacity() const { return fCapacity; }
void *IOBufferMemoryDescriptor::getBytesNoCopy() { return fBuffer; }
void *IOBufferMemoryDescriptor::getBytesNoCopy(vm_size_t start, vm_size_t n) { return start <= fLength && n <= fLength - start ? (char *)fBuffer + start : 0; }
bool IOBufferMemoryDescriptor::appendBytes(const void *bytes, vm_size_t n)
{
	if (n > fCapacity - fLength)
		n = fCapacity - fLength;
	memcpy((char *)fBuffer + fLength, bytes, n);
	fLength += n;
	return true;
}
