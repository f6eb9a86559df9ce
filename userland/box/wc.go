//go:build darwin

package main

import (
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

func wc(args []string) int {
	o, ok := getopt(args, "clmw", "[-clmw] [file ...]")
	if !ok {
		return 1
	}
	if len(o.order) == 0 {
		o.set['l'], o.set['w'], o.set['c'] = true, true, true
	}
	c := &cmd{name: "wc"}
	var sum [4]int64
	show := func(n [4]int64, name string) {
		for i, f := range []byte("lwcm") {
			if o.has(f) {
				fmt.Fprintf(out, " %7d", n[i])
			}
		}
		if name != "" {
			name = " " + name
		}
		fmt.Fprintln(out, name)
	}
	c.inputs(o.args, func(name string, in *os.File) error {
		var n [4]int64
		buf := make([]byte, 64<<10)
		word := false
		for {
			k, err := in.Read(buf)
			for _, b := range buf[:k] {
				space := b == ' ' || b >= 9 && b <= 13
				if b == '\n' {
					n[0]++
				}
				if !space && !word {
					n[1]++
				}
				word = !space
				if utf8.RuneStart(b) {
					n[3]++
				}
			}
			n[2] += int64(k)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		for i := range n {
			sum[i] += n[i]
		}
		if len(o.args) == 0 {
			name = ""
		}
		show(n, name)
		return nil
	})
	if len(o.args) > 1 {
		show(sum, "total")
	}
	return c.status
}
