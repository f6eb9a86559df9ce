//go:build darwin

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The pasteboard and the keychain are kept in shared memory with a name: in the
// machine's memory, readable for the user alone, and gone when the machine ends.
// Nothing of them is ever in a file, and no password protects them.

func init() {
	register(map[string]tool{"pbcopy": pbcopy, "pbpaste": pbpaste, "security": security})
}

const (
	shmOpen   = 266
	shmUnlink = 267
)

func keptName(what string) *byte {
	p, _ := syscall.BytePtrFromString(fmt.Sprintf("/puggle.%s.%d", what, os.Getuid()))
	return p
}

// keep stores b, in place of what is there.
func keep(what string, b []byte) error {
	name := keptName(what)
	for {
		syscall.Syscall(shmUnlink, uintptr(unsafe.Pointer(name)), 0, 0)
		fd, _, e := syscall.Syscall(shmOpen, uintptr(unsafe.Pointer(name)), unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0600)
		if e == unix.EEXIST {
			continue // somebody else stores, too: the last one stays
		}
		if e != 0 {
			return e
		}
		defer unix.Close(int(fd))
		if err := unix.Ftruncate(int(fd), int64(len(b)+8)); err != nil {
			return err
		}
		m, err := unix.Mmap(int(fd), 0, len(b)+8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			return err
		}
		copy(m[8:], b)
		binary.LittleEndian.PutUint64(m, uint64(len(b)))
		return unix.Munmap(m)
	}
}

