package kernel

import (
	"bytes"
	"os"
	"strconv"
)

// cpuTicks is the load of one processor since the host was booted, in hundredths
// of a second: user, system, idle and nice. A Mach processor is one of the host's;
// what the host does besides is seen, too.
func cpuTicks(cpu int) (t [4]uint32) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return t
	}
	i := -1 // the first line is the sum
	for line := range bytes.Lines(b) {
		f := bytes.Fields(line)
		if len(f) < 5 || !bytes.HasPrefix(f[0], []byte("cpu")) {
			break
		}
		if i == cpu {
			// The host's order: user, nice, system, idle.
			for k, to := range []int{0, 3, 1, 2} {
				v, _ := strconv.ParseUint(string(f[1+k]), 10, 64)
				t[to] = uint32(v)
			}
			return t
		}
		i++
	}
	return t
}

// loads is the host's load averages times scale.
func loads(scale float64) (l [3]uint32) {
	b, _ := os.ReadFile("/proc/loadavg")
	for i, f := range bytes.Fields(b) {
		if i == len(l) {
			break
		}
		v, _ := strconv.ParseFloat(string(f), 64)
		l[i] = uint32(v * scale)
	}
	return l
}
