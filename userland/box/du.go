//go:build darwin

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"du": du, "df": df}) }

// blockSize is the unit of sizes: 512 bytes, or what -k, -m, -g or BLOCKSIZE say.
func blockSize(o options) int64 {
	switch {
	case o.has('k'):
		return 1 << 10
	case o.has('m'):
		return 1 << 20
	case o.has('g'):
		return 1 << 30
	}
	n := int64(512)
	fmt.Sscan(os.Getenv("BLOCKSIZE"), &n)
	return max(n, 512)
}

// du tells how much space trees take; a file with several links counts once.
func du(args []string) int {
	const use = "[-a | -s | -d depth] [-c] [-h | -k | -m | -g] [-x] [file ...]"
	c := &cmd{name: "du"}
	o, ok := getopt(args, "ad:cghkmsx", use)
	if !ok {
		return 64
	}
	depth := 1 << 30
	if o.has('d') {
		if _, err := fmt.Sscan(o.value['d'], &depth); err != nil || depth < 0 {
			return c.fail("invalid argument to option d: %s", o.value['d'])
		}
	}
	if o.has('s') {
		depth = 0
	}
	unit := blockSize(o)
	show := func(blocks int64, name string) {
		if o.has('h') {
			fmt.Fprintf(out, "%4s\t%s\n", human(blocks*512), name)
			return
		}
		fmt.Fprintf(out, "%d\t%s\n", (blocks*512+unit-1)/unit, name)
	}
	seen := map[[2]uint64]bool{}
	var walk func(name string, level int, dev int32) int64
	walk = func(name string, level int, dev int32) int64 {
		var st unix.Stat_t
		if err := unix.Lstat(name, &st); err != nil {
			c.warn(name, err)
			return 0
		}
		if level > 0 && o.has('x') && st.Dev != dev {
			return 0
		}
		id := [2]uint64{uint64(st.Dev), st.Ino}
		dir := st.Mode&unix.S_IFMT == unix.S_IFDIR
		if !dir && st.Nlink > 1 {
			if seen[id] {
				return 0
			}
			seen[id] = true
		}
		total := st.Blocks
		if dir {
			names, err := os.ReadDir(name)
			if err != nil {
				c.warn(name, err)
			}
			for _, n := range names {
				total += walk(strings.TrimSuffix(name, "/")+"/"+n.Name(), level+1, st.Dev)
			}
		}
		if level == 0 || level <= depth && (dir || o.has('a')) {
			show(total, name)
		}
		return total
	}
	if len(o.args) == 0 {
		o.args = []string{"."}
	}
	total := int64(0)
	for _, a := range o.args {
		total += walk(a, 0, 0)
	}
	if o.has('c') {
		show(total, "total")
	}
	return c.status
}

// df tells how full file systems are.
func df(args []string) int {
	const use = "[-h | -k | -m | -g] [-P] [file ...]"
	c := &cmd{name: "df"}
	o, ok := getopt(args, "bghkmP", use)
	if !ok {
		return 64
	}
	var l []unix.Statfs_t
	if len(o.args) == 0 {
		var err error
		if l, err = mounts(); err != nil {
			c.warn("", err)
		}
	}
	for _, a := range o.args {
		var st unix.Statfs_t
		if err := unix.Statfs(filepath.Clean(a), &st); err != nil {
			c.warn(a, err)
			continue
		}
		l = append(l, st)
	}
	unit := blockSize(o)
	head := fmt.Sprintf("%d-blocks", unit)
	if unit > 512 {
		head = map[int64]string{1 << 10: "1024-blocks", 1 << 20: "1M-blocks", 1 << 30: "1G-blocks"}[unit]
	}
	size := func(blocks uint64, bsize uint32) string {
		if o.has('h') {
			return human(int64(blocks * uint64(bsize)))
		}
		return fmt.Sprint(int64(blocks*uint64(bsize)) / unit)
	}
	if o.has('h') {
		head = "Size"
	}
	fmt.Fprintf(out, "%-15s %12s %12s %12s %8s  %s\n", "Filesystem", head, "Used", "Avail", "Capacity", "Mounted on")
	for _, st := range l {
		used := st.Blocks - st.Bfree
		percent := uint64(100)
		if used+st.Bavail > 0 {
			percent = (used*100 + used + st.Bavail - 1) / (used + st.Bavail)
		}
		fmt.Fprintf(out, "%-15s %12s %12s %12s %7d%%  %s\n", unix.ByteSliceToString(st.Mntfromname[:]), size(st.Blocks, st.Bsize),
			size(used, st.Bsize), size(st.Bavail, st.Bsize), min(percent, 100), unix.ByteSliceToString(st.Mntonname[:]))
	}
	return c.status
}
