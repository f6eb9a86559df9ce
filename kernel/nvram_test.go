package kernel

import (
	"strings"
	"testing"

	"puggle/abi"
)

func TestNVRAM(t *testing.T) {
	n, err := ParseNVRAM("boot-args=-v debug=0x144\nauto-boot?=true\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, value string
		want        abi.Errno
	}{
		{"x", "a=b", 0}, {"x", "two words", 0}, {"", "v", abi.EINVAL}, {"a b", "v", abi.EINVAL}, {"x", "1\n2", abi.EINVAL},
		{strings.Repeat("n", nvramName+1), "v", abi.EINVAL}, {"big", strings.Repeat("v", nvramSize), abi.ENOSPC},
	} {
		if e := n.Set(c.name, c.value); e != c.want {
			t.Errorf("Set(%.10q, %.10q): %v, want %v", c.name, c.value, e, c.want)
		}
	}
	for i := range 1000 {
		n.Set(strings.Repeat("v", 8)+string(rune('a'+i%26))+string(rune('a'+i/26)), strings.Repeat("w", 50))
	}
	if len(n.String()) > nvramSize {
		t.Errorf("it holds %d bytes", len(n.String()))
	}
	if n.Delete("none") != abi.ENOENT || n.Delete("x") != 0 || n.Delete("x") != abi.ENOENT {
		t.Error("Delete")
	}
	// What is there counts for its new value: two thirds are replaced by two thirds.
	var full NVRAM
	for _, v := range []string{"a", "b", "c"} {
		if e := full.Set("most", strings.Repeat(v, nvramSize*2/3)); e != 0 {
			t.Errorf("Set(most): %v", e)
		}
	}
	if e := full.Set("more", strings.Repeat("d", nvramSize/2)); e != abi.ENOSPC {
		t.Errorf("Set(more): %v", e)
	}
	m, err := ParseNVRAM(n.String())
	if err != nil || m.String() != n.String() {
		t.Errorf("read again: %v", err)
	}
	if _, err := ParseNVRAM("no value\n"); err == nil {
		t.Error("a line without a value was taken")
	}
	cfg := Config{BootArgs: "-s", NVRAM: m}
	if cfg.startNVRAM(); cfg.BootArgs != "-v debug=0x144" {
		t.Errorf("boot arguments %q", cfg.BootArgs)
	}
	cfg = Config{BootArgs: "-s", NVRAM: &NVRAM{}} // somebody removed them
	if cfg.startNVRAM(); cfg.BootArgs != "" || cfg.NVRAM.String() != "" {
		t.Errorf("boot arguments %q after they were removed, NVRAM %q", cfg.BootArgs, cfg.NVRAM)
	}
	cfg = Config{BootArgs: "-s"}
	cfg.startNVRAM()
	if v, _ := cfg.NVRAM.Get("boot-args"); v != "-s" {
		t.Errorf("boot-args is %q", v)
	}
}
