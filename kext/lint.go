package kext

import (
	"fmt"
	"strings"

	"puggle/libkern"
)

// reserved prefixes of C names (Kernel Programming, chapter 5).
var reserved = []string{"OS", "os", "IO", "io", "Apple", "apple", "AAPL", "aapl"}

// Lint lists what the naming conventions say against a binary's exported
// symbols: names should begin with the bundle's identifier, its dots as
// underscores, and not with an underscore or a prefix of the system's. C++ names
// are judged by their class's identifier, which needs no more than containing it.
func Lint(id string, img *libkern.Image) []string {
	prefix := strings.NewReplacer(".", "_", "-", "_").Replace(id)
	var out []string
	for i := range img.Symbols {
		s := &img.Symbols[i]
		if !s.Exported {
			continue
		}
		name := strings.TrimPrefix(s.Name, "_")
		switch {
		case strings.HasPrefix(name, "_Z"):
			if !strings.Contains(name, prefix) {
				out = append(out, fmt.Sprintf("%s: the class's name should begin with %s", clip(name), prefix))
			}
		case strings.HasPrefix(name, "_"):
			out = append(out, fmt.Sprintf("%s: names that begin with an underscore are reserved", clip(name)))
		case strings.HasPrefix(name, prefix), name == "kmod_info":
		default:
			if p := reservedPrefix(name); p != "" {
				out = append(out, fmt.Sprintf("%s: the prefix %s is reserved", clip(name), p))
			} else {
				out = append(out, fmt.Sprintf("%s: exported names should begin with %s, or be static", clip(name), prefix))
			}
		}
	}
	return out
}

// reservedPrefix finds a reserved prefix that ends where a word does (os_x,
// OSArray, but not osmosis).
func reservedPrefix(name string) string {
	for _, p := range reserved {
		rest, ok := strings.CutPrefix(name, p)
		if ok && (rest == "" || rest[0] == '_' || rest[0] >= 'A' && rest[0] <= 'Z') {
			return p
		}
	}
	return ""
}
