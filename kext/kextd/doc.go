// Package kextd is the kernel extension manager's part that programs talk to (Kernel
// Programming, chapter 17): it knows the extensions that are installed, and those that
// programs register from their own bundles, and loads them on need. Registering loads
// nothing.
//
// # Need
//
// A program asks (kextd_load), or a board on the NeXTbus wants a driver: at boot, each
// extension in the search places one of whose personalities matches a board is loaded.
// A personality matches by IOProviderClass NXBusDevice and the properties of
// IOPropertyMatch: NXManufacturerID, NXBoardID and NXSlot, all numbers.
//
// # Owners
//
// A registration lasts as long as its owner, a port of the program's. When it dies, the
// extension is unloaded; if something still points into it, it stays, and the message buffer
// says why.
//
// # Locks
//
// Daemon.mu is a leaf; it is not held while the manager works.
package kextd
