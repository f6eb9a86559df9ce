package sysctl

import (
	"encoding/binary"
	"sync/atomic"

	"puggle/abi"
)

const (
	ro = abi.CTLFLAG_RD
	rw = abi.CTLFLAG_RW
)

// addKern is kern.*.
func (s *System) addKern() {
	c, empty := &s.cfg, ""
	s.Hostname.Store(&c.Hostname)
	s.Domainname.Store(&empty)
	s.MaxProc.Store(c.MaxProc)
	s.MaxProcPerUID.Store(c.MaxProcPerUID)
	s.CoreFile.Store(&c.CoreFile)
	s.CoreDump.Store(1)
	s.MaxFilesPerProc.Store(c.MaxFilesPerProc)

	version := "Darwin Kernel Version " + c.OSRelease + ": Puggle; " + Configuration + "_X86_64"
	s.all(s.Kern,
		TextConst(abi.KERN_OSTYPE, "ostype", "Darwin", "System name"),
		TextConst(abi.KERN_OSRELEASE, "osrelease", c.OSRelease, "System release"),
		Const(abi.KERN_OSREV, "osrevision", 199506, "System revision"),
		TextConst(abi.KERN_VERSION, "version", version, "What this kernel is"),
		Const(abi.KERN_MAXVNODES, "maxvnodes", c.MaxVnodes, "Most vnodes"),
		Bounded(abi.KERN_MAXPROC, "maxproc", &s.MaxProc, 1, c.MaxProc, "Most processes"),
		Const(abi.KERN_MAXFILES, "maxfiles", c.MaxFiles, "Most open files"),
		Const(abi.KERN_ARGMAX, "argmax", c.ArgMax, "Most bytes of arguments to execve"),
		s.securelevelOID(),
		Text(abi.KERN_HOSTNAME, "hostname", rw, &s.Hostname, 255, "Host name"),
		Struct(abi.KERN_CLOCKRATE, "clockrate", "S,clockinfo", "Rates of the clocks", clockinfo),
		Const(abi.KERN_POSIX1, "posix1version", 200112, "POSIX.1 version"),
		Const(abi.KERN_NGROUPS, "ngroups", c.NGroups, "Most supplementary groups"),
		Const(abi.KERN_JOB_CONTROL, "job_control", 1, "Job control is there"),
		Const(abi.KERN_SAVED_IDS, "saved_ids", 1, "Saved set-ids are there"),
		Struct(abi.KERN_BOOTTIME, "boottime", "S,timeval", "When the system was booted", s.boottime),
		Text(abi.KERN_NISDOMAINNAME, "nisdomainname", rw, &s.Domainname, 255, "NIS domain name"),
		Bounded(abi.KERN_MAXFILESPERPROC, "maxfilesperproc", &s.MaxFilesPerProc, 1, c.OpenMax, "Most open files of a process"),
		Bounded(abi.KERN_MAXPROCPERUID, "maxprocperuid", &s.MaxProcPerUID, 1, c.MaxProc, "Most processes of a user"),
		Const(abi.KERN_NETBOOT, "netboot", 0, "Booted over the network"),
		Text(abi.KERN_COREFILE, "corefile", rw, &s.CoreFile, abi.MAXPATHLEN-1, "Name of core files"),
		Bounded(abi.KERN_COREDUMP, "coredump", &s.CoreDump, 0, 1, "Core files are written"),
		Bounded(abi.KERN_SUGID_COREDUMP, "sugid_coredump", &s.SugidCoreDump, 0, 1, "Set-id programs dump, too"),
		QuadConst(abi.KERN_USRSTACK64, "usrstack64", int64(c.UsrStack), "Top of the stack"),
		TextConst(abi.KERN_OSVERSION, "osversion", c.OSVersion, "Build"),
		Const(abi.KERN_SAFEBOOT, "safeboot", 0, "Booted safely"),
		TextConst(abi.OID_AUTO, "osproductversion", c.Product, "Product version"),
		TextConst(abi.OID_AUTO, "bootargs", c.BootArgs, "Boot arguments"),
		TextConst(abi.OID_AUTO, "uuid", c.UUID, "Identity of this kernel"),
		TextConst(abi.OID_AUTO, "bootsessionuuid", c.BootUUID, "Identity of this boot"),
		Const(abi.OID_AUTO, "hv_support", 0, "Hypervisor is there"),
		Const(abi.OID_AUTO, "hv_vmm_present", 1, "Runs in a virtual machine"),
	)
	for _, n := range []struct {
		name string
		get  func() int32
	}{
		{"num_files", c.NumFiles}, {"num_vnodes", c.NumVnodes}, {"num_tasks", c.NumTasks}, {"num_threads", c.NumThreads},
	} {
		if n.get != nil {
			s.all(s.Kern, IntFunc(abi.OID_AUTO, n.name, "How many there are", n.get))
		}
	}
	if a := c.AIO; a != nil {
		s.all(s.Kern,
			a.limit(abi.KERN_AIOMAX, "aiomax", a.Max, "Most asynchronous requests", func(n int64) bool {
				return n >= int64(a.ProcMax.Load()) && n <= int64(a.Top)
			}),
			a.limit(abi.KERN_AIOPROCMAX, "aioprocmax", a.ProcMax, "Most asynchronous requests of a process", func(n int64) bool {
				return n >= int64(a.Floor) && n <= int64(a.Max.Load())
			}),
			a.limit(abi.KERN_AIOTHREADS, "aiothreads", a.Threads, "Threads that work on them", func(n int64) bool {
				return n > int64(a.Threads.Load()) && n <= int64(a.Top)
			}),
		)
	}
	sysv := s.must(s.Kern, Node(abi.OID_AUTO, "sysv", "System V communication"))
	s.all(sysv,
		QuadConst(1, "shmmax", c.Shm.Max, "Most bytes of a segment"),
		QuadConst(2, "shmmin", c.Shm.Min, "Fewest bytes of a segment"),
		QuadConst(3, "shmmni", c.Shm.Mni, "Most segments"),
		QuadConst(4, "shmseg", c.Shm.Seg, "Most attachments of a process"),
		QuadConst(5, "shmall", c.Shm.All, "Most pages of all segments"),
	)
	s.KernIPC = s.must(s.Kern, Node(abi.KERN_IPC, "ipc", "Communication"))
	s.all(s.KernIPC,
		Const(abi.KIPC_MAXSOCKBUF, "maxsockbuf", c.MaxSockbuf, "Largest socket buffer"),
		Const(abi.KIPC_SOCKBUF_WASTE, "sockbuf_waste_factor", 8, ""),
		Bounded(abi.KIPC_SOMAXCONN, "somaxconn", c.Somaxconn, 1, 0x7fff, "Longest queue of connections"),
	)
}

