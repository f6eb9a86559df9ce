package iokit

import "fmt"

// class is an OSMetaClass as far as the registry needs it.
type class struct {
	name, super, bundle string
}

// KernelBundle is the bundle of the classes that are here from the start.
const KernelBundle = "com.apple.iokit.IOKitFramework"

// The classes of the machine's own entries and of what programs hold.
var standardClasses = [][2]string{
	{"OSObject", ""}, {"OSIterator", "OSObject"}, {"OSCollection", "OSObject"}, {"OSDictionary", "OSCollection"},
	{"IORegistryEntry", "OSObject"}, {"IORegistryIterator", "OSIterator"},
	{"IOUserIterator", "OSIterator"}, {"IOUserNotification", "OSIterator"},
	{"IOServiceUserNotification", "IOUserNotification"}, {"IOServiceMessageUserNotification", "IOUserNotification"},
	{"IOService", "IORegistryEntry"}, {"IOPlatformDevice", "IOService"}, {"IOPlatformExpertDevice", "IOService"},
	{"IOPlatformExpert", "IOService"}, {"IOResources", "IOService"}, {"IOUserResources", "IOService"},
	{"IODTNVRAM", "IOService"}, {"IOCPU", "IOService"}, {"IOUserClient", "IOService"}, {"IOPMrootDomain", "IOService"},
	{"IORootParent", "IOService"},
}

// DefineClass makes a class known. A class that is known already must have the same
// super class; its bundle is then the new one's. Errors: an unknown super class, another super class.
func (r *Registry) DefineClass(name, super, bundle string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.classes[name]; c != nil {
		if c.super != super {
			return fmt.Errorf("class %s is a %s already, not a %s", name, c.super, super)
		}
		c.bundle = bundle
		return nil
	}
	if r.classes[super] == nil {
		return fmt.Errorf("class %s: its super class %s is unknown", name, super)
	}
	if len(r.classes) >= MaxEntries {
		return errFull
	}
	r.classes[name] = &class{name, super, bundle}
	return nil
}

// UndefineClass forgets a class; an extension that leaves does so for its own, the
// last defined first. Entries of a class that is not known are only of their own name.
func (r *Registry) UndefineClass(name string) {
	r.mu.Lock()
	delete(r.classes, name)
	r.mu.Unlock()
}

// Superclass is the name of a class's super class and the bundle that defines the
// class; ok is false for an unknown one.
func (r *Registry) Superclass(name string) (super, bundle string, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c := r.classes[name]
	if c == nil {
		return "", "", false
	}
	return c.super, c.bundle, true
}

// ClassConforms says whether a class is or inherits from another (metaCast).
func (r *Registry) ClassConforms(name, ancestor string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.conforms(name, ancestor)
}

// conforms ends since a class is only ever defined after its super class; the bound is
// for one that was undefined and defined again below its own heir.
func (r *Registry) conforms(name, ancestor string) bool {
	for range 64 {
		if name == ancestor {
			return true
		}
		c := r.classes[name]
		if c == nil {
			return false
		}
		name = c.super
	}
	return false
}
