//go:build darwin

package main

import (
	"fmt"
	"runtime"
	"strconv"
)

var pinned runtime.Pinner

// addressOf is where b is, without the unsafe package.
func addressOf(b []byte) uintptr {
	pinned.Pin(&b[0])
	n, _ := strconv.ParseUint(fmt.Sprintf("%p", &b[0])[2:], 16, 64)
	return uintptr(n)
}