// limit is a number that takes what ok allows (EINVAL), and the value it has.
func (*AIO) limit(number int32, name string, v *atomic.Int32, descr string, ok func(int64) bool) *OID {
	return Proc(number, name, abi.CTLTYPE_INT|rw, "I", descr, func(_ *OID, _ []int32, req *Req) abi.Errno {
		old := v.Load()
		req.OutInt(old)
		if !req.HasNew {
			return 0
		}
		n, err := req.InNumber()
		switch {
		case err != 0:
			return err
		case n == int64(old):
		case !ok(n):
			return abi.EINVAL
		default:
			v.Store(int32(n))
		}
		return 0
	})
}

// SecureLevel is kern.securelevel.
func (s *System) SecureLevel() int32 { return s.securelevel.Load() }

// securelevelOID is kern.securelevel, which can be raised only.
func (s *System) securelevelOID() *OID {
	return Proc(abi.KERN_SECURELVL, "securelevel", abi.CTLTYPE_INT|rw, "I", "Security level",
		func(_ *OID, _ []int32, req *Req) abi.Errno {
			old := s.securelevel.Load()
			req.OutInt(old)
			if !req.HasNew {
				return 0
			}
			n, err := req.InNumber()
			switch {
			case err != 0:
				return err
			case int32(n) < old && req.Ctx.PID != 1:
				return abi.EPERM
			}
			s.securelevel.Store(int32(n))
			return 0
		})
}

// clockinfo is a struct clockinfo: hz, tick (microseconds), tickadj, stathz,
// profhz.
func clockinfo() []byte { return ints(100, 10000, 0, 100, 100) }

// boottime is a struct timeval: 8 bytes of seconds, 4 of microseconds, 4 unused.
func (s *System) boottime() []byte {
	b := make([]byte, 16)
	binary.LittleEndian.PutUint64(b, uint64(s.cfg.Boot.Unix()))
	binary.LittleEndian.PutUint32(b[8:], uint32(s.cfg.Boot.Nanosecond()/1000))
	return b
}

func ints(v ...uint32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, n := range v {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// addVM is vm.*.
func (s *System) addVM() {
	s.all(s.VM,
		Struct(abi.VM_LOADAVG, "loadavg", "S,loadavg", "Load averages", func() []byte {
			var load [3]uint32
			if s.cfg.LoadAverage != nil {
				load = s.cfg.LoadAverage()
			}
			// struct loadavg: three fixed-point numbers, and the scale as a long.
			return ints(load[0], load[1], load[2], 0, 2048, 0)
		}),
		Const(abi.OID_AUTO, "pagesize", 4096, "Page size, in bytes"),
		Struct(abi.VM_SWAPUSAGE, "swapusage", "S,xsw_usage", "Use of the paging file", func() []byte {
			var total, used uint64
			if s.cfg.SwapUsage != nil {
				total, used = s.cfg.SwapUsage()
			}
			b := make([]byte, 32)
			binary.LittleEndian.PutUint64(b[0:], total)
			binary.LittleEndian.PutUint64(b[8:], total-used)
			binary.LittleEndian.PutUint64(b[16:], used)
			binary.LittleEndian.PutUint32(b[24:], pageSize)
			return b
		}),
	)
}

// addUser is user.*: constants of POSIX.2, and 0 for what is not supported.
func (s *System) addUser() {
	s.all(s.User, TextConst(1, "cs_path", "/usr/bin:/bin:/usr/sbin:/sbin", "Path to the standard programs"))
	for i, v := range []struct {
		name  string
		value int32
	}{
		{"bc_base_max", 99}, {"bc_dim_max", 2048}, {"bc_scale_max", 99}, {"bc_string_max", 1000},
		{"coll_weights_max", 2}, {"expr_nest_max", 32}, {"line_max", 2048}, {"re_dup_max", 255},
		{"posix2_version", 200112}, {"posix2_c_bind", 0}, {"posix2_c_dev", 0}, {"posix2_char_term", 0},
		{"posix2_fort_dev", 0}, {"posix2_fort_run", 0}, {"posix2_localedef", 0}, {"posix2_sw_dev", 0},
		{"posix2_upe", 0}, {"stream_max", 20}, {"tzname_max", 255},
	} {
		s.all(s.User, Const(int32(i+2), v.name, v.value, ""))
	}
}

// Configuration is the kernel's (see conf/MASTER), as the makefile's linker sets it. What the go
// command builds by itself has all options.
var Configuration = "RELEASE"
