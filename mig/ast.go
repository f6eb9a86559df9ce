package mig

// Subsystem is what one .defs file describes.
type Subsystem struct {
	Name         string
	Base         int
	KernelServer bool
	KernelUser   bool

	Options            // as the last statements have left them
	ServerDemux string // "" for NAME_server
	RCSID       string

	Imports  []Import
	GoImport []string
	Types    []*Type // in order of declaration
	Routines []*Routine
	End      int // one above the last number used, skips included
}

// Options are what statements set for the routines behind them.
type Options struct {
	ServerPrefix string
	UserPrefix   string
	WaitTime     string // "" for none
	SendTime     string
	MsgOption    string
	ErrorProc    string
	SpecialReply bool // replies come to the thread's special reply port
	Consume      Consume
}

// Consume says after which errors of sending a user's stub gives up what is in the message.
type Consume uint8

const (
	ConsumeTimeout Consume = iota // None means the same here: what was moved can't be named otherwise
	ConsumeAny                    // and when there is nobody to send to
)

// Import is an import statement: who wants the file, and the file as written,
// with its quotes or angles.
type Import struct {
	Kind string // import, uimport, simport, iimport, dimport
	File string
}

// Kind is the form of a type on the wire.
type Kind uint8

const (
	Scalar   Kind = iota // Bits wide
	PortKind             // one right, in a descriptor
	Array                // Count elements in line
	VarArray             // at most Count elements in line, with their count
	OOL                  // out of line: Count elements, or variable
	CString              // at most Count bytes in line, zero included
)

// Disp is what happens to a right: a mach_msg_type_name_t, or poly.
type Disp int

const poly Disp = -1

// Trans is a translation function and the type that it makes.
type Trans struct{ Type, Func string }

// Type is a type of the language.
type Type struct {
	Pos  Pos
	Name string
	Base *Type // what it was declared equal to, for `type a = b`

	Kind  Kind
	Bits  int
	Elem  *Type
	Count int
	Var   bool // OOL, CString: the length varies
	// Lent: OOL declared as array [] of, without ^: a C server's function has it as if it
	// were in line, and the stub deallocates it after the call.
	Lent   bool
	Struct bool // Array: passed by value in C
	Bool   bool
	Wire   string // Scalar: MACH_MSG_TYPE_ or MSG_TYPE_ and this

	Sent, Received Disp // PortKind

	CType, UserType, ServerType string
	InTran, OutTran             Trans
	Destructor                  string
	GoType                      string

	Flags Flags
}

// Flags are the options behind a type or an argument.
type Flags struct {
	Dealloc      bool
	DeallocArg   bool // dealloc[]: a parameter says
	PhysicalCopy bool
	Overwrite    bool
	ServerCopy   bool
	CountInOut   bool
	SameCount    bool
	Const        bool
	RetCode      bool
}

// merge adds the options of f.
func (a Flags) merge(f Flags) Flags {
	or := func(x *bool, y bool) { *x = *x || y }
	or(&a.Dealloc, f.Dealloc)
	or(&a.DeallocArg, f.DeallocArg)
	or(&a.PhysicalCopy, f.PhysicalCopy)
	or(&a.Overwrite, f.Overwrite)
	or(&a.ServerCopy, f.ServerCopy)
	or(&a.CountInOut, f.CountInOut)
	or(&a.SameCount, f.SameCount)
	or(&a.Const, f.Const)
	or(&a.RetCode, f.RetCode)
	return a
}

// Dir is where an argument goes.
type Dir uint8

const (
	In Dir = iota
	Out
	InOut
	RequestPort
	ReplyPort  // named by both ends
	SReplyPort // the server alone sees it
	UReplyPort // the user alone names it
	WaitTime   // user's parameters that are not sent
	SendTime
	MsgOption
	MsgSeqno // from the trailer, for the server
	ServerSecToken
	ServerAuditToken
	ServerContext
	UserSecToken // from the reply's trailer, for the user
	UserAuditToken
)

// directions are the words before an argument.
var directions = map[string]Dir{
	"in": In, "out": Out, "inout": InOut, "requestport": RequestPort,
	"replyport": ReplyPort, "sreplyport": SReplyPort, "ureplyport": UReplyPort,
	"waittime": WaitTime, "sendtime": SendTime, "msgoption": MsgOption, "msgseqno": MsgSeqno,
	"serversectoken": ServerSecToken, "serveraudittoken": ServerAuditToken, "servercontext": ServerContext,
	"usersectoken": UserSecToken, "useraudittoken": UserAuditToken,
}

// Arg is one argument of a routine.
type Arg struct {
	Pos   Pos
	Name  string
	Dir   Dir
	Type  *Type
	Flags Flags
	// CountOf is the argument whose count this one shares (SameCount).
	CountOf *Arg
}

// Sends and Returns say whether the argument's value is in the request, in the reply.
func (a *Arg) Sends() bool   { return a.Dir == In || a.Dir == InOut }
func (a *Arg) Returns() bool { return a.Dir == Out || a.Dir == InOut }

// HasCount says whether C and the wire have a count beside the value.
func (a *Arg) HasCount() bool {
	t := a.Type
	return t.Kind == VarArray || t.Kind == OOL && t.Var
}

// Routine is a routine or a simpleroutine.
type Routine struct {
	Pos    Pos
	Name   string
	Simple bool
	Number int // from the subsystem's base
	Options
	Args  []*Arg
	Port  *Arg // the request port
	Reply *Arg // the reply port, if it is named

	Request, Response *Message
}

// ID is msgh_id of the request; the reply's is 100 more.
func (r *Routine) ID(s *Subsystem) int { return s.Base + r.Number }
