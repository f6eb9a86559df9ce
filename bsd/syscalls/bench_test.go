package syscalls

import "testing"

// What the tables cost each time that a machine boots.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, rows := range Classes {
			compile(rows)
		}
	}
}
