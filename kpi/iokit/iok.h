/* What the classes use of the kernel, besides the KPI. The handlers are in ../iokit_*.go. */
#ifndef IOK_H
#define IOK_H

#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/sched_prim.h>
#include <kern/thread_call.h>
#include <libkern/c++/OSContainers.h>

/* A handle of an entry of the I/O Registry. */
typedef struct kpi_entry *kpi_entry_t;
class IORegistryEntry;
class IOService;

extern "C" {
/* Zeroed memory that belongs to no extension. */
void *kpi_object_alloc(size_t size);
void kpi_object_free(void *p);
/* Classes: the kernel keeps their names, and who has them. false for a name that is taken. */
bool kpi_class_define(const void *meta, const char *name, const char *super, unsigned count_at);
void kpi_class_undefine(const void *meta, const char *name);
/* Entries. Those that give a size give that of the whole, whatever room there was. */
kpi_entry_t kpi_entry_new(IORegistryEntry *object, const char *cls, const char *name);
void kpi_entry_free(kpi_entry_t entry);
bool kpi_entry_attach(kpi_entry_t entry, kpi_entry_t parent, const char *plane);
void kpi_entry_detach(kpi_entry_t entry, kpi_entry_t parent, const char *plane);
/* The object of the parent (up) or the child with an index; 0 beyond the last. */
IORegistryEntry *kpi_entry_near(kpi_entry_t entry, const char *plane, int up, unsigned index);
IORegistryEntry *kpi_entry_root(void);
IORegistryEntry *kpi_entry_from_path(const char *path);
IORegistryEntry *kpi_entry_matching(const char *xml, size_t size, unsigned index);
uint64_t kpi_entry_id(kpi_entry_t entry);
size_t kpi_entry_text(kpi_entry_t entry, const char *plane, int what, char *to, size_t room);
bool kpi_entry_label(kpi_entry_t entry, const char *plane, int what, const char *text);
bool kpi_entry_set_property(kpi_entry_t entry, const char *key, const char *xml, size_t size);
size_t kpi_entry_properties(kpi_entry_t entry, char *to, size_t room);
/* Services. */
void kpi_service_register(kpi_entry_t entry, unsigned options);
bool kpi_service_terminate(kpi_entry_t entry, unsigned options);
unsigned kpi_service_state(kpi_entry_t entry);
void kpi_service_busy(kpi_entry_t entry, int delta);
unsigned kpi_service_get_busy(kpi_entry_t entry);
bool kpi_service_match(kpi_entry_t entry, const char *xml, size_t size);
void kpi_service_message(kpi_entry_t entry, unsigned type, uint64_t argument);
bool kpi_publish_resource(const char *key, const char *xml, size_t size);
void *kpi_notify(const char *kind, const char *xml, size_t size, void *handler, void *target, void *ref);
bool kpi_wait_service(const char *xml, size_t size, uint64_t timeout);
/* Whether the owner of a token, or of a task, is root. */
bool kpi_client_root(void *token);
IOReturn kpi_async_complete(void *async, IOReturn result, const uint64_t *args, unsigned count);
/* User memory. */
task_t kpi_task_hold(task_t task);
void kpi_task_drop(task_t task);
extern task_t kernel_task;
/* Zeros in pages of their own; kpi_object_free frees them. */
void *kpi_pages_alloc(size_t size);
IOReturn kpi_user_wire(task_t task, uint64_t addr, uint64_t size, int write);
IOReturn kpi_user_unwire(task_t task, uint64_t addr, uint64_t size);
IOReturn kpi_user_copy(task_t task, uint64_t addr, void *kernel, uint64_t size, int out);
}

enum { kText_Name, kText_Location, kText_Path, kText_Class };

#endif
