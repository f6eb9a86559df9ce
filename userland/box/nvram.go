//go:build darwin

package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

func init() { register(map[string]tool{"nvram": nvram}) }

// nvramText is what sysctl machdep.nvram has: a line NAME=VALUE for each of Open Firmware's variables.
func nvramText(set string) (string, error) {
	below := sysctlBelow("machdep.nvram")
	if len(below) != 1 {
		return "", errors.New("this machine has no NVRAM")
	}
	if set != "" {
		_, err := sysctlCall(below[0], append([]byte(set), 0), 0)
		return "", err
	}
	b, err := sysctlCall(below[0], nil, 16<<10)
	return strings.TrimRight(string(b), "\x00"), err
}

// nvram shows and sets Open Firmware's variables: -p shows all, -d deletes one, -c deletes all. As on Darwin
// only root sets them.
func nvram(args []string) int {
	const use = "[-p] [-c] [-d name] [name[=value] ...]"
	c := &cmd{name: "nvram"}
	if args = args[1:]; len(args) == 0 {
		return usage("nvram", use)
	}
	text, err := nvramText("")
	if err != nil {
		c.fail("%v", err)
		return c.status
	}
	vars, names := map[string]string{}, []string{}
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if n, v, ok := strings.Cut(l, "="); ok {
			vars[n], names = v, append(names, n)
		}
	}
	change := func(name, set string) {
		switch _, err := nvramText(set); {
		case errors.Is(err, syscall.EPERM):
			c.fail("Error setting variable - '%s': (iokit/common) not permitted", name)
		case err != nil:
			c.fail("Error setting variable - '%s': %v", name, err)
		case name == set:
			delete(vars, name)
		default:
			vars[name] = set[len(name)+1:]
		}
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch name, _, set := strings.Cut(a, "="); {
		case a == "-p":
			for _, n := range names {
				fmt.Fprintf(out, "%s\t%s\n", n, vars[n])
			}
		case a == "-c":
			for _, n := range names {
				change(n, n)
			}
		case a == "-d" && i+1 < len(args):
			i++
			if _, ok := vars[args[i]]; !ok {
				c.fail("Error deleting variable - '%s': (iokit/common) data was not found", args[i])
				break
			}
			change(args[i], args[i])
		case strings.HasPrefix(a, "-"):
			return usage("nvram", use)
		case set:
			change(name, a)
		default:
			v, ok := vars[a]
			if !ok {
				c.fail("Error getting variable - '%s': (iokit/common) data was not found", a)
				break
			}
			fmt.Fprintf(out, "%s\t%s\n", a, v)
		}
	}
	return c.status
}
