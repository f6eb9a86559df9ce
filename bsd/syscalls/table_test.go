package syscalls

import "testing"

// TestTables compiles every class, which panics on a bad row, and checks what a
// reader relies on.
func TestTables(t *testing.T) {
	for class, rows := range Classes {
		compile(rows)
		last := -1
		for _, r := range rows {
			if r.Num <= last {
				t.Errorf("class %d: %s (%d) is out of order", class, r.Name, r.Num)
			}
			last = r.Num
			if (r.Handler == nil) != (r.Status == No) {
				t.Errorf("class %d: %s: status %v does not go with its handler", class, r.Name, r.Status)
			}
			if (r.Status == Partial || r.Status == Refuse) && r.Note == "" {
				t.Errorf("class %d: %s: status %v needs a note", class, r.Name, r.Status)
			}
		}
	}
	if len(BSD) != 454 || len(Mach) != 79 {
		t.Errorf("%d BSD calls and %d traps, want 454 and 79", len(BSD), len(Mach))
	}
}

// TestKnown checks a few numbers against <sys/syscall.h>.
func TestKnown(t *testing.T) {
	byName := map[string]int{}
	for _, r := range BSD {
		byName[r.Name] = r.Num
	}
	for name, num := range map[string]int{"exit": 1, "read": 3, "mmap": 197, "sysctl": 202, "stat64": 338,
		"bsdthread_create": 360, "kevent": 363, "getdirentries64": 344, "openat": 463, "getentropy": 500, "ulock_wait": 515,
		"write_nocancel": 397, "sigreturn": 184, "posix_spawn": 244} {
		if byName[name] != num {
			t.Errorf("%s is %d, want %d", name, byName[name], num)
		}
	}
}

func TestTruncation(t *testing.T) {
	if signed(0x1_0000_0010) != 16 || signed(0xffff_ffff) != ^uint64(0) || low(0xdead_ffff_ffff) != 0xffff_ffff {
		t.Error("C ints keep their high halves")
	}
}
