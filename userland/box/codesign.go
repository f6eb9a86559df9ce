//go:build darwin

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func init() { register(map[string]tool{"codesign": codesign}) }

const codesignUsage = "-s - [-fv] [-i identifier] path ... # ad-hoc signatures only\n" +
	"       codesign -v|--verify path ...\n       codesign -d[v] path ...\n       codesign --remove-signature path ..."

// codesign signs 64-bit Mach-O files ad hoc, checks that a signature's hashes are
// those of the file, and says what a signature holds. Certificates, bundles,
// entitlements and fat files are refused.
func codesign(args []string) int {
	c := &cmd{name: "codesign"}
	var short []string
	remove := false
	for i, a := range args {
		switch {
		case i == 0 || !strings.HasPrefix(a, "--") || a == "--":
			short = append(short, a)
		case a == "--sign":
			short = append(short, "-s")
		case strings.HasPrefix(a, "--sign="):
			short = append(short, "-s", a[len("--sign="):])
		case a == "--force":
			short = append(short, "-f")
		case a == "--identifier":
			short = append(short, "-i")
		case strings.HasPrefix(a, "--identifier="):
			short = append(short, "-i", a[len("--identifier="):])
		case a == "--verify":
			short = append(short, "-v")
		case a == "--display":
			short = append(short, "-d")
		case a == "--verbose":
			short = append(short, "-v")
		case a == "--remove-signature":
			remove = true
		case a == "--timestamp=none" || a == "--strict":
			// Ad-hoc signatures have no time, and every check here is strict.
		default:
			return c.fail("unrecognized option `%s'\nusage: codesign %s", a, codesignUsage)
		}
	}
	o, ok := getopt(short, "s:fvdi:", codesignUsage)
	if !ok {
		return 2
	}
	if len(o.args) == 0 || !remove && !o.has('s') && !o.has('d') && !o.has('v') {
		fmt.Fprintln(os.Stderr, "usage: codesign", codesignUsage)
		return 2
	}
	if o.has('s') && o.value['s'] != "-" {
		return c.fail("%s: no identity found (only ad-hoc signatures, by -s -, can be made)", o.value['s'])
	}
	for _, name := range o.args {
		switch {
		case remove:
			c.rewrite(name, func(m *signable) ([]byte, error) { return m.unsigned() })
		case o.has('s'):
			c.rewrite(name, func(m *signable) ([]byte, error) {
				if m.sig != nil {
					if !o.has('f') {
						return nil, fmt.Errorf("is already signed")
					}
					fmt.Fprintf(os.Stderr, "%s: replacing existing signature\n", name)
				}
				id := o.value['i']
				if id == "" {
					id = filepath.Base(name)
				}
				return m.signed(id)
			})
		case o.has('d'):
			c.displaySignature(name, o.has('v'))
		default:
			c.verifySignature(name)
		}
	}
	return c.status
}

// complain is codesign's form of an error: the file comes first.
func (c *cmd) complain(name string, err error) {
	c.status = 1
	fmt.Fprintf(os.Stderr, "%s: %s\n", name, reason(err))
}

// rewrite replaces a file, under a new inode as the real tool does: pages of the
// old one that are mapped stay what they were.
func (c *cmd) rewrite(name string, change func(*signable) ([]byte, error)) {
	m, err := readSignable(name)
	var b []byte
	if err == nil {
		b, err = change(m)
	}
	if err != nil {
		c.complain(name, err)
		return
	}
	st, err := os.Stat(name)
	if err != nil {
		c.complain(name, err)
		return
	}
	tmp := name + ".cstemp"
	if err = os.WriteFile(tmp, b, st.Mode().Perm()); err == nil {
		if err = os.Chmod(tmp, st.Mode().Perm()); err == nil {
			err = os.Rename(tmp, name)
		}
	}
	if err != nil {
		os.Remove(tmp)
		c.complain(name, err)
	}
}

func (c *cmd) verifySignature(name string) {
	m, err := readSignable(name)
	if err == nil {
		err = m.verify()
	}
	if err != nil {
		c.complain(name, err)
	}
}

func (c *cmd) displaySignature(name string, verbose bool) {
	m, err := readSignable(name)
	var d *directory
	if err == nil {
		d, err = m.directory()
	}
	if err != nil {
		c.complain(name, err)
		return
	}
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	w := &bytes.Buffer{} // the real tool writes to standard error
	fmt.Fprintf(w, "Executable=%s\n", name)
	if verbose {
		fmt.Fprintf(w, "Identifier=%s\nFormat=Mach-O thin (%s)\n", d.ident, m.arch())
		flags := ""
		if d.flags&csAdhoc != 0 {
			flags = "(adhoc)"
		}
		fmt.Fprintf(w, "CodeDirectory v=%x size=%d flags=%#x%s hashes=%d+%d location=embedded\n",
			d.version, len(d.raw), d.flags, flags, d.nCode, d.nSpecial)
		if d.flags&csAdhoc != 0 {
			fmt.Fprintf(w, "Signature=adhoc\n")
		}
	}
	os.Stderr.Write(w.Bytes())
}
