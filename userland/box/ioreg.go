//go:build darwin

package main

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"ioreg": ioreg}) }

// ioreg shows the I/O registry as far as the machine has one: the root and the
// platform, by whose UUID programs know a machine again (here, for as long as it is
// up).
func ioreg(args []string) int {
	const use = "[-l] [-r] [-d depth] [-c class] [-n name] [-k key] [-w width]"
	o, ok := getopt(args, "c:d:k:ln:p:rSw:", use)
	if !ok {
		return 64
	}
	model, _ := unix.Sysctl("hw.model")
	uuid, _ := unix.Sysctl("kern.uuid")
	entries := []struct {
		depth       int
		name, class string
		supers      []string
		properties  [][2]string
	}{
		{0, "Root", "IORegistryEntry", nil, nil},
		{1, model, "IOPlatformExpertDevice", []string{"IOService", "IORegistryEntry"},
			[][2]string{{"IOPlatformUUID", `"` + uuid + `"`}, {"model", `<"` + model + `">`}}},
	}
	for _, e := range entries {
		chosen := (!o.has('c') || o.value['c'] == e.class || slices.Contains(e.supers, o.value['c'])) && (!o.has('n') || o.value['n'] == e.name)
		has := slices.ContainsFunc(e.properties, func(p [2]string) bool { return p[0] == o.value['k'] })
		if o.has('r') && !chosen || o.has('k') && o.has('r') && !has {
			continue
		}
		depth := e.depth
		if o.has('r') {
			depth = 0
		}
		pad := fmt.Sprintf("%*s", 2*depth, "")
		fmt.Fprintf(out, "%s+-o %s  <class %s, registered, matched, active>\n", pad, e.name, e.class)
		if !o.has('l') && !o.has('r') && !(chosen && (o.has('c') || o.has('n'))) {
			continue
		}
		fmt.Fprintf(out, "%s    {\n", pad)
		for _, p := range e.properties {
			fmt.Fprintf(out, "%s      \"%s\" = %s\n", pad, p[0], p[1])
		}
		fmt.Fprintf(out, "%s    }\n%s\n", pad, pad)
	}
	return 0
}
