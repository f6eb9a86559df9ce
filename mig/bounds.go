package mig

// What one compilation may use at the most; beyond it is an error at the place.
const (
	maxFileSize   = 4 << 20
	maxTokens     = 1 << 20 // after the preprocessor
	maxInclude    = 40      // depth
	maxWork       = 1 << 20 // tokens that macros look at
	maxIf         = 100     // depth
	maxExpand     = 200     // depth of macros
	maxParams     = 64      // of a macro
	maxNest       = 64      // depth of types and expressions
	maxTypes      = 20000
	maxRoutines   = 5000
	maxArgs       = 256
	maxInline     = 1 << 20 // bytes in line of one argument
	maxMessage    = 8 << 20 // bytes in line of one message
	maxErrors     = 20
	maxDescriptor = 4096 // of one message
)
