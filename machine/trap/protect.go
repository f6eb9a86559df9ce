package trap

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// protectMapped does an mprotect that the host has refused: the range has a hole,
// where mprotect stops, or the host has no room for one more mapping. The host says
// what is mapped, and each mapping is protected by itself. Where that can't be, the
// translations are taken away, which is right too: the next access faults and enters
// them anew; but for a large range that costs many faults. s.mu is held.
func (s *Space) protectMapped(o order) error {
	lo, hi := o[1], o[1]+o[2]
	remove := func(lo, hi uint64) error {
		n, errno, _, err := s.submit([]order{{unix.SYS_MUNMAP, lo, hi - lo}})
		if err == nil && n == 0 {
			err = fmt.Errorf("machine: munmap: %w", errno)
		}
		return err
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", s.pid))
	if err != nil {
		return remove(lo, hi)
	}
	defer f.Close()
	var todo []order
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		from, to, ok := mapsRange(sc.Text())
		if !ok || from >= hi {
			break
		}
		if from, to = max(from, lo), min(to, hi); from >= to {
			continue
		}
		if k := len(todo); k > 0 && todo[k-1][1]+todo[k-1][2] == from {
			todo[k-1][2] += to - from // mprotect goes across neighbours
			continue
		}
		x := o
		x[1], x[2] = from, to-from
		todo = append(todo, x)
	}
	if sc.Err() != nil {
		return remove(lo, hi)
	}
	for len(todo) > 0 {
		batch := todo[:min(len(todo), ordersMax)]
		n, errno, _, err := s.submit(batch)
		if err != nil {
			return err
		}
		if n < len(batch) {
			if errno != unix.ENOMEM {
				return fmt.Errorf("machine: mprotect: %w", errno)
			}
			if err := remove(todo[n][1], todo[n][1]+todo[n][2]); err != nil {
				return err
			}
			n++
		}
		todo = todo[n:]
	}
	return nil
}

// mapsRange reads the addresses of a line of /proc/PID/maps.
func mapsRange(line string) (from, to uint64, ok bool) {
	r, _, _ := strings.Cut(line, " ")
	a, b, _ := strings.Cut(r, "-")
	from, err1 := strconv.ParseUint(a, 16, 64)
	to, err2 := strconv.ParseUint(b, 16, 64)
	return from, to, err1 == nil && err2 == nil
}
