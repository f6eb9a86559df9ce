//go:build darwin

package main

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
)

func init() {
	register(map[string]tool{"base64": base64Tool, "md5": md5Tool, "shasum": shasum, "uuidgen": uuidgen})
}

// base64Tool encodes a file or standard input, or decodes it (-d, -D).
func base64Tool(args []string) int {
	const use = "[-d | -D] [-b count] [-i input] [-o output] [file]"
	c := &cmd{name: "base64"}
	o, ok := getopt(args, "dDb:w:i:o:", use)
	if !ok || len(o.args) > 1 {
		return 64
	}
	in, to := os.Stdin, io.Writer(out)
	name := strings.Join(append(o.args, o.value['i']), "")
	if name != "" && name != "-" {
		f, err := os.Open(name)
		if err != nil {
			c.warn(name, err)
			return 1
		}
		in = f
	}
	if n := o.value['o']; n != "" && n != "-" {
		f, err := os.Create(n)
		if err != nil {
			c.warn(n, err)
			return 1
		}
		defer f.Close()
		to = f
	}
	b, err := io.ReadAll(in)
	if err != nil {
		c.warn(name, err)
		return 1
	}
	if o.has('d') || o.has('D') {
		b = bytes.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
				return -1
			}
			return r
		}, b)
		d, err := base64.StdEncoding.DecodeString(string(b))
		if err != nil {
			return c.fail("%s: error decoding base64 input stream", map[bool]string{true: "stdin", false: name}[name == ""])
		}
		to.Write(d)
		return 0
	}
	s, width := base64.StdEncoding.EncodeToString(b), 0
	fmt.Sscan(o.value['b']+o.value['w'], &width)
	for width > 0 && len(s) > width {
		fmt.Fprintln(to, s[:width])
		s = s[width:]
	}
	fmt.Fprintln(to, s)
	return 0
}

// sum is the digest of a stream, in hexadecimal.
func sum(h hash.Hash, in io.Reader) (string, error) {
	_, err := io.Copy(h, in)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}

// md5Tool prints digests in BSD's form, or the digest alone (-q).
func md5Tool(args []string) int {
	const use = "[-qr] [-s string] [file ...]"
	c := &cmd{name: "md5"}
	o, ok := getopt(args, "qrs:", use)
	if !ok {
		return 1
	}
	line := func(name, d string) {
		switch {
		case o.has('q') || name == "":
			fmt.Fprintln(out, d)
		case o.has('r'):
			fmt.Fprintf(out, "%s %s\n", d, name)
		default:
			fmt.Fprintf(out, "MD5 (%s) = %s\n", name, d)
		}
	}
	if o.has('s') {
		d, _ := sum(md5.New(), strings.NewReader(o.value['s']))
		line(`"`+o.value['s']+`"`, d)
		return 0
	}
	if len(o.args) == 0 {
		d, err := sum(md5.New(), os.Stdin)
		if err != nil {
			c.warn("", err)
		}
		line("", d)
		return c.status
	}
	c.inputs(o.args, func(name string, in *os.File) error {
		d, err := sum(md5.New(), in)
		if err == nil {
			line(name, d)
		}
		return err
	})
	return c.status
}

// shasum prints SHA digests, or checks them (-c).
func shasum(args []string) int {
	const use = "[-a 1 | 224 | 256 | 384 | 512] [-b | -t] [-c] [-s] [file ...]"
	c := &cmd{name: "shasum"}
	o, ok := getopt(args, "a:btcs", use)
	if !ok {
		return 1
	}
	makers := map[string]func() hash.Hash{"": sha1.New, "1": sha1.New, "224": sha256.New224, "256": sha256.New, "384": sha512.New384, "512": sha512.New}
	bySize := map[int]func() hash.Hash{40: sha1.New, 56: sha256.New224, 64: sha256.New, 96: sha512.New384, 128: sha512.New}
	mk := makers[o.value['a']]
	if mk == nil {
		return c.fail("Unrecognized algorithm")
	}
	if len(o.args) == 0 {
		o.args = []string{"-"}
	}
	c.inputs(o.args, func(name string, in *os.File) error {
		if !o.has('c') {
			d, err := sum(mk(), in)
			if err == nil {
				fmt.Fprintf(out, "%s %s%s\n", d, map[bool]string{true: "*", false: " "}[o.has('b')], name)
			}
			return err
		}
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			want, file, ok := strings.Cut(lines.Text(), " ")
			mk := bySize[len(want)]
			if !ok || mk == nil || len(file) < 2 {
				continue
			}
			f, err := os.Open(file[1:])
			if err != nil {
				c.warn(file[1:], err)
				continue
			}
			got, err := sum(mk(), f)
			f.Close()
			verdict := "OK"
			if err != nil || got != want {
				verdict, c.status = "FAILED", 1
			}
			if !o.has('s') {
				fmt.Fprintf(out, "%s: %s\n", file[1:], verdict)
			}
		}
		return lines.Err()
	})
	return c.status
}

// uuidgen makes a random UUID.
func uuidgen(args []string) int {
	if len(args) > 1 {
		return usage("uuidgen", "")
	}
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0xf|0x40, b[8]&0x3f|0x80
	fmt.Fprintf(out, "%X-%X-%X-%X-%X\n", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	return 0
}
