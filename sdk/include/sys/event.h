/* Kernel event queues. */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_
#include <sys/types.h>
#include <time.h>
struct kevent {
	uintptr_t ident;
	int16_t filter;
	uint16_t flags;
	uint32_t fflags;
	intptr_t data;
	void *udata;
};
struct kevent64_s { uint64_t ident; int16_t filter; uint16_t flags; uint32_t fflags; int64_t data; uint64_t udata, ext[2]; };
#define EV_SET(k, i, f, fl, ff, d, u) do { struct kevent *__k = (k); __k->ident = (i); __k->filter = (f); \
	__k->flags = (fl); __k->fflags = (ff); __k->data = (d); __k->udata = (u); } while (0)
#define EV_SET64(k, i, f, fl, ff, d, u, e0, e1) do { struct kevent64_s *__k = (k); __k->ident = (i); __k->filter = (f); \
	__k->flags = (fl); __k->fflags = (ff); __k->data = (d); __k->udata = (u); __k->ext[0] = (e0); __k->ext[1] = (e1); } while (0)
#define EV_SET_QOS EV_SET
struct kevent_qos_s {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	int32_t qos;
	uint64_t udata;
	uint32_t fflags, xflags;
	int64_t data;
	uint64_t ext[4];
};
#define KEVENT_FLAG_NONE 0
#define KEVENT_FLAG_IMMEDIATE 1
#define KEVENT_FLAG_ERROR_EVENTS 2
#define EVFILT_AIO               (-0x3)
#define EVFILT_EXCEPT            (-0xf)
#define EVFILT_FS                (-0x9)
#define EVFILT_MACHPORT          (-0x8)
#define EVFILT_PROC              (-0x5)
#define EVFILT_READ              (-0x1)
#define EVFILT_SIGNAL            (-0x6)
#define EVFILT_SYSCOUNT          0x11
#define EVFILT_THREADMARKER      0x11
#define EVFILT_TIMER             (-0x7)
#define EVFILT_USER              (-0xa)
#define EVFILT_VM                (-0xc)
#define EVFILT_VNODE             (-0x4)
#define EVFILT_WRITE             (-0x2)
#define EV_ADD                   0x1
#define EV_CLEAR                 0x20
#define EV_DELETE                0x2
#define EV_DISABLE               0x8
#define EV_DISPATCH              0x80
#define EV_DISPATCH2             0x180
#define EV_ENABLE                0x4
#define EV_EOF                   0x8000
#define EV_ERROR                 0x4000
#define EV_FLAG0                 0x1000
#define EV_FLAG1                 0x2000
#define EV_ONESHOT               0x10
#define EV_OOBAND                0x2000
#define EV_POLL                  0x1000
#define EV_RECEIPT               0x40
#define EV_SYSFLAGS              0xf000
#define EV_UDATA_SPECIFIC        0x100
#define EV_VANISHED              0x200
#define NOTE_ABSOLUTE            0x8
#define NOTE_ATTRIB              0x8
#define NOTE_BACKGROUND          0x40
#define NOTE_CHILD               0x4
#define NOTE_CRITICAL            0x20
#define NOTE_DELETE              0x1
#define NOTE_EXEC                0x20000000
#define NOTE_EXIT                0x80000000
#define NOTE_EXITSTATUS          0x4000000
#define NOTE_EXIT_CSERROR        0x40000
#define NOTE_EXIT_DECRYPTFAIL    0x10000
#define NOTE_EXIT_DETAIL         0x2000000
#define NOTE_EXIT_DETAIL_MASK    0x70000
#define NOTE_EXIT_MEMORY         0x20000
#define NOTE_EXIT_REPARENTED     0x80000
#define NOTE_EXTEND              0x4
#define NOTE_FFAND               0x40000000
#define NOTE_FFCOPY              0xc0000000
#define NOTE_FFCTRLMASK          0xc0000000
#define NOTE_FFLAGSMASK          0xffffff
#define NOTE_FFNOP               0x0
#define NOTE_FFOR                0x80000000
#define NOTE_FORK                0x40000000
#define NOTE_FUNLOCK             0x100
#define NOTE_LEEWAY              0x10
#define NOTE_LINK                0x10
#define NOTE_LOWAT               0x1
#define NOTE_MACHTIME            0x100
#define NOTE_MACH_CONTINUOUS_TIME 0x80
#define NOTE_NONE                0x80
#define NOTE_NSECONDS            0x4
#define NOTE_OOB                 0x2
#define NOTE_PCTRLMASK           (-0x100000)
#define NOTE_PDATAMASK           0xfffff
#define NOTE_REAP                0x10000000
#define NOTE_RENAME              0x20
#define NOTE_REVOKE              0x40
#define NOTE_SECONDS             0x1
#define NOTE_SIGNAL              0x8000000
#define NOTE_TRACK               0x1
#define NOTE_TRACKERR            0x2
#define NOTE_TRIGGER             0x1000000
#define NOTE_USECONDS            0x2
#define NOTE_VM_ERROR            0x10000000
#define NOTE_VM_PRESSURE         0x80000000
#define NOTE_VM_PRESSURE_SUDDEN_TERMINATE 0x20000000
#define NOTE_VM_PRESSURE_TERMINATE 0x40000000
#define NOTE_WRITE               0x2
__BEGIN_DECLS
int kqueue(void);
int kevent(int, const struct kevent *, int, struct kevent *, int, const struct timespec *);
int kevent_qos(int, const struct kevent_qos_s *, int, struct kevent_qos_s *, int, void *, size_t *, unsigned);
int kevent64(int, const struct kevent64_s *, int, struct kevent64_s *, int, unsigned, const struct timespec *);
__END_DECLS
#endif
