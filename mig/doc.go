// Package mig is the Mach Interface Generator: it compiles .defs files into
// the two ends of a message interface, in C and in Go.
//
// # The way through
//
// Source text becomes tokens (lex.go); the preprocessor (cpp.go) follows
// #include, #if and macros and leaves one stream; the parser (parse*.go) makes
// types and routines of it and checks them; layout.go decides what each message
// looks like; gen_c*.go and gen_go*.go print. gen_c25.go prints the typed messages of
// Mach 2.5, whose layout it says itself.
//
// # The language
//
// That of Apple's MIG, in its 64-bit untyped (NDR) form: subsystem, type,
// routine, simpleroutine, skip, import in its kinds, rcsid, serverprefix,
// userprefix, serverdemux, waittime, sendtime, msgoption, error; types with
// translation, structs, strings, arrays in line and out of line. The old forms
// procedure, simpleprocedure and function are routine, simpleroutine and
// routine here: their C differs only in where errors go.
// Two additions, ignored for C: `gotype: "T"` on a type, and `goimport "path";`.
//
// # The wire
//
// header 24 | body 4, descriptors in order of arguments (port 12, other 16) |
// NDR record 8, present if anything follows | data in order of arguments, each
// rounded up to 4 bytes, variable arrays as a count and exactly that many
// elements. A reply without descriptors begins its data with the return code; a
// reply with descriptors has none, it means success. Arrays of ports in line
// are as many port descriptors as the array has room for.
//
// # Hostility
//
// Input is bounded in every dimension (bounds.go): a .defs file can make the
// compiler fail, not hang or grow. Errors carry file:line:column.
//
// # What it does not do
//
// Typed messages of Mach 2.5 have no polymorphic rights. No byte order conversion of what comes from
// other machines (NDR records are written, not read), no `array[]` that
// chooses between in line and out of line by size: it is out of line.
package mig
