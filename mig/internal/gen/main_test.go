package main

import "testing"

// What is committed is what the .defs say.
func TestCurrent(t *testing.T) {
	t.Chdir("../../../mach/mig")
	if generate(true) {
		t.Error("run go generate in mach/mig")
	}
}
