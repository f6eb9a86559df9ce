package control

import "puggle/debug/ktrace"

// TraceArgs are the arguments of "trace": what of ktrace.Config a caller may say.
type TraceArgs struct {
	PIDs    []int32  `json:"pids,omitempty"` // none: all processes
	Follow  bool     `json:"follow,omitempty"`
	Names   []string `json:"names,omitempty"`
	Except  bool     `json:"except,omitempty"`
	Strings int      `json:"strings,omitempty"`
	Quiet   bool     `json:"quiet,omitempty"`
}

// TraceEvent is an event of a trace: calls, or how many were lost because the
// caller did not take them fast enough.
type TraceEvent struct {
	Lines []ktrace.Line `json:"lines,omitempty"`
	Lost  uint64        `json:"lost,omitempty"`
}
