// Package defs carries the definition files of the kernel's interfaces, and
// those that other interfaces include: <mach/std_types.defs> and its kin.
package defs

import "embed"

// FS holds mach/*.defs.
//
//go:embed mach/*.defs
var FS embed.FS
