package libsystem

import "embed"

//go:embed lib
var lib embed.FS

// paths maps a library's path in the guest to its file in lib.
var paths = map[string]string{
	"/usr/lib/libSystem.B.dylib": "libSystem.B.dylib",
	"/usr/lib/libresolv.9.dylib": "libresolv.9.dylib",
	"/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation": "CoreFoundation",
	"/System/Library/Frameworks/Security.framework/Versions/A/Security":             "Security",
}

// Aliases maps other paths that programs use to paths of Files: the symbolic
// links of a Mac.
func Aliases() map[string]string {
	const frameworks = "/System/Library/Frameworks/"
	m := map[string]string{
		"/usr/lib/libSystem.dylib": "/usr/lib/libSystem.B.dylib",
		"/usr/lib/libresolv.dylib": "/usr/lib/libresolv.9.dylib",
	}
	for _, name := range []string{"c", "m", "pthread", "dl", "info", "proc", "dbm", "poll"} {
		m["/usr/lib/lib"+name+".dylib"] = "/usr/lib/libSystem.B.dylib"
	}
	for _, f := range []string{"CoreFoundation", "Security"} {
		m[frameworks+f+".framework/"+f] = frameworks + f + ".framework/Versions/A/" + f
	}
	return m
}

// Files gives the libraries by their path in the guest. The map is the caller's;
// the bytes are shared and must not be changed.
func Files() map[string][]byte {
	m := make(map[string][]byte, len(paths))
	for path, file := range paths {
		b, err := lib.ReadFile("lib/" + file)
		if err != nil {
			panic("libsystem: " + err.Error()) // the build embeds them
		}
		m[path] = b
	}
	return m
}
