//go:build no_kdebug

package control

// trace refuses: the configuration has no option KDEBUG.
func trace(*request) (any, error) {
	return nil, &RemoteError{"this kernel's configuration traces no calls (KDEBUG): build it with KERNEL_CONFIGS=RELEASE_TRACE", 125}
}
