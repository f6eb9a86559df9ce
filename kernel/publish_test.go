package kernel

import (
	"slices"
	"testing"

	"puggle/bsd/net"
)

func TestParsePublish(t *testing.T) {
	for s, want := range map[string][]net.Publication{
		"":                       nil,
		"80":                     {{Host: "127.0.0.1:80", Guest: 80}},
		"8080:80,9090":           {{Host: "127.0.0.1:8080", Guest: 80}, {Host: "127.0.0.1:9090", Guest: 9090}},
		"0.0.0.0:8080:80":        {{Host: "0.0.0.0:8080", Guest: 80}},
		"[::1]:8080:80":          {{Host: "[::1]:8080", Guest: 80}},
		"localhost:65535:65535,": {{Host: "localhost:65535", Guest: 65535}},
	} {
		if got, err := ParsePublish(s); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"x", "0", "8080:0", "0:80", "65536", "-1", "80:", ":80", "127.0.0.1:80"} {
		if got, err := ParsePublish(s); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}
