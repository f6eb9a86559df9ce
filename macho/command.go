package macho

import (
	"bytes"
	"encoding/binary"
)

// command is one load command while it is being parsed: its bytes (cmd and
// cmdsize included) and where they stand. Readers past the end set err; the
// loop in parseCommands looks at it once per command.
type command struct {
	f    *File
	kind Cmd
	b    []byte
	off  int64
	err  error
}

func (c *command) fail(format string, args ...any) {
	if c.err == nil {
		c.err = bad(c.off, c.kind.String()+": "+format, args...)
	}
}

func (c *command) u32(at int) uint32 {
	if at+4 > len(c.b) {
		c.fail("command is too short (%d bytes)", len(c.b))
		return 0
	}
	return binary.LittleEndian.Uint32(c.b[at:])
}

func (c *command) u64(at int) uint64 {
	if at+8 > len(c.b) {
		c.fail("command is too short (%d bytes)", len(c.b))
		return 0
	}
	return binary.LittleEndian.Uint64(c.b[at:])
}

// str is an lc_str: the u32 at `at` is an offset into the command, where a
// string starts that ends with a NUL or with the command.
func (c *command) str(at int) string {
	o := c.u32(at)
	if c.err != nil {
		return ""
	}
	if int64(o) < int64(at)+4 || int64(o) >= int64(len(c.b)) {
		c.fail("string offset %d lies outside the command", o)
		return ""
	}
	s := c.b[o:]
	if i := bytes.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	return string(s)
}

// rang is a pair of u32s, offset and size, of link-edit data.
func (c *command) rang(at int) Range {
	r := Range{uint64(c.u32(at)), uint64(c.u32(at + 4))}
	if r.Size == 0 {
		return Range{}
	}
	if !inside(r.Off, r.Size, uint64(c.f.Size)) {
		c.fail("data %#x+%#x lies outside the file", r.Off, r.Size)
		return Range{}
	}
	return r
}

func (f *File) parseCommands(b []byte) error {
	off := int64(headerSize)
	for i := uint32(0); i < f.CommandCount; i++ {
		if len(b) < 8 {
			return bad(off, "load command %d of %d is cut short", i, f.CommandCount)
		}
		kind, size := Cmd(binary.LittleEndian.Uint32(b)), binary.LittleEndian.Uint32(b[4:])
		if size < 8 || size%4 != 0 || int64(size) > int64(len(b)) {
			return bad(off, "load command %d has a bad size (%d)", i, size)
		}
		c := command{f: f, kind: kind, b: b[:size], off: off}
		if row, ok := commands[kind]; !ok {
			f.Unknown = append(f.Unknown, kind)
		} else if row.parse != nil {
			row.parse(&c)
		}
		if c.err != nil {
			return c.err
		}
		b, off = b[size:], off+int64(size)
	}
	return nil
}

// commandRow is what is known of one kind of load command. Those without a
// parser are known to be of no use to a loader.
type commandRow struct {
	name  string
	parse func(*command)
}

var commands map[Cmd]commandRow

