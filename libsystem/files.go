package libsystem

import "embed"

//go:embed lib
var lib embed.FS

// Files are the libraries by their path in the guest.
func Files() map[string][]byte {
	m := map[string][]byte{}
	for f, p := range map[string]string{
		"libSystem.B.dylib": "/usr/lib/libSystem.B.dylib",
		"libresolv.9.dylib": "/usr/lib/libresolv.9.dylib",
		"CoreFoundation":    "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
		"Security":          "/System/Library/Frameworks/Security.framework/Versions/A/Security",
	} {
		m[p], _ = lib.ReadFile("lib/" + f)
	}
	return m
}
