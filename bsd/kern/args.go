package kern

import (
	"strings"

	"puggle/abi"
	"puggle/mach/vm"
	"puggle/machine"
)

// argsKept is how many bytes of arguments and environment the kernel keeps of a process,
// each with stringCost beside what is in it.
const (
	argsKept   = 16 << 10
	stringCost = 24
	cut        = "…"
)

// forget leaves the arguments and the environment to the process's own memory, where they
// are at addr, when there are many: with all that there may be, a few thousand processes
// would have gigabytes of the kernel's. What is kept of the arguments is for ps, and says by cut that
// there was more.
func (im *Image) forget(addr uint64) {
	im.Argc = len(im.Args)
	var size, cost, kept int
	for _, l := range [][]string{im.Args, im.Env} {
		for _, s := range l {
			size += len(s) + 1
			cost += len(s) + stringCost
		}
	}
	if cost <= argsKept {
		return
	}
	im.strings, im.size = addr, uint64(size)
	var first []string
	for i, s := range im.Args {
		k := strings.Clone(s[:min(len(s), argsKept-kept)])
		kept += len(k) + stringCost
		switch {
		case len(k) < len(s):
			first = append(first, k+cut)
		case kept >= argsKept && i+1 < im.Argc:
			first = append(first, k, cut)
		default:
			first = append(first, k)
		}
		if kept >= argsKept {
			break
		}
	}
	im.Args, im.Env = first, nil
}

// ArgsArea is the strings that exec has put above p's stack, as kern.procargs2
// gives them: the program's path, zeros up to a word, then arguments and
// environment, zeros up to a word, and what the kernel adds. What the process has written over them
// since is seen only where there is so much that they are read from its memory, m: EINVAL
// if that can't be read.
func (im *Image) ArgsArea(m *vm.Map) ([]byte, abi.Errno) {
	b := padWord(append([]byte(im.Path), 0))
	apple := im.Apple
	if len(apple) > 0 {
		apple = apple[1:] // executable_path=
	}
	if im.size != 0 {
		l := make([]byte, im.size) // ArgMax at the most
		if m == nil || m.CopyIn(l, machine.Addr(im.strings)) != abi.KERN_SUCCESS {
			return nil, abi.EINVAL
		}
		b = append(b, l...)
	} else {
		for _, l := range [][]string{im.Args, im.Env} {
			for _, s := range l {
				b = append(append(b, s...), 0)
			}
		}
	}
	b = padWord(b)
	for _, s := range apple {
		b = append(append(b, s...), 0)
	}
	return b, 0
}
