// Command bench measures what programs cost under Puggle beside what they cost
// natively, in one run, and writes doc/performance.md.
//
//	go run ./bench             every row, five rounds, a few minutes
//	go run ./bench -quick      one short round: shows that it works, not how fast
//	go run ./bench -run tcp    rows that match, without writing the file
//
// guest/ is one Go program, built for linux and for darwin. Each row is one of
// its workloads, which times itself and prints nanoseconds for one operation. The
// rounds are interleaved, row by row, native and here, so that a machine whose
// speed changes disturbs both alike; the medians are compared. The machine should
// be idle: with every CPU busy, a crossing is a switch between processes, and
// the null call costs ten times as much.
//
// Some rows are of guest/c, C programs, and so is the table of Mach (mach.go); without
// clang-19 and ld64.lld-19 they are left out. Run it from the top of the module.
package main
