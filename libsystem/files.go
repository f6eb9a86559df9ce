package libsystem

import "embed"

//go:embed lib
var lib embed.FS

// paths maps a library's path in the guest to its file in lib.
var paths = map[string]string{
	"/usr/lib/libSystem.B.dylib": "libSystem.B.dylib",
	"/usr/lib/libSystem.dylib":   "libSystem.B.dylib",
	"/usr/lib/libresolv.9.dylib": "libresolv.9.dylib",
	"/usr/lib/libresolv.dylib":   "libresolv.9.dylib",
	"/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation": "CoreFoundation",
	"/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation":            "CoreFoundation",
	"/System/Library/Frameworks/Security.framework/Versions/A/Security":             "Security",
	"/System/Library/Frameworks/Security.framework/Security":                        "Security",
}

// Files gives the libraries by their path in the guest. The map is the caller's;
// the bytes are shared and must not be changed.
func Files() map[string][]byte {
	byFile := make(map[string][]byte)
	m := make(map[string][]byte, len(paths))
	for path, file := range paths {
		if byFile[file] == nil {
			b, err := lib.ReadFile("lib/" + file)
			if err != nil {
				panic("libsystem: " + err.Error()) // the build embeds them
			}
			byFile[file] = b
		}
		m[path] = byFile[file]
	}
	return m
}
