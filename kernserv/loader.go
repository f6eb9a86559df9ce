package kernserv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/machine"
)

// Config is what kern_loader is connected to. Kernel, Memory and Files must be set.
type Config struct {
	Kernel Kernel
	Memory machine.Memory // for the servers' own maps
	Files  Files
	Names  NameServer // nil: a Names of its own
	Conf   string     // the configuration file; "" is DefaultConf
	// NewThread makes kernel threads; nil: without a processor.
	NewThread func(name string) *sched.Thread
	// Log gets a line for each event, with a priority of syslog; may be nil.
	Log func(priority Priority, line string)
}

// DefaultConf is the list of relocatable files, one path a line. (A-1's other
// spellings of it are scanning errors.)
const DefaultConf = "/etc/kern_loader.conf"

// Priority is syslog's (<sys/syslog.h>).
type Priority int

// Those that are used here.
const (
	LOG_ERR     Priority = 3
	LOG_WARNING Priority = 4
	LOG_NOTICE  Priority = 5
	LOG_INFO    Priority = 6
	LOG_DEBUG   Priority = 7
)

// Loader is kern_loader. Its methods are the kernel-server loader functions.
type Loader struct {
	// Interrupts is the level of the machine's CPU, and its polled handlers.
	Interrupts Interrupts

	cfg   Config
	space *ipc.Space // kern_loader's task
	set   abi.PortName
	watch ipc.Watch
	kick  chan struct{}
	quit  chan struct{}
	wg    sync.WaitGroup

	mu        sync.Mutex
	servers   map[string]*Server
	running   map[uint64]*running // by handle
	ports     map[*ipc.Port]*Server
	handle    uint64
	listeners map[*func(Priority, string)]bool
	closed    bool
}

// New starts kern_loader with no servers; Configure reads its file.
func New(cfg Config) (*Loader, error) {
	if cfg.Names == nil {
		cfg.Names = &Names{}
	}
	if cfg.Conf == "" {
		cfg.Conf = DefaultConf
	}
	if cfg.NewThread == nil {
		cfg.NewThread = sched.NewThread
	}
	l := &Loader{cfg: cfg, space: ipc.NewSpace(), kick: make(chan struct{}, 1), quit: make(chan struct{}),
		servers: map[string]*Server{}, running: map[uint64]*running{}, ports: map[*ipc.Port]*Server{},
		listeners: map[*func(Priority, string)]bool{}, handle: 0x4b530000}
	l.Interrupts.thread = cfg.NewThread("interrupt")
	l.Interrupts.init()
	l.Interrupts.Run = l.interrupt
	l.Interrupts.Stray = func(level int) { l.logf(LOG_INFO, "an interrupt of level %d was nobody's", level) }
	var kr abi.KernReturn
	if l.set, kr = l.space.PortSetAllocate(); kr != abi.KERN_SUCCESS {
		return nil, fmt.Errorf("kern_loader: no port set: %v", kr)
	}
	w, kr := l.space.LookupWatch(l.set)
	if kr != abi.KERN_SUCCESS {
		return nil, fmt.Errorf("kern_loader: %v", kr)
	}
	l.watch.Notify = func() {
		select {
		case l.kick <- struct{}{}:
		default:
		}
	}
	w.AddWatch(&l.watch)
	l.wg.Add(1)
	go l.listen(w)
	return l, nil
}

// listen waits for first messages.
func (l *Loader) listen(set ipc.Watchable) {
	defer l.wg.Done()
	for {
		select {
		case <-l.quit:
			return
		case <-l.kick:
		}
		for {
			ready, _, port, gone := set.Peek()
			if gone || !ready {
				break
			}
			l.mu.Lock()
			s := l.ports[port]
			l.mu.Unlock()
			if s == nil || !l.ignore(s) {
				break // it goes away by itself, or has just gone
			}
			l.wg.Add(1)
			go func() {
				defer l.wg.Done()
				l.load(s, port)
			}()
		}
	}
}

