// Package sysctl is the tree of named kernel values, in the new style (OIDs that
// may come and go, with handlers) and with the old style's fixed numbers.
//
// A Tree holds OIDs. An OID is a node with children, or a leaf with a handler;
// a node with a handler takes the rest of the name itself (kern.proc). A
// request (Req) is one call of sysctl or sysctlbyname: where the old value
// goes, and what the new one is. Standard fills in what every system has, from
// a Config.
//
// # What it promises
//
//   - Writing needs CTLFLAG_WR (EPERM), and root unless CTLFLAG_ANYBODY, and a
//     securelevel of 0 or less with CTLFLAG_SECURE.
//   - With a buffer that is too short the call fails with ENOMEM, and the length
//     is set to what is needed. Without a buffer it is a query of the length.
//   - Unregister waits until no handler of the OID runs, and none starts later:
//     an extension can go then.
//   - {0,1..5} are the tree about itself: name, next, name2oid, oidfmt,
//     oiddescr. sysctl.proc_translated does not exist (ENOENT), as on a machine
//     that translates nothing.
//
// # Lock order
//
// Tree.mu guards the shape; handlers are called without it and may sleep.
//
// Sources: <sys/sysctl.h>, sysctl(3); Kernel Programming, chapter 14.
package sysctl
