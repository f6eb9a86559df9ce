package kernserv

import (
	"fmt"

	"puggle/abi"
)

// What the kernel-server loader functions return (<kernserv/kern_loader_types.h>).
const (
	KERN_LOADER_NO_PERMISSION     abi.KernReturn = 101
	KERN_LOADER_UNKNOWN_SERVER    abi.KernReturn = 102
	KERN_LOADER_SERVER_LOADED     abi.KernReturn = 103
	KERN_LOADER_SERVER_UNLOADED   abi.KernReturn = 104
	KERN_LOADER_NEED_SERVER_NAME  abi.KernReturn = 105
	KERN_LOADER_SERVER_EXISTS     abi.KernReturn = 106
	KERN_LOADER_PORT_EXISTS       abi.KernReturn = 107
	KERN_LOADER_SERVER_WONT_LINK  abi.KernReturn = 108
	KERN_LOADER_SERVER_WONT_LOAD  abi.KernReturn = 109
	KERN_LOADER_CANT_OPEN_SERVER  abi.KernReturn = 110
	KERN_LOADER_BAD_RELOCATABLE   abi.KernReturn = 111
	KERN_LOADER_MEM_ALLOC_PROBLEM abi.KernReturn = 112
	KERN_LOADER_SERVER_DELETED    abi.KernReturn = 113
	KERN_LOADER_WONT_UNLOAD       abi.KernReturn = 114
	KERN_LOADER_DETACHED          abi.KernReturn = 115
)

// KERN_SERVER_NOTLOGGING is kern_loader_get_log's answer while the log level is 0
// (<kernserv/kern_server_types.h>).
const KERN_SERVER_NOTLOGGING abi.KernReturn = 101

var loaderErrors = map[abi.KernReturn]string{
	KERN_LOADER_NO_PERMISSION:     "only the superuser may do this",
	KERN_LOADER_UNKNOWN_SERVER:    "there is no such server",
	KERN_LOADER_SERVER_LOADED:     "the server is loaded",
	KERN_LOADER_SERVER_UNLOADED:   "the server is not loaded",
	KERN_LOADER_NEED_SERVER_NAME:  "a server's name is needed",
	KERN_LOADER_SERVER_EXISTS:     "there is a server of this name",
	KERN_LOADER_PORT_EXISTS:       "the port is advertised by somebody else",
	KERN_LOADER_SERVER_WONT_LINK:  "the server can't be linked with the kernel",
	KERN_LOADER_SERVER_WONT_LOAD:  "the server can't be loaded",
	KERN_LOADER_CANT_OPEN_SERVER:  "the relocatable file can't be read",
	KERN_LOADER_BAD_RELOCATABLE:   "the relocatable file is malformed",
	KERN_LOADER_MEM_ALLOC_PROBLEM: "there is no memory for the server",
	KERN_LOADER_SERVER_DELETED:    "the server was deleted meanwhile",
	KERN_LOADER_WONT_UNLOAD:       "the server can't be unloaded",
	KERN_LOADER_DETACHED:          "the server is detached",
}

// Error is what the loader's functions fail with.
type Error struct {
	Code   abi.KernReturn
	Server string
	Detail error // nil if the code says it all
}

func (e *Error) Error() string {
	s := e.Server
	if s != "" {
		s += ": "
	}
	s += ErrorString(e.Code)
	if e.Detail != nil {
		s += ": " + e.Detail.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Detail }

// ErrorString is kern_loader_error_string.
func ErrorString(kr abi.KernReturn) string {
	if s := loaderErrors[kr]; s != "" {
		return s
	}
	return fmt.Sprintf("kern_return %d", kr)
}

func fail(code abi.KernReturn, server string, detail error) error {
	return &Error{code, server, detail}
}

// krError is a kern_return_t as an error of one line.
func krError(kr abi.KernReturn) error { return fmt.Errorf("kern_return %d", kr) }
