package macho

// Magic numbers, as the first four bytes of the file read little-endian.
const (
	Magic32    = 0xfeedface
	Magic64    = 0xfeedfacf
	Cigam64    = 0xcffaedfe
	FatMagic   = 0xcafebabe // stored big-endian
	FatMagic64 = 0xcafebabf
)

// CPU is a cpu_type_t.
type CPU uint32

const (
	CPUArch64 CPU = 0x01000000
	CPUI386   CPU = 7
	CPUX86_64 CPU = CPUI386 | CPUArch64
	CPUARM    CPU = 12
	CPUARM64  CPU = CPUARM | CPUArch64
)

// Type is a file type, MH_*.
type Type uint32

const (
	Object     Type = 1
	Execute    Type = 2
	Core       Type = 4
	Preload    Type = 5
	Dylib      Type = 6
	Dylinker   Type = 7
	Bundle     Type = 8
	DylibStub  Type = 9
	DSYM       Type = 10
	KextBundle Type = 11
	Fileset    Type = 12
)

// Flags of the header, MH_*.
const (
	FlagNoUndefs              = 0x1
	FlagDyldLink              = 0x4
	FlagTwoLevel              = 0x80
	FlagForceFlat             = 0x100
	FlagSubsectionsViaSymbols = 0x2000
	FlagWeakDefines           = 0x8000
	FlagBindsToWeak           = 0x10000
	FlagAllowStackExecution   = 0x20000
	FlagPIE                   = 0x200000
	FlagHasTLVDescriptors     = 0x800000
	FlagNoHeapExecution       = 0x1000000
)

// Cmd is the kind of a load command, LC_*.
type Cmd uint32

// ReqDyld marks commands that a dynamic linker must understand or refuse.
const ReqDyld Cmd = 0x80000000

const (
	LcSegment            Cmd = 0x1
	LcSymtab             Cmd = 0x2
	LcThread             Cmd = 0x4
	LcUnixThread         Cmd = 0x5
	LcDysymtab           Cmd = 0xb
	LcLoadDylib          Cmd = 0xc
	LcIDDylib            Cmd = 0xd
	LcLoadDylinker       Cmd = 0xe
	LcIDDylinker         Cmd = 0xf
	LcRoutines           Cmd = 0x11
	LcSubFramework       Cmd = 0x12
	LcSubUmbrella        Cmd = 0x13
	LcSubClient          Cmd = 0x14
	LcSubLibrary         Cmd = 0x15
	LcTwolevelHints      Cmd = 0x16
	LcPrebindCksum       Cmd = 0x17
	LcLoadWeakDylib      Cmd = 0x18 | ReqDyld
	LcSegment64          Cmd = 0x19
	LcRoutines64         Cmd = 0x1a
	LcUUID               Cmd = 0x1b
	LcRpath              Cmd = 0x1c | ReqDyld
	LcCodeSignature      Cmd = 0x1d
	LcSegmentSplitInfo   Cmd = 0x1e
	LcReexportDylib      Cmd = 0x1f | ReqDyld
	LcLazyLoadDylib      Cmd = 0x20
	LcEncryptionInfo     Cmd = 0x21
	LcDyldInfo           Cmd = 0x22
	LcDyldInfoOnly       Cmd = 0x22 | ReqDyld
	LcLoadUpwardDylib    Cmd = 0x23 | ReqDyld
	LcVersionMinMacosx   Cmd = 0x24
	LcVersionMinIphoneos Cmd = 0x25
	LcFunctionStarts     Cmd = 0x26
	LcDyldEnvironment    Cmd = 0x27
	LcMain               Cmd = 0x28 | ReqDyld
	LcDataInCode         Cmd = 0x29
	LcSourceVersion      Cmd = 0x2a
	LcDylibCodeSignDrs   Cmd = 0x2b
	LcEncryptionInfo64   Cmd = 0x2c
	LcLinkerOption       Cmd = 0x2d
	LcOptimizationHint   Cmd = 0x2e
	LcVersionMinTvos     Cmd = 0x2f
	LcVersionMinWatchos  Cmd = 0x30
	LcNote               Cmd = 0x31
	LcBuildVersion       Cmd = 0x32
	LcExportsTrie        Cmd = 0x33 | ReqDyld
	LcChainedFixups      Cmd = 0x34 | ReqDyld
	LcFilesetEntry       Cmd = 0x35 | ReqDyld
	LcAtomInfo           Cmd = 0x36
)

// SegReadOnly (SG_READ_ONLY) asks for a segment to be made read-only after
// its fix-ups have been applied.
const SegReadOnly = 0x10

// Section types (the low byte of a section's flags), S_*.
const (
	SectRegular            = 0x0
	SectZerofill           = 0x1
	SectCstringLiterals    = 0x2
	Sect4ByteLiterals      = 0x3
	Sect8ByteLiterals      = 0x4
	SectLiteralPointers    = 0x5
	SectNonLazyPointers    = 0x6
	SectLazyPointers       = 0x7
	SectSymbolStubs        = 0x8
	SectModInitFuncs       = 0x9
	SectModTermFuncs       = 0xa
	SectCoalesced          = 0xb
	SectGBZerofill         = 0xc
	SectInterposing        = 0xd
	Sect16ByteLiterals     = 0xe
	SectThreadRegular      = 0x11
	SectThreadZerofill     = 0x12
	SectThreadVariables    = 0x13
	SectThreadVariablePtrs = 0x14
	SectThreadInitFuncs    = 0x15
	SectInitFuncOffsets    = 0x16
)

// Section attributes, S_ATTR_*.
const (
	AttrPureInstructions = 0x80000000
	AttrNoDeadStrip      = 0x10000000
	AttrDebug            = 0x02000000
	AttrSomeInstructions = 0x00000400
)

// Bits of a symbol's n_type and n_desc.
const (
	NStab = 0xe0
	NPext = 0x10
	NType = 0x0e
	NExt  = 0x01

	NUndf = 0x0
	NAbs  = 0x2
	NIndr = 0xa
	NSect = 0xe

	NWeakRef      = 0x40
	NWeakDef      = 0x80 // with NUndf it is N_REF_TO_WEAK
	NNoDeadStrip  = 0x20
	NAltEntry     = 0x200
	NSymbolRefMsk = 0x7
)

// Kinds of x86_64 relocations, X86_64_RELOC_*.
const (
	X86Unsigned   = 0
	X86Signed     = 1
	X86Branch     = 2
	X86GotLoad    = 3
	X86Got        = 4
	X86Subtractor = 5
	X86Signed1    = 6
	X86Signed2    = 7
	X86Signed4    = 8
	X86TLV        = 9
)

// X86ThreadState64 is the flavour of LC_UNIXTHREAD on x86_64, its count of
// 32-bit words, and the indices of two of its 64-bit registers.
const (
	X86ThreadState64      = 4
	X86ThreadState64Count = 42
	X86StateRsp           = 7
	X86StateRip           = 16
	ARMThreadState64      = 6
	ARMThreadState64Count = 68
)

// Platforms of LC_BUILD_VERSION.
const (
	PlatformMacOS       = 1
	PlatformIOS         = 2
	PlatformMacCatalyst = 6
	PlatformDriverKit   = 10
)
