module puggle

go 1.26.3

require (
	github.com/google/btree v1.1.3 // indirect
	golang.org/x/sys v0.49.0 // indirect
	gvisor.dev/gvisor v0.0.0-20260905035102-160fafc42237 // indirect
)
