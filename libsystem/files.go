package libsystem

import _ "embed"

var (
	//go:embed lib/libSystem.B.dylib
	libSystem []byte
	//go:embed lib/libresolv.9.dylib
	libresolv []byte
	//go:embed lib/CoreFoundation
	coreFoundation []byte
	//go:embed lib/libiconv.2.dylib
	libiconv []byte
	//go:embed lib/libc++abi.dylib
	libcxxabi []byte
	//go:embed lib/libc++.1.dylib
	libcxx []byte
	//go:embed lib/libicucore.A.dylib
	libicucore []byte
	//go:embed lib/CoreServices
	coreServices []byte
	//go:embed lib/IOKit
	ioKit []byte
	//go:embed lib/Security
	security []byte
)

// Aliases maps other paths that programs use to paths of Files: the symbolic
// links of a Mac.
func Aliases() map[string]string {
	const frameworks = "/System/Library/Frameworks/"
	m := map[string]string{
		"/usr/lib/libSystem.dylib": "/usr/lib/libSystem.B.dylib",
		"/usr/lib/libresolv.dylib": "/usr/lib/libresolv.9.dylib",
		"/usr/lib/libc++.dylib":    "/usr/lib/libc++.1.dylib",
		// Darwin has locale_charset in a library of its own.
		"/usr/lib/libcharset.1.dylib": "/usr/lib/libiconv.2.dylib",
	}
	for _, name := range []string{"c", "m", "pthread", "dl", "info", "proc", "dbm", "poll"} {
		m["/usr/lib/lib"+name+".dylib"] = "/usr/lib/libSystem.B.dylib"
	}
	for _, f := range []string{"CoreFoundation", "CoreServices", "IOKit", "Security"} {
		m[frameworks+f+".framework/"+f] = frameworks + f + ".framework/Versions/A/" + f
	}
	return m
}

// Files gives the libraries by their path in the guest. The map is the caller's;
// the bytes are shared and must not be changed.
func Files() map[string][]byte {
	return map[string][]byte{
		"/usr/lib/libSystem.B.dylib":  libSystem,
		"/usr/lib/libresolv.9.dylib":  libresolv,
		"/usr/lib/libiconv.2.dylib":   libiconv,
		"/usr/lib/libicucore.A.dylib": libicucore,
		"/usr/lib/libc++abi.dylib":    libcxxabi,
		"/usr/lib/libc++.1.dylib":     libcxx,
		"/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation": coreFoundation,
		"/System/Library/Frameworks/CoreServices.framework/Versions/A/CoreServices":     coreServices,
		"/System/Library/Frameworks/IOKit.framework/Versions/A/IOKit":                   ioKit,
		"/System/Library/Frameworks/Security.framework/Versions/A/Security":             security,
	}
}
