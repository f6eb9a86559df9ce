package sysctl

import (
	"sync/atomic"
	"time"

	"puggle/abi"
)

// Config is what Standard needs to know. Zero fields get the defaults named.
type Config struct {
	Hostname   string // "puggle"
	OSRelease  string // "22.6.0"
	OSVersion  string // kern.osversion, the build: "22G120"
	Product    string // kern.osproductversion: "13.5"
	Model      string // hw.model: "Puggle1,1"
	BootArgs   string
	UUID       string // kern.uuid: the machine's
	BootUUID   string // kern.bootsessionuuid
	Boot       time.Time
	MemSize    uint64 // machine.Memory.Limit()
	Processors int    // machine.Processors()
	CPU        CPU    // HostCPU()

	MaxProc, MaxProcPerUID    int32         // 2784, MaxProc
	CoreFile                  string        // /cores/core.%P
	MaxFiles, MaxFilesPerProc int32         // 98304, 10240
	OpenMax                   int32         // what MaxFilesPerProc may be set to, 40960
	MaxVnodes                 int32         // 66560
	Somaxconn                 *atomic.Int32 // whoever listens reads it; 128 if it is nil
	ArgMax                    int32         // 1 MB
	NGroups, MaxSockbuf       int32         // 16, 8 MB
	Shm                       Shm           // Darwin's defaults
	UsrStack                  uint64

	// AIO are the limits of asynchronous requests; without them kern.aio* are not there.
	AIO *AIO

	// LoadAverage gives three loads times 2048.
	LoadAverage func() [3]uint32
	// SwapUsage gives the paging file's total and used bytes.
	SwapUsage func() (total, used uint64)
	// Counts, where the rooms that know give them; what is nil is not there.
	NumFiles, NumVnodes, NumTasks, NumThreads func() int32

	// Route serves net.routetable (4.17...); nil is not there (ENOENT).
	Route Handler
}

// Shm is the limits of shared memory (kern.sysv.shm*): bytes of a segment, segments,
// attachments of a process, pages of all segments.
type Shm struct{ Max, Min, Mni, Seg, All int64 }

// AIO is kern.aiomax, aioprocmax and aiothreads: whoever makes requests reads them. Top
// is the most that Max, and Floor the least that ProcMax can be set to.
type AIO struct {
	Max, ProcMax, Threads *atomic.Int32
	Top, Floor            int32
}

// System is a populated tree, and the variables in it that other rooms use.
type System struct {
	*Tree
	Hostname               atomic.Pointer[string]
	Domainname             atomic.Pointer[string]
	MaxProc, MaxProcPerUID atomic.Int32
	MaxFilesPerProc        atomic.Int32

	CoreFile                atomic.Pointer[string]
	CoreDump, SugidCoreDump atomic.Int32

	cfg                                  Config
	Kern, KernIPC, VM, VFS, Net          *OID
	Debug, HW, HWOptional, Machdep, User *OID
}

// Standard makes the tree that every system has.
func Standard(cfg Config) *System {
	cfg.defaults()
	s := &System{Tree: NewTree(), cfg: cfg}
	for _, top := range []struct {
		at     **OID
		number int32
		name   string
		descr  string
	}{
		{&s.Kern, abi.CTL_KERN, "kern", "High kernel, proc, limits &c"},
		{&s.VM, abi.CTL_VM, "vm", "Virtual memory"},
		{&s.VFS, abi.CTL_VFS, "vfs", "File system"},
		{&s.Net, abi.CTL_NET, "net", "Network"},
		{&s.Debug, abi.CTL_DEBUG, "debug", "Debugging"},
		{&s.HW, abi.CTL_HW, "hw", "Hardware"},
		{&s.Machdep, abi.CTL_MACHDEP, "machdep", "Machine dependent"},
		{&s.User, abi.CTL_USER, "user", "User-level"},
	} {
		*top.at = s.must(nil, Node(top.number, top.name, top.descr))
	}
	s.addKern()
	s.addVM()
	s.addHW()
	s.addMachdep()
	s.addUser()
	s.all(s.Debug, Const(abi.OID_AUTO, "bpf_bufsize", 4096, "Buffer size of a packet filter"))
	if cfg.Route != nil {
		s.all(s.Net, NodeProc(17, "routetable", "Routing tables and interfaces", cfg.Route))
	}
	return s
}

func (s *System) all(parent *OID, oids ...*OID) {
	for _, oid := range oids {
		s.must(parent, oid)
	}
}

func (c *Config) defaults() {
	text := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	num := func(p *int32, v int32) {
		if *p == 0 {
			*p = v
		}
	}
	text(&c.Hostname, "puggle")
	text(&c.OSRelease, "22.6.0")
	text(&c.OSVersion, "22G120")
	text(&c.Product, "13.5")
	text(&c.Model, "Puggle1,1")
	text(&c.UUID, "00000000-0000-0000-0000-000000000000")
	text(&c.BootUUID, "00000000-0000-0000-0000-000000000000")
	text(&c.CoreFile, "/cores/core.%P")
	num(&c.MaxProc, 2784)
	num(&c.MaxProcPerUID, c.MaxProc)
	num(&c.MaxFiles, 98304)
	num(&c.MaxFilesPerProc, 10240)
	num(&c.OpenMax, 40960)
	num(&c.MaxVnodes, 66560)
	if c.Somaxconn == nil {
		c.Somaxconn = new(atomic.Int32)
		c.Somaxconn.Store(abi.SOMAXCONN)
	}
	num(&c.ArgMax, 1<<20)
	num(&c.NGroups, 16)
	num(&c.MaxSockbuf, 8<<20)
	if c.Shm == (Shm{}) {
		c.Shm = Shm{Max: 4 << 20, Min: 1, Mni: 32, Seg: 8, All: 1024}
	}
	c.Processors = max(c.Processors, 1)
	if c.Boot.IsZero() {
		c.Boot = time.Now()
	}
	if c.UsrStack == 0 {
		c.UsrStack = 0x7ff7_bff0_0000
	}
}