// ignore takes a server's ports out of the loader's set, while it is loaded.
func (l *Loader) ignore(s *Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		return false // they are in another space
	}
	took := false
	for _, p := range s.ports {
		took = l.space.PortSetRemove(p.local) == abi.KERN_SUCCESS || took
	}
	return took
}

// logf writes to the log and to whoever follows it.
func (l *Loader) logf(p Priority, f string, args ...any) {
	line := fmt.Sprintf(f, args...)
	if l.cfg.Log != nil {
		l.cfg.Log(p, line)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for fn := range l.listeners {
		(*fn)(p, line)
	}
}

// Follow is kern_loader_status_port: fn gets each line that kern_loader logs, until
// cancel. It must not call the loader, and not block.
func (l *Loader) Follow(fn func(p Priority, line string)) (cancel func()) {
	l.mu.Lock()
	l.listeners[&fn] = true
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		delete(l.listeners, &fn)
		l.mu.Unlock()
	}
}

// Configure allocates the servers of the configuration file, and, before them,
// those in first. A server that can't be allocated is logged, and the others go
// on; the error names all of them. A missing file is an empty one.
func (l *Loader) Configure(first ...string) error {
	var errs []error
	list := first
	b, err := l.cfg.Files.ReadFile(l.cfg.Conf)
	if err != nil {
		l.logf(LOG_NOTICE, "%s: %v", l.cfg.Conf, err)
	}
	list = append(list, ParseConf(b)...)
	for _, path := range list {
		if _, err := l.AddServer(path); err != nil {
			errs = append(errs, err)
			l.logf(LOG_ERR, "%v", err)
		}
	}
	return errors.Join(errs...)
}

// MaxConf bounds the configuration file, in lines.
const MaxConf = 1024

// ParseConf reads the configuration file: a path a line, # for comments.
func ParseConf(b []byte) (paths []string) {
	for line := range strings.Lines(string(b[:min(len(b), 1<<20)])) {
		line = strings.TrimSpace(uncomment(line))
		if line != "" && len(paths) < MaxConf {
			paths = append(paths, line)
		}
	}
	return paths
}

// AddServer is kern_loader_add_server: it allocates the server of a relocatable
// file and, if its commands say START, loads it. Codes of the error:
// CANT_OPEN_SERVER, BAD_RELOCATABLE, SERVER_EXISTS, SERVER_WONT_LINK,
// MEM_ALLOC_PROBLEM, PORT_EXISTS, SERVER_WONT_LOAD.
func (l *Loader) AddServer(path string) (*Server, error) {
	b, err := l.cfg.Files.ReadFile(path)
	if err != nil {
		return nil, fail(KERN_LOADER_CANT_OPEN_SERVER, path, err)
	}
	rel, err := ReadRelocatable(path, b)
	if err != nil {
		return nil, fail(KERN_LOADER_BAD_RELOCATABLE, "", err)
	}
	s := &Server{Name: rel.Name, Path: path, rel: rel, loader: l, state: Allocating}
	s.op.Lock()
	defer s.op.Unlock()
	l.mu.Lock()
	if l.servers[s.Name] != nil || l.closed {
		l.mu.Unlock()
		return nil, fail(KERN_LOADER_SERVER_EXISTS, s.Name, nil)
	}
	l.servers[s.Name] = s
	l.mu.Unlock()
	if err := s.allocate(); err != nil {
		l.forget(s)
		return nil, err
	}
	if err := l.makePorts(s); err != nil {
		l.release(s)
		return nil, err
	}
	s.setState(Allocated)
	l.logf(LOG_INFO, "%s: allocated at %#x for %#x bytes", s.Name, uint64(s.base), s.size)
	l.hear(s)
	for _, c := range rel.Load {
		if c.Verb == Start {
			return s, l.loadLocked(s, nil)
		}
	}
	return s, nil
}

