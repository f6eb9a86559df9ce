// Package kext is the KEXT manager's knowledge: bundles and their information
// property lists, versions, dependencies, the places where extensions live, and
// the bookkeeping of what is loaded.
//
// It maps no memory and runs no code. Linking is libkern's; the machine is behind
// the Kernel interface, which whoever boots the kernel fills in.
//
// # What a bundle is
//
// A folder NAME.kext with Contents/Info.plist (or Info.plist, in the flat
// form), at most one binary, at most one level of plug-ins (bundles in
// PlugIns), and resources. A bundle without a binary must refer to another
// extension in its personalities, whose settings it changes. Without a property
// list a folder is no bundle.
//
// # Dependencies
//
// OSBundleLibraries (older: Requires) names extensions and KPI identifiers, with a
// version each. They are loaded first, in order; a cycle is an error that
// names its members. An extension's symbols come from its declared
// dependencies only. A dependency is satisfied by a version between its
// OSBundleCompatibleVersion and its CFBundleVersion, both included.
//
// # Hostility
//
// Bundles come from users. Property lists are at most MaxPlist bytes and
// MaxDepth deep, binaries at most MaxBinary bytes, a search place at most
// MaxBundles bundles. Errors are one line.
//
// # Locks
//
// Manager.mu is held across calls of Kernel; Kernel must not call back.
//
// Sources: Kernel Programming (2002) chapters 5 and 17, kextload(8),
// OSKext's version grammar in <libkern/OSKextLibPrivate.h>.
package kext
