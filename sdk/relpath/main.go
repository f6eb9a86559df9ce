// Command relpath prints the path that leads from one folder to another:
//
//	relpath [-d DIR] FROM TO
//
// With -d, TO is printed as it is when it is not below DIR. Makefiles of the kernel call
// it to tell where sources are from where objects are.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	dir := flag.String("d", "", "print TO unchanged unless it is below this folder")
	flag.Usage = func() { fmt.Fprintln(os.Stderr, "usage: relpath [-d DIR] FROM TO") }
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(1)
	}
	p, err := relative(*dir, flag.Arg(0), flag.Arg(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, "relpath:", err)
		os.Exit(1)
	}
	fmt.Println(p)
}

// relative is the way from one folder to another; both may be relative to the current one.
func relative(dir, from, to string) (string, error) {
	var abs [2]string
	for i, p := range []string{from, to} {
		a, err := filepath.Abs(p)
		if err != nil {
			return "", err
		}
		abs[i] = a
	}
	if dir != "" {
		d, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		if abs[1] != d && !strings.HasPrefix(abs[1], strings.TrimSuffix(d, "/")+"/") {
			return to, nil
		}
	}
	return filepath.Rel(abs[0], abs[1])
}