// kept gives what is stored, nothing when there is nothing.
func kept(what string) ([]byte, error) {
	fd, _, e := syscall.Syscall(shmOpen, uintptr(unsafe.Pointer(keptName(what))), unix.O_RDONLY, 0)
	if e == unix.ENOENT {
		return nil, nil
	}
	if e != 0 {
		return nil, e
	}
	defer unix.Close(int(fd))
	var st unix.Stat_t
	if err := unix.Fstat(int(fd), &st); err != nil || st.Size < 8 {
		return nil, err
	}
	m, err := unix.Mmap(int(fd), 0, int(st.Size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	defer unix.Munmap(m)
	n := binary.LittleEndian.Uint64(m)
	return bytes.Clone(m[8:][:min(n, uint64(len(m)-8))]), nil
}

func pbcopy(args []string) int {
	c := &cmd{name: "pbcopy"}
	if len(args) > 1 {
		return usage("pbcopy", "")
	}
	b, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = keep("pasteboard", b)
	}
	if err != nil {
		c.warn("", err)
	}
	return c.status
}

func pbpaste(args []string) int {
	c := &cmd{name: "pbpaste"}
	if len(args) > 1 {
		return usage("pbpaste", "")
	}
	b, err := kept("pasteboard")
	if err != nil {
		c.warn("", err)
	}
	out.Write(b)
	return c.status
}

// secret is an item of the keychain.
type secret struct {
	Service, Account, Label, Server string
	Password                        []byte
	Internet                        bool
}

// errors of the keychain, with the exit status that security has for them: the low
// byte of the OSStatus.
var (
	errItemNotFound  = errors.New("The specified item could not be found in the keychain.")
	errDuplicateItem = errors.New("The specified item already exists in the keychain.")
)

// security keeps generic and internet passwords. -i reads commands, one a line.
func security(args []string) int {
	const use = "[-i] add-generic-password | find-generic-password | delete-generic-password | add-internet-password | " +
		"find-internet-password | delete-internet-password [-U] [-a account] [-s service] [-l label] [-w [password]] [-g]"
	if len(args) == 2 && args[1] == "-i" {
		b, _ := io.ReadAll(os.Stdin)
		status := 0
		for line := range strings.Lines(string(b)) {
			words, ok := shellWords(strings.TrimSuffix(line, "\n"))
			if !ok {
				status = (&cmd{name: "security"}).fail("unbalanced quotes")
			} else if len(words) > 0 {
				status = security(append(args[:1:1], words...))
			}
		}
		return status
	}
	if len(args) < 2 {
		return usage("security", use)
	}
	verb, kind, ok := strings.Cut(args[1], "-")
	if !ok || kind != "generic-password" && kind != "internet-password" || verb != "add" && verb != "find" && verb != "delete" {
		return usage("security", use)
	}
	item := secret{Internet: kind == "internet-password"}
	update, show, only, hasPassword := false, false, false, false
	fields := map[byte]*string{'a': &item.Account, 's': &item.Service, 'l': &item.Label}
	rest := args[2:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		letters := rest[0][1:]
		rest = rest[1:]
		for i := 0; i < len(letters); i++ {
			f := letters[i]
			switch {
			case f == 'U':
				update = true
				continue
			case f == 'g' && verb == "find":
				show = true
				continue
			case f == 'w' && verb == "find":
				only = true
				continue
			case f == 'A':
				continue // any program may read it, as any may here
			}
			v := letters[i+1:]
			if v == "" && len(rest) > 0 {
				v, rest = rest[0], rest[1:]
			}
			switch {
			case f == 'w' || f == 'p' && verb == "add":
				item.Password, hasPassword = []byte(v), true
			case fields[f] != nil:
				*fields[f] = v
			case strings.IndexByte("cCDGjrPtdT", f) < 0: // what describes an item and is not kept
				return usage("security", use)
			}
			break
		}
	}
	c := &cmd{name: "security"}
	var all []secret
	b, err := kept("keychain")
	if err == nil && b != nil {
		err = gob.NewDecoder(bytes.NewReader(b)).Decode(&all)
	}
	if err != nil {
		c.warn("", err)
		return 1
	}
	same := func(s secret) bool {
		return s.Internet == item.Internet && (item.Service == "" || s.Service == item.Service) &&
			(item.Account == "" || s.Account == item.Account) && (item.Label == "" || verb == "add" || s.Label == item.Label)
	}
	at := -1
	for i, s := range all {
		if same(s) {
			at = i
			break
		}
	}
	missing := func() int {
		out.Flush()
		fmt.Fprintf(os.Stderr, "security: SecKeychainSearchCopyNext: %v\n", errItemNotFound)
		return 44
	}
	switch verb {
	case "add":
		if !hasPassword {
			return c.fail("no password given, and none is asked for")
		}
		if item.Label == "" {
			item.Label = item.Service
		}
		if at >= 0 && !update {
			out.Flush()
			fmt.Fprintf(os.Stderr, "security: SecKeychainItemCreateFromContent (<default>): %v\n", errDuplicateItem)
			return 45
		}
		if at >= 0 {
			all[at] = item
		} else {
			all = append(all, item)
		}
	case "find":
		if at < 0 {
			return missing()
		}
		s := all[at]
		if only {
			fmt.Fprintln(out, passwordText(s.Password))
			return 0
		}
		fmt.Fprintf(out, "keychain: \"machine\"\nversion: 512\nclass: \"%s\"\nattributes:\n", map[bool]string{true: "inet", false: "genp"}[s.Internet])
		fmt.Fprintf(out, "    0x00000007 <blob>=\"%s\"\n    \"acct\"<blob>=\"%s\"\n    \"%s\"<blob>=\"%s\"\n", s.Label, s.Account,
			map[bool]string{true: "srvr", false: "svce"}[s.Internet], s.Service)
		if show {
			out.Flush()
			fmt.Fprintf(os.Stderr, "password: \"%s\"\n", passwordText(s.Password))
		}
		return 0
	case "delete":
		if at < 0 {
			return missing()
		}
		fmt.Fprintln(out, "password has been deleted.")
		all = append(all[:at], all[at+1:]...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Service < all[j].Service })
	var buf bytes.Buffer
	if err = gob.NewEncoder(&buf).Encode(all); err == nil {
		err = keep("keychain", buf.Bytes())
	}
	if err != nil {
		c.warn("", err)
	}
	return c.status
}

// passwordText is a password as security prints it: in hexadecimal when it is not
// printable ASCII.
func passwordText(b []byte) string {
	for _, x := range b {
		if x < 0x20 || x > 0x7e {
			return fmt.Sprintf("%x", b)
		}
	}
	return string(b)
}

// shellWords splits a line into words as a shell does, with quotes and backslashes.
func shellWords(s string) (l []string, ok bool) {
	var w []byte
	in, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'':
			w = append(w, c)
		case c == '\\' && i+1 < len(s):
			i++
			w, in = append(w, s[i]), true
		case quote == 0 && (c == '\'' || c == '"'):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if in {
				l, w, in = append(l, string(w)), nil, false
			}
		default:
			w, in = append(w, c), true
		}
	}
	if in {
		l = append(l, string(w))
	}
	return l, quote == 0
}
