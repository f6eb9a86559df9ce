// The I/O Kit's locks, made of the kernel's.

extern "C" {

static lck_grp_t *group() { return lockOfClasses() ? iokGroup : 0; }

IOLock *IOLockAlloc(void) { return lck_mtx_alloc_init(group(), 0); }
void IOLockFree(IOLock *l) { lck_mtx_free(l, group()); }
lck_mtx_t *IOLockGetMachLock(IOLock *l) { return l; }
void IOLockLock(IOLock *l) { lck_mtx_lock(l); }
boolean_t IOLockTryLock(IOLock *l) { return lck_mtx_try_lock(l); }
void IOLockUnlock(IOLock *l) { lck_mtx_unlock(l); }
int IOLockSleep(IOLock *l, void *event, UInt32 how) { return lck_mtx_sleep(l, LCK_SLEEP_DEFAULT, event, (wait_interrupt_t)how); }
int IOLockSleepDeadline(IOLock *l, void *event, AbsoluteTime deadline, UInt32 how)
{
	return lck_mtx_sleep_deadline(l, LCK_SLEEP_DEFAULT, event, (wait_interrupt_t)how, deadline);
}
void IOLockWakeup(IOLock *, void *event, boolean_t one) { thread_wakeup_prim(event, one, THREAD_AWAKENED); }

struct _IORecursiveLock {
	lck_mtx_t *mutex;
	thread_t owner;
	unsigned count;
};
IORecursiveLock *IORecursiveLockAlloc(void)
{
	IORecursiveLock *l = (IORecursiveLock *)kpi_object_alloc(sizeof *l);
	if (l && !(l->mutex = lck_mtx_alloc_init(group(), 0))) {
		kpi_object_free(l);
		l = 0;
	}
	return l;
}
void IORecursiveLockFree(IORecursiveLock *l)
{
	lck_mtx_free(l->mutex, group());
	kpi_object_free(l);
}
boolean_t IORecursiveLockHaveLock(const IORecursiveLock *l) { return __atomic_load_n(&l->owner, __ATOMIC_SEQ_CST) == IOThreadSelf(); }
void IORecursiveLockLock(IORecursiveLock *l)
{
	if (!IORecursiveLockHaveLock(l)) {
		lck_mtx_lock(l->mutex);
		__atomic_store_n(&l->owner, IOThreadSelf(), __ATOMIC_SEQ_CST);
	}
	l->count++;
}
boolean_t IORecursiveLockTryLock(IORecursiveLock *l)
{
	if (!IORecursiveLockHaveLock(l)) {
		if (!lck_mtx_try_lock(l->mutex))
			return 0;
		__atomic_store_n(&l->owner, IOThreadSelf(), __ATOMIC_SEQ_CST);
	}
	l->count++;
	return 1;
}
void IORecursiveLockUnlock(IORecursiveLock *l)
{
	if (!IORecursiveLockHaveLock(l))
		panic("IORecursiveLockUnlock: the lock is another thread's, or nobody's");
	if (--l->count == 0) {
		__atomic_store_n(&l->owner, (thread_t)0, __ATOMIC_SEQ_CST);
		lck_mtx_unlock(l->mutex);
	}
}
int IORecursiveLockSleep(IORecursiveLock *l, void *event, UInt32 how)
{
	if (!IORecursiveLockHaveLock(l))
		panic("IORecursiveLockSleep: the lock is another thread's, or nobody's");
	unsigned n = l->count;
	l->count = 0;
	__atomic_store_n(&l->owner, (thread_t)0, __ATOMIC_SEQ_CST);
	int r = lck_mtx_sleep(l->mutex, LCK_SLEEP_DEFAULT, event, (wait_interrupt_t)how);
	__atomic_store_n(&l->owner, IOThreadSelf(), __ATOMIC_SEQ_CST);
	l->count = n;
	return r;
}
void IORecursiveLockWakeup(IORecursiveLock *, void *event, boolean_t one) { thread_wakeup_prim(event, one, THREAD_AWAKENED); }

IORWLock *IORWLockAlloc(void) { return lck_rw_alloc_init(group(), 0); }
void IORWLockFree(IORWLock *l) { lck_rw_free(l, group()); }
void IORWLockRead(IORWLock *l) { lck_rw_lock_shared(l); }
void IORWLockWrite(IORWLock *l) { lck_rw_lock_exclusive(l); }
void IORWLockUnlock(IORWLock *l) { lck_rw_done(l); }

IOSimpleLock *IOSimpleLockAlloc(void) { return lck_spin_alloc_init(group(), 0); }
void IOSimpleLockFree(IOSimpleLock *l) { lck_spin_free(l, group()); }
void IOSimpleLockInit(IOSimpleLock *l) { lck_spin_init(l, group(), 0); }
void IOSimpleLockLock(IOSimpleLock *l) { lck_spin_lock(l); }
boolean_t IOSimpleLockTryLock(IOSimpleLock *l) { return lck_spin_try_lock(l); }
void IOSimpleLockUnlock(IOSimpleLock *l) { lck_spin_unlock(l); }
// Interrupt handlers run on other threads, which wait: there is nothing to disable.
IOInterruptState IOSimpleLockLockDisableInterrupt(IOSimpleLock *l) { lck_spin_lock(l); return 1; }
void IOSimpleLockUnlockEnableInterrupt(IOSimpleLock *l, IOInterruptState) { lck_spin_unlock(l); }
}

// The compiler's name for zeroing.
extern "C" void __bzero(void *p, size_t n) { bzero(p, n); }
