package server

import (
	"time"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/sched"
)

// Subsystem is the server's part of the kernel's table.
func (s *Server) Subsystem() *IokitServer {
	t := &IokitServer{}
	s.objects(t)
	s.iterators(t)
	s.lookups(t)
	s.entries(t)
	s.states(t)
	s.notifications(t)
	s.connections(t)
	s.catalogue(t)
	return t
}

func (s *Server) states(t *IokitServer) {
	t.IoServiceGetBusyState = func(_ *mig.Call, p *ipc.Port) (uint32, kret) {
		e := service(p)
		if e == nil {
			return 0, iokit.IOReturnBadArgument
		}
		n, _ := e.Busy()
		return n, abi.KERN_SUCCESS
	}
	t.IoServiceGetState = func(_ *mig.Call, p *ipc.Port) (uint64, uint32, uint64, kret) {
		e := service(p)
		if e == nil {
			return 0, 0, 0, iokit.IOReturnBadArgument
		}
		n, total := e.Busy()
		return uint64(e.State()), n, uint64(total), abi.KERN_SUCCESS // nanoseconds
	}
	t.IoServiceWaitQuiet = func(c *mig.Call, p *ipc.Port, limit [2]int32) kret {
		e, th := service(p), c.Request.Thread()
		if e == nil || th == nil || limit[1] < 0 || limit[1] >= 1e9 {
			return iokit.IOReturnBadArgument
		}
		return e.WaitQuiet(th, sched.After(time.Duration(uint32(limit[0]))*time.Second+time.Duration(limit[1])))
	}
	t.IoServiceRequestProbe = func(c *mig.Call, p *ipc.Port, _ uint32) kret {
		e := service(p)
		switch {
		case e == nil:
			return iokit.IOReturnBadArgument
		case !s.privileged(c):
			return iokit.IOReturnNotPrivileged
		}
		return iokit.IOReturnUnsupported // as a service that overrides nothing
	}
	t.IoServiceGetAuthorizationId = func(_ *mig.Call, p *ipc.Port) (uint64, kret) {
		if service(p) == nil {
			return 0, iokit.IOReturnBadArgument
		}
		return 0, abi.KERN_SUCCESS // nobody has authorised anything
	}
	t.IoServiceSetAuthorizationId = func(_ *mig.Call, p *ipc.Port, _ uint64) kret {
		if service(p) == nil {
			return iokit.IOReturnBadArgument
		}
		return iokit.IOReturnNotPrivileged // XNU's with an entitlement only
	}
	t.IoServiceAcknowledgeNotification = func(_ *mig.Call, p *ipc.Port, _, _ uint32) kret {
		if service(p) == nil {
			return iokit.IOReturnBadArgument
		}
		return iokit.IOReturnUnsupported // no message waits for an answer
	}
}

// What io_catalog_get_data is asked for (<IOKit/IOKitServer.h>).
const (
	catalogContents = 1
)

func (s *Server) catalogue(t *IokitServer) {
	t.IoCatalogGetGenCount = func(_ *mig.Call, main *ipc.Port) (uint32, kret) {
		r := s.registry(main)
		if r == nil {
			return 0, iokit.IOReturnBadArgument
		}
		return r.Catalogue.Generation(), abi.KERN_SUCCESS
	}
	t.IoCatalogGetData = func(_ *mig.Call, main *ipc.Port, flag uint32) (ipc.Copy, kret) {
		r := s.registry(main)
		if r == nil || flag != catalogContents {
			return nil, iokit.IOReturnBadArgument
		}
		l := []any{}
		for _, p := range r.Catalogue.All() {
			l = append(l, p.Table)
		}
		return bytesOut(iokit.SerializeXML(l)), abi.KERN_SUCCESS
	}
	// Changes come with extensions, by kextload; XNU's are for kextd alone.
	refuse := func(p *ipc.Port) kret {
		if s.registry(p) == nil {
			return iokit.IOReturnBadArgument
		}
		return iokit.IOReturnNotPrivileged
	}
	t.IoCatalogSendData = func(_ *mig.Call, main *ipc.Port, _ uint32, _ mig.Memory) (kret, kret) { return 0, refuse(main) }
	t.IoCatalogTerminate = func(_ *mig.Call, main *ipc.Port, _ uint32, _ string) kret { return refuse(main) }
	t.IoCatalogModuleLoaded = func(_ *mig.Call, main *ipc.Port, _ string) kret { return refuse(main) }
	t.IoCatalogReset = func(_ *mig.Call, main *ipc.Port, _ uint32) kret { return refuse(main) }
}
