package macho

// LoadDylib is an LC_*_DYLIB command.
type LoadDylib struct {
	Kind                   Cmd
	Name                   string
	Timestamp              uint32
	Current, Compatibility uint32 // versions as xxxx.yy.zz in 16, 8 and 8 bits
}

// Weak reports whether the image may do without this library.
func (d *LoadDylib) Weak() bool { return d.Kind == LcLoadWeakDylib }

// Reexport reports whether the library's symbols count as this image's own.
func (d *LoadDylib) Reexport() bool { return d.Kind == LcReexportDylib }

// Upward reports whether the library depends on this image, so that its
// initialisers must not wait for it.
func (d *LoadDylib) Upward() bool { return d.Kind == LcLoadUpwardDylib }

func parseDylib(c *command) {
	d := LoadDylib{Kind: c.kind, Name: c.str(8), Timestamp: c.u32(12), Current: c.u32(16), Compatibility: c.u32(20)}
	if c.kind == LcIDDylib {
		c.f.ID = &d
		return
	}
	c.f.Dylibs = append(c.f.Dylibs, d)
}

// EntryKind says how an image starts.
type EntryKind uint8

const (
	NoEntry     EntryKind = iota
	EntryThread           // LC_UNIXTHREAD: Addr is the unslid address of the first instruction
	EntryMain             // LC_MAIN: Addr is an offset from the mach header; call it as main()
)

// Entry is where an image starts.
type Entry struct {
	Kind      EntryKind
	Addr      uint64
	Stack     uint64   // LC_MAIN: size of the main thread's stack, bytes; LC_UNIXTHREAD: its rsp; 0 for the default
	Registers []uint64 // LC_UNIXTHREAD: the thread state as it stands (unslid)
}

func parseMain(c *command) {
	if c.f.Entry.Kind != NoEntry {
		c.fail("the image has two entry points")
		return
	}
	c.f.Entry = Entry{Kind: EntryMain, Addr: c.u64(8), Stack: c.u64(16)}
}

// parseThread reads LC_UNIXTHREAD: pairs of flavour and count, each followed
// by count words. Only the general registers matter.
func parseThread(c *command) {
	if c.f.Entry.Kind != NoEntry {
		c.fail("the image has two entry points")
		return
	}
	for at := 8; at+8 <= len(c.b); {
		flavour, count := c.u32(at), c.u32(at+4)
		at += 8
		if uint64(count)*4 > uint64(len(c.b)-at) {
			c.fail("thread state of %d words doesn't fit", count)
			return
		}
		var ip, sp int
		switch {
		case c.f.CPU == CPUX86_64 && flavour == X86ThreadState64 && count == X86ThreadState64Count:
			ip, sp = X86StateRip, X86StateRsp
		case c.f.CPU == CPUARM64 && flavour == ARMThreadState64 && count == ARMThreadState64Count:
			ip, sp = 32, 31
		default:
			at += int(count) * 4
			continue
		}
		regs := make([]uint64, count/2)
		for i := range regs {
			regs[i] = c.u64(at + 8*i)
		}
		c.f.Entry = Entry{Kind: EntryThread, Addr: regs[ip], Stack: regs[sp], Registers: regs}
		at += int(count) * 4
	}
	if c.f.Entry.Kind == NoEntry {
		c.fail("it has no general registers of %v", c.f.CPU)
	}
}

// DyldInfo is LC_DYLD_INFO(_ONLY): five streams of opcodes.
type DyldInfo struct {
	Rebase, Bind, WeakBind, LazyBind, Export Range
}

func parseDyldInfo(c *command) {
	if c.f.DyldInfo != nil {
		c.fail("there are two of them")
		return
	}
	c.f.DyldInfo = &DyldInfo{c.rang(8), c.rang(16), c.rang(24), c.rang(32), c.rang(40)}
}

func parseUUID(c *command) {
	if len(c.b) != 24 {
		c.fail("command has %d bytes, not 24", len(c.b))
		return
	}
	c.f.UUID, c.f.HasUUID = [16]byte(c.b[8:24]), true
}

// BuildVersion is LC_BUILD_VERSION, or LC_VERSION_MIN_* turned into one.
type BuildVersion struct {
	Platform   uint32
	MinOS, SDK uint32 // xxxx.yy.zz in 16, 8 and 8 bits
}

func parseBuildVersion(c *command) {
	c.f.Build = append(c.f.Build, BuildVersion{c.u32(8), c.u32(12), c.u32(16)})
}

func parseVersionMin(c *command) {
	platform := map[Cmd]uint32{LcVersionMinMacosx: 1, LcVersionMinIphoneos: 2, LcVersionMinTvos: 3, LcVersionMinWatchos: 4}
	c.f.Build = append(c.f.Build, BuildVersion{platform[c.kind], c.u32(8), c.u32(12)})
}

// Encryption is LC_ENCRYPTION_INFO: a range that is encrypted if ID isn't 0.
type Encryption struct {
	Range
	ID uint32
}

func parseEncryption(c *command) {
	c.f.Encryption = &Encryption{c.rang(8), c.u32(16)}
}

// Note is LC_NOTE: data of some tool's own.
type Note struct {
	Owner string
	Range
}

func parseNote(c *command) {
	if len(c.b) < 40 {
		c.fail("command is too short (%d bytes)", len(c.b))
		return
	}
	n := Note{name16(c.b[8:]), Range{c.u64(24), c.u64(32)}}
	if !inside(n.Off, n.Size, uint64(c.f.Size)) {
		c.fail("data lies outside the file")
		return
	}
	c.f.Notes = append(c.f.Notes, n)
}