// makePorts makes the ports of the load commands and advertises those that are to
// be.
func (l *Loader) makePorts(s *Server) error {
	byName := map[string]*serverPort{}
	for _, c := range s.rel.Load {
		if c.Port == "" {
			continue
		}
		p := byName[c.Port]
		if p == nil {
			n, kr := l.space.PortAllocate()
			if kr != abi.KERN_SUCCESS {
				return fail(KERN_LOADER_MEM_ALLOC_PROBLEM, s.Name, errors.New("no port"))
			}
			send, _ := l.space.ExtractRight(n, abi.MACH_MSG_TYPE_MAKE_SEND)
			p = &serverPort{name: c.Port, local: n, send: send}
			byName[c.Port] = p
			s.mu.Lock()
			s.ports = append(s.ports, p)
			s.mu.Unlock()
			l.mu.Lock()
			l.ports[send] = s
			l.mu.Unlock()
		}
		if c.Verb != Advertise {
			continue
		}
		if l.cfg.Names.CheckIn(p.name, ipc.CopySend(p.send)) != abi.KERN_SUCCESS {
			return fail(KERN_LOADER_PORT_EXISTS, s.Name, errors.New("port "+p.name))
		}
		p.advertised = true
	}
	return nil
}

// hear puts the server's ports into the loader's set.
func (l *Loader) hear(s *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		return
	}
	for _, p := range s.ports {
		l.space.PortSetAdd(l.set, p.local)
	}
	l.watch.Notify() // what is queued already
}

// release gives up what allocating took: room, ports, names. s.op is held; the
// server is not loaded.
func (l *Loader) release(s *Server) {
	s.setState(Deallocated)
	s.mu.Lock()
	ports := s.ports
	s.ports = nil
	s.mu.Unlock()
	for _, p := range ports {
		if p.advertised {
			l.cfg.Names.CheckOut(p.name, p.send)
		}
		l.mu.Lock()
		delete(l.ports, p.send)
		l.mu.Unlock()
		l.space.PortDeallocate(p.local)
		ipc.ReleaseSend(p.send)
	}
	s.log.close()
	l.cfg.Kernel.Deallocate(s.base, s.size)
	l.forget(s)
}

func (l *Loader) forget(s *Server) {
	l.mu.Lock()
	if l.servers[s.Name] == s {
		delete(l.servers, s.Name)
	}
	l.mu.Unlock()
}

// find gives the server of a name, or an *Error.
func (l *Loader) find(name string) (*Server, error) {
	if name == "" {
		return nil, fail(KERN_LOADER_NEED_SERVER_NAME, "", nil)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.servers[name]; s != nil {
		return s, nil
	}
	return nil, fail(KERN_LOADER_UNKNOWN_SERVER, name, nil)
}

// DeleteServer is kern_loader_delete_server: it unloads the server if it is loaded
// and deallocates it. Codes: NEED_SERVER_NAME, UNKNOWN_SERVER, WONT_UNLOAD.
func (l *Loader) DeleteServer(name string) error {
	s, err := l.find(name)
	if err != nil {
		return err
	}
	s.op.Lock()
	defer s.op.Unlock()
	switch s.State() {
	case Loaded:
		if err := l.unloadLocked(s, false); err != nil {
			return err
		}
	case Deallocated:
		return fail(KERN_LOADER_SERVER_DELETED, name, nil)
	}
	l.ignore(s)
	l.release(s)
	l.logf(LOG_INFO, "%s: deallocated", name)
	return nil
}

// LoadServer is kern_loader_load_server. Codes: NEED_SERVER_NAME, UNKNOWN_SERVER,
// SERVER_LOADED, SERVER_WONT_LOAD (which deallocates it).
func (l *Loader) LoadServer(name string) error {
	s, err := l.find(name)
	if err != nil {
		return err
	}
	return l.load(s, nil)
}

// UnloadServer is kern_loader_unload_server: the unload commands are done and the
// server is only allocated again. Codes: NEED_SERVER_NAME, UNKNOWN_SERVER,
// SERVER_UNLOADED, WONT_UNLOAD: something still points into it, and it stays.
func (l *Loader) UnloadServer(name string) error {
	s, err := l.find(name)
	if err != nil {
		return err
	}
	return l.unload(s, nil, false)
}

// ServerList is kern_loader_server_list: the names, sorted.
func (l *Loader) ServerList() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]string, 0, len(l.servers))
	for n := range l.servers {
		list = append(list, n)
	}
	sort.Strings(list)
	return list
}

