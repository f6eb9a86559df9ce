// Package iokit is the I/O Registry and what is decided by looking at it: which
// drivers' personalities fit a service, who is told of it. Drivers themselves are
// elsewhere: kernel code behind the hooks of an Object, or Go.
//
// # The model
//
// A Registry has entries, and planes that join them: IOService, IODeviceTree, IOPower
// and more if somebody names them. An Entry has a 64-bit id (from 0x100000000 on, never
// used again), a class with its ancestors (DefineClass), a name and a location in each
// plane, and properties (value.go says of which types). The root is in every plane.
//
// The life of a service: NewEntry, Attach to its provider, Register (which looks for
// drivers, and tells those who wait for it), Terminate (which ends its clients first).
// Its state is what io_service_get_state gives. Busy counts are shared with the
// providers up to the root, so that the root is quiet when all are.
//
// # Hooks
//
// An Object is the truth of an entry that is more than its properties; nil is allowed.
// No lock is held when a hook is called, it may block, and it may call everything here.
// It may be called by several at once, and for a short while after Terminate.
//
// # Matching
//
// Match is IOService's passive matching, the keys that its comment lists; a key
// that is no such one is left to Object.MatchPropertyTable, and without an Object it
// doesn't matter. Catalogue.FindDrivers
// gives the personalities whose passive part fits a provider, by IOProbeScore, the
// first added first among equals. Of one IOMatchCategory one driver is started: the Starter, which the
// kernel's room of drivers sets, gets them category by category.
//
// # Bounds
//
// MaxEntries entries, MaxPropertyBytes of properties for each, MaxDepth levels in a
// value, MaxPersonalities in the catalogue, MaxNotifications with MaxNotificationBytes of dictionaries. What guests send is
// read by Unserialize, whose work and memory are linear in its input.
//
// # Lock order
//
// Catalogue.mu, then Registry.mu; both are leaves for everybody else and no hook, no
// handler of a notification and no Starter is called under them.
//
// # What it does not do
//
// Power management has no states of its own here: the IOPower plane is a plane. There
// is no deferred matching by compatibility (IOCompatibilityMatch) and no DriverKit.
package iokit
