//go:build no_mach_kdb

package control

import (
	"errors"

	"puggle/debug"
)

// errNoKDB is the answer of a configuration without the option MACH_KDB.
var errNoKDB = errors.New("this kernel's configuration has no ddb (MACH_KDB): build it with KERNEL_CONFIGS=DEBUG")

func monitor(debug.Target) func(string) string {
	return func(string) string { return errNoKDB.Error() + "\n" }
}

func ddbTool(t *tool) int { return t.fail(errNoKDB) }
