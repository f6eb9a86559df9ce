// Command seg_hack gives all sections of a relocatable object one segment's name:
//
//	seg_hack SEGMENT INPUT -o OUTPUT
//
// The kernel's build names what is thrown away after start-up in this way (__KLD). The
// input is a thin 64-bit Mach-O object; nothing but the names is changed.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"puggle/macho"
)

func main() {
	a := os.Args[1:]
	if len(a) != 4 || a[2] != "-o" {
		fmt.Fprintln(os.Stderr, "usage: seg_hack SEGMENT INPUT -o OUTPUT")
		os.Exit(1)
	}
	b, err := os.ReadFile(a[1])
	if err == nil {
		err = rename(b, a[0])
	}
	if err == nil {
		err = os.WriteFile(a[3], b, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "seg_hack:", err)
		os.Exit(1)
	}
}

// Where a section of a 64-bit object has its segment's name, and their sizes (<mach-o/loader.h>).
const (
	headerSize   = 32
	commandSize  = 72 // of LC_SEGMENT_64, before its sections
	sectionSize  = 80
	segnameInSec = 16
)

// rename changes an object in place. It has been parsed and checked whole before.
func rename(b []byte, segment string) error {
	if segment == "" || len(segment) > 16 {
		return errors.New("a segment's name has one to 16 bytes")
	}
	f, err := macho.Parse(bytes.NewReader(b), int64(len(b)), macho.Limits{})
	if err != nil {
		return err
	}
	if f.Type != macho.Object {
		return errors.New("this is no relocatable object")
	}
	name := make([]byte, 16)
	copy(name, segment)
	le := func(at int) int {
		return int(uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16 | uint32(b[at+3])<<24)
	}
	for at, n := headerSize, le(16); n > 0; n-- {
		if le(at) == 0x19 { // LC_SEGMENT_64
			for s, k := at+commandSize, le(at+64); k > 0; k-- {
				copy(b[s+segnameInSec:s+segnameInSec+16], name)
				s += sectionSize
			}
		}
		at += le(at + 4)
	}
	return nil
}
