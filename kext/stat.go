package kext

import (
	"fmt"
	"io"
)

// PrintStatus writes what kextstat prints: index, references, address, size
// and wired bytes (all of an extension's are), identifier, version, and the indices of
// the extensions that it is linked against.
func PrintStatus(w io.Writer, loaded []Loaded) error {
	if _, err := fmt.Fprintln(w, "Index Refs Address            Size       Wired      Name (Version) <Linked Against>"); err != nil {
		return err
	}
	for i := range loaded {
		l := &loaded[i]
		var base, size uint64
		if l.Image != nil {
			base, size = l.Image.Base, l.Image.Size
		}
		line := fmt.Sprintf("%5d %4d %#-18x %#-10x %#-10x %s (%v)", l.Index, l.Refs, base, size, size, l.Bundle.ID, l.Bundle.Version)
		for j, d := range l.Deps {
			if j == 0 {
				line += " <"
			} else {
				line += " "
			}
			line += fmt.Sprint(d.Index)
		}
		if len(l.Deps) > 0 {
			line += ">"
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