func init() { // not an initialiser: String uses the table, and parsers use String
	commands = map[Cmd]commandRow{
		LcSegment:            {"LC_SEGMENT", func(c *command) { c.fail("32-bit segments are not supported") }},
		LcSegment64:          {"LC_SEGMENT_64", parseSegment},
		LcSymtab:             {"LC_SYMTAB", parseSymtab},
		LcDysymtab:           {"LC_DYSYMTAB", parseDysymtab},
		LcThread:             {"LC_THREAD", parseThread},
		LcUnixThread:         {"LC_UNIXTHREAD", parseThread},
		LcMain:               {"LC_MAIN", parseMain},
		LcLoadDylib:          {"LC_LOAD_DYLIB", parseDylib},
		LcIDDylib:            {"LC_ID_DYLIB", parseDylib},
		LcLoadWeakDylib:      {"LC_LOAD_WEAK_DYLIB", parseDylib},
		LcReexportDylib:      {"LC_REEXPORT_DYLIB", parseDylib},
		LcLazyLoadDylib:      {"LC_LAZY_LOAD_DYLIB", parseDylib},
		LcLoadUpwardDylib:    {"LC_LOAD_UPWARD_DYLIB", parseDylib},
		LcLoadDylinker:       {"LC_LOAD_DYLINKER", func(c *command) { c.f.Dylinker = c.str(8) }},
		LcIDDylinker:         {"LC_ID_DYLINKER", nil},
		LcRpath:              {"LC_RPATH", func(c *command) { c.f.Rpaths = append(c.f.Rpaths, c.str(8)) }},
		LcDyldEnvironment:    {"LC_DYLD_ENVIRONMENT", func(c *command) { c.f.DyldEnv = append(c.f.DyldEnv, c.str(8)) }},
		LcSubFramework:       {"LC_SUB_FRAMEWORK", func(c *command) { c.f.Umbrella = c.str(8) }},
		LcSubUmbrella:        {"LC_SUB_UMBRELLA", func(c *command) { c.f.SubUmbr = append(c.f.SubUmbr, c.str(8)) }},
		LcSubLibrary:         {"LC_SUB_LIBRARY", func(c *command) { c.f.SubUmbr = append(c.f.SubUmbr, c.str(8)) }},
		LcSubClient:          {"LC_SUB_CLIENT", nil},
		LcUUID:               {"LC_UUID", parseUUID},
		LcBuildVersion:       {"LC_BUILD_VERSION", parseBuildVersion},
		LcVersionMinMacosx:   {"LC_VERSION_MIN_MACOSX", parseVersionMin},
		LcVersionMinIphoneos: {"LC_VERSION_MIN_IPHONEOS", parseVersionMin},
		LcVersionMinTvos:     {"LC_VERSION_MIN_TVOS", parseVersionMin},
		LcVersionMinWatchos:  {"LC_VERSION_MIN_WATCHOS", parseVersionMin},
		LcSourceVersion:      {"LC_SOURCE_VERSION", func(c *command) { c.f.SourceVer = c.u64(8) }},
		LcDyldInfo:           {"LC_DYLD_INFO", parseDyldInfo},
		LcDyldInfoOnly:       {"LC_DYLD_INFO_ONLY", parseDyldInfo},
		LcChainedFixups:      {"LC_DYLD_CHAINED_FIXUPS", func(c *command) { c.once(&c.f.ChainedFixups) }},
		LcExportsTrie:        {"LC_DYLD_EXPORTS_TRIE", func(c *command) { c.once(&c.f.ExportsTrie) }},
		LcFunctionStarts:     {"LC_FUNCTION_STARTS", func(c *command) { c.once(&c.f.FunctionStart) }},
		LcDataInCode:         {"LC_DATA_IN_CODE", func(c *command) { c.once(&c.f.DataInCode) }},
		LcCodeSignature:      {"LC_CODE_SIGNATURE", func(c *command) { c.once(&c.f.CodeSignature) }},
		LcSegmentSplitInfo:   {"LC_SEGMENT_SPLIT_INFO", func(c *command) { c.once(&c.f.SplitInfo) }},
		LcEncryptionInfo:     {"LC_ENCRYPTION_INFO", parseEncryption},
		LcEncryptionInfo64:   {"LC_ENCRYPTION_INFO_64", parseEncryption},
		LcNote:               {"LC_NOTE", parseNote},
		LcRoutines64:         {"LC_ROUTINES_64", func(c *command) { c.f.InitRoutine = c.u64(8) }},
		LcTwolevelHints:      {"LC_TWOLEVEL_HINTS", nil},
		LcPrebindCksum:       {"LC_PREBIND_CKSUM", nil},
		LcDylibCodeSignDrs:   {"LC_DYLIB_CODE_SIGN_DRS", nil},
		LcLinkerOption:       {"LC_LINKER_OPTION", nil},
		LcOptimizationHint:   {"LC_LINKER_OPTIMIZATION_HINT", nil},
		LcAtomInfo:           {"LC_ATOM_INFO", nil},
	}
}

// once parses a linkedit_data_command that an image may have once.
func (c *command) once(to **Range) {
	if *to != nil {
		c.fail("there are two of them")
		return
	}
	r := c.rang(8)
	*to = &r
}

func (k Cmd) String() string {
	if row, ok := commands[k]; ok {
		return row.name
	}
	const hex = "0123456789abcdef"
	s := []byte("LC_0x00000000")
	for i := range 8 {
		s[12-i] = hex[k>>(4*i)&15]
	}
	return string(s)
}
