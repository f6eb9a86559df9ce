package kext

import "testing"

func TestMatches(t *testing.T) {
	b := &Bundle{ID: "com.example.driver", Personalities: map[string]any{
		"broken": "text",
		"other":  map[string]any{"IOProviderClass": "Board", "CFBundleIdentifier": "com.example.else"},
		"mine":   map[string]any{"IOProviderClass": "Board", "IOPropertyMatch": map[string]any{"ID": uint64(7), "Name": "sum"}},
	}}
	for _, c := range []struct {
		device map[string]any
		want   bool
	}{
		{map[string]any{"IOProviderClass": "Board", "ID": uint16(7), "Name": "sum", "Slot": 2}, true},
		{map[string]any{"IOProviderClass": "Board", "ID": uint16(8), "Name": "sum"}, false},
		{map[string]any{"IOProviderClass": "Board", "ID": uint16(7)}, false},
		{map[string]any{"IOProviderClass": "Disk", "ID": uint16(7), "Name": "sum"}, false},
		{nil, false},
	} {
		if got := b.Matches(c.device); got != c.want {
			t.Errorf("%v: %v", c.device, got)
		}
	}
}
