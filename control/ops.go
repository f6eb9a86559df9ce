package control

// ops are the operations by name. A handler's result is what the last line
// carries; its error becomes the line's text.
var ops map[string]func(*request) (any, error)

// unbooted are those that are answered while the machine is at the ROM monitor.
var unbooted map[string]func(*request) (any, error)

func init() {
	unbooted = map[string]func(*request) (any, error){"info": monitorInfo, "shutdown": shutdown}
	ops = map[string]func(*request) (any, error){
		"info":     info,
		"exec":     execProgram,
		"ps":       ps,
		"kill":     kill,
		"sysctl":   sysctls,
		"vmmap":    vmmap,
		"vm_stat":  vmStat,
		"zprint":   zprint,
		"lsmp":     lsmp,
		"trace":    trace,
		"tool":     runTool,
		"gdb":      gdbSession,
		"shutdown": shutdown,
	}
}
