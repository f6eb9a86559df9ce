// Package dev has the device switch tables, cdevsw and bdevsw: for each major
// number the functions of its driver (<sys/conf.h>), and the simple devices of
// memory (null, zero, random).
//
// An entry's functions are called without locks of this package held, and may
// sleep. The tables may be changed at any time, as loaded drivers do; what is
// open goes on with the functions it was opened with.
//
// # Last close
//
// As in BSD, d_open is called for each open and d_close for the last close of a
// device only, across all of its nodes.
package dev