// ServerInfo is kern_loader_server_info.
func (l *Loader) ServerInfo(name string) (Info, error) {
	s, err := l.find(name)
	if err != nil {
		return Info{}, err
	}
	return s.info(), nil
}

// LogLevel is kern_loader_log_level: messages of at least level are kept, none for
// 0. The server must be loaded (SERVER_UNLOADED).
func (l *Loader) LogLevel(name string, level int32) error {
	s, err := l.find(name)
	if err != nil {
		return err
	}
	if s.State() != Loaded {
		return fail(KERN_LOADER_SERVER_UNLOADED, name, nil)
	}
	s.log.setLevel(level)
	return nil
}

// GetLog is kern_loader_get_log: it waits on th until there are messages and takes
// them. KERN_SERVER_NOTLOGGING when the level is 0 or becomes 0, or the server goes.
func (l *Loader) GetLog(th *sched.Thread, name string, until sched.Deadline) (e []LogEntry, lost int, err error) {
	s, err := l.find(name)
	if err != nil {
		return nil, 0, err
	}
	e, lost, kr := s.log.get(th, until)
	if kr != abi.KERN_SUCCESS {
		if kr == KERN_SERVER_NOTLOGGING {
			return nil, 0, &NotLoggingError{name}
		}
		return nil, 0, fail(kr, name, nil)
	}
	return e, lost, nil
}

// NotLoggingError is KERN_SERVER_NOTLOGGING, whose number other errors have, too.
type NotLoggingError struct{ Server string }

func (e *NotLoggingError) Error() string { return e.Server + ": nothing is logged (see kl_log -l)" }

// Abort is kern_loader_abort: all servers are unloaded and deallocated. With
// restart the configuration file is read again, otherwise the loader is closed. A
// server that won't be unloaded is taken out by force and named in the error.
func (l *Loader) Abort(restart bool) error {
	var errs []error
	for _, name := range l.ServerList() {
		if err := l.DeleteServer(name); err != nil {
			var e *Error
			if errors.As(err, &e) && e.Code != KERN_LOADER_WONT_UNLOAD {
				continue // somebody else was first
			}
			errs = append(errs, err)
			if s, err := l.find(name); err == nil {
				l.unload(s, nil, true)
				l.DeleteServer(name)
			}
		}
	}
	if restart {
		return errors.Join(append(errs, l.Configure())...)
	}
	l.Close()
	return errors.Join(errs...)
}

// Closed says whether kern_loader has ended.
func (l *Loader) Closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// Close ends kern_loader. Servers that are loaded still are stopped by force.
func (l *Loader) Close() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.closed = true
	l.mu.Unlock()
	for _, name := range l.ServerList() {
		if s, err := l.find(name); err == nil {
			l.unload(s, nil, true)
			l.DeleteServer(name)
		}
	}
	close(l.quit)
	l.wg.Wait()
	l.Interrupts.Close()
	l.space.Terminate()
}

// putHandle writes what the instance variable begins with.
func (l *Loader) putHandle(s *Server, handle uint64) abi.KernReturn {
	return l.cfg.Kernel.CopyOut(s.symbol(s.rel.Instance), binary.LittleEndian.AppendUint64(nil, handle))
}
