// Package vm is Mach's virtual memory: maps, entries, objects, shadow chains,
// faults, copies and pagers. It decides what is at a guest address; a
// machine.Space (here: Pmap) is only a cache of those decisions.
//
// # The model
//
// A Map is a task's address space: Entries in ascending order, none of which
// overlap. An entry maps a range of one Object, or is untouched anonymous
// memory (no object yet), or a window on a submap. An Object is a range of
// pages: zero-filled on demand, supplied by a Pager, or the difference to the
// object that it shadows.
//
// An object's pages lie in long extents of physical memory (a place for every
// page is reserved up to 64 MB at a time), so that one entry is one host
// mapping in the common case and the host fills zero pages itself.
//
// # Invariants
//
//   - A page that an object has a place for but does not have (place reserved,
//     valid bit clear) has never been written, so it is zero. Objects with
//     neither pager nor shadow have all their pages.
//   - Physical memory is freed only after every translation to it was removed.
//     An entry's hull [lo, hi) covers all translations entered through it; it
//     may cover more, never less. Every object lists the entries that map it.
//   - Copy on write is symmetric: an object that is copied is frozen. All
//     entries that map the copied range have needsCopy, and a write through one
//     first makes a shadow (or, when nobody else is left, thaws the object).
//     Objects that are meant to be shared are copied eagerly instead. A
//     pager's object isn't frozen: a private mapping of a file sees changes to
//     pages which it has not yet written itself.
//   - Everything that a guest passes in is checked here: alignment, overflow,
//     the limits of the map, machine's own addresses.
//
// # Locks
//
// Map.mu, then family.mu, then the Pmap's own. A family is all objects
// connected by shadow links; its one lock guards their state, the hulls of the
// entries that map them, and serialises the entering of translations with
// their removal. An entry's other fields are guarded by its map's lock and, when
// they concern its object, by the family's too: changing takes both, reading
// either. Two maps are never locked at once, except that a submap's lock comes
// after its parent's. Two families never are, except that Fork, EnterFresh and thaw lock
// several, in the order of their ids.
//
// A submap's parentMu, which comes after a family's lock, guards the entries
// that show the submap in other maps.
//
// Pagers are called without any lock held. Pages on their way in are busy;
// who needs one sleeps on the family's condition, for 10 s at most when a UPL holds it.
//
// # Paging
//
// When physical memory is limited, a DefaultPager lies over machine.Memory, and
// objects allocate from it as from memory itself. It knows pages by physical
// address only: a page that is out keeps its place, so objects, shadows, copies
// and forks need no case for it. Two functions hold that together: bring, which
// every access through physical memory passes (Bytes does it, too), and the look
// at enterable in translate, the only place where translations are made.
//
// A page's host mappings are taken away by disconnect, under the family's lock,
// when it becomes inactive; the next use faults, which makes it active again
// (enter) or, if it was written to the paging file meanwhile, reads it. So a
// write can't be lost: from disconnect on nobody can write, and nobody in the
// kernel has a window on the page but under the same lock, or with a pin. What
// is pinned, wired, or mapped by kernel code is left alone. Which pages go, see
// scanner; how the files grow and shrink, see backingStore.
//
// # What it does not do
//
// Without a limit on physical memory there is no page replacement: the host pages.
// Superpages are refused; submaps don't nest, and can't be
// copied or named in part.
package vm
