package bootstrap

import (
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/sched"
)

func world(t *testing.T) (*Bootstrap, *mig.Client) {
	t.Helper()
	b, kr := New()
	if kr != 0 {
		t.Fatal(kr)
	}
	return b, &mig.Client{Thread: sched.NewThread("test"), Until: sched.After(20 * time.Second)}
}

func want(t *testing.T, what string, got, kr abi.KernReturn) {
	t.Helper()
	if got != kr {
		t.Fatalf("%s: %d, want %d", what, got, kr)
	}
}

func port(t *testing.T) *ipc.Port {
	p, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	want(t, "port", kr, 0)
	return p
}

func TestContexts(t *testing.T) {
	b, cl := world(t)
	top := b.Startup().Port()
	system, mine, login := port(t), port(t), port(t)
	want(t, "register", mig.BootstrapRegister(cl, top, "X", system.MakeSend()), 0)
	sub, kr := mig.BootstrapSubset(cl, top, login.MakeSend())
	want(t, "subset", kr, 0)
	p, kr := mig.BootstrapLookUp(cl, sub, "X")
	want(t, "look-up in the parent", kr, 0)
	if p != system {
		t.Error("not the startup context's service")
	}
	ipc.ReleaseSend(p)
	want(t, "override", mig.BootstrapRegister(cl, sub, "X", mine.MakeSend()), 0)
	want(t, "twice", mig.BootstrapRegister(cl, sub, "X", mine.MakeSend()), BOOTSTRAP_SERVICE_ACTIVE)
	for _, x := range []struct{ in, want *ipc.Port }{{sub, mine}, {top, system}} {
		p, kr := mig.BootstrapLookUp(cl, x.in, "X")
		want(t, "look-up", kr, 0)
		if p != x.want {
			t.Error("the wrong service")
		}
		ipc.ReleaseSend(p)
	}
	up, kr := mig.BootstrapParent(cl, sub)
	want(t, "parent", kr, 0)
	if up != top {
		t.Error("another parent")
	}
	ipc.ReleaseSend(up)
	held, kr := mig.BootstrapLookUp(cl, sub, "X")
	want(t, "look-up", kr, 0)
	login.DestroyKernel() // logout
	if _, kr = mig.BootstrapLookUp(cl, sub, "X"); kr == 0 {
		t.Error("a destroyed context answers")
	}
	if !held.Active() {
		t.Error("a right from before died")
	}
	ipc.ReleaseSend(held)
	mine.DestroyKernel()
	system.DestroyKernel()
	_, kr = mig.BootstrapLookUp(cl, top, "X")
	want(t, "a dead service", kr, BOOTSTRAP_UNKNOWN_SERVICE)
}

func TestLaunchOnDemand(t *testing.T) {
	b, cl := world(t)
	launched := make(chan *ipc.Port, 4)
	b.Launch = func(cmd string, uid int32, p *ipc.Port) {
		if cmd != "/usr/etc/kern_loader -n" || uid != 0 {
			t.Errorf("launched %q as %d", cmd, uid)
		}
		launched <- p
	}
	if err := b.Startup().Configure("bootstrap.conf", `# comment
server "/usr/etc/kern_loader -n" services server_loader on_demand;`); err != nil {
		t.Fatal(err)
	}
	top := b.Startup().Port()
	want(t, "register", mig.BootstrapRegister(cl, top, "server_loader", port(t).MakeSend()), BOOTSTRAP_NOT_PRIVILEGED)
	_, kr := mig.BootstrapCheckIn(cl, top, "server_loader")
	want(t, "check-in of a stranger", kr, BOOTSTRAP_NOT_PRIVILEGED)
	st, _ := mig.BootstrapStatus(cl, top, "server_loader")
	if st != BOOTSTRAP_STATUS_ON_DEMAND {
		t.Errorf("status %d", st)
	}
	service, kr := mig.BootstrapLookUp(cl, top, "server_loader")
	want(t, "look-up", kr, 0)
	for range 2 { // once now, and once more when the server has died
		ipc.SendFromKernel(ipc.NewMessage(ipc.CopySend(service), abi.MACH_MSG_TYPE_PORT_SEND, 1, nil, nil))
		var own *ipc.Port
		select {
		case own = <-launched:
		case <-time.After(10 * time.Second):
			t.Fatal("a message launches nobody")
		}
		r, kr := mig.BootstrapCheckIn(cl, own, "server_loader")
		want(t, "check-in", kr, 0)
		if r != service {
			t.Error("another port")
		}
		_, kr = mig.BootstrapCheckIn(cl, own, "server_loader")
		want(t, "check-in twice", kr, BOOTSTRAP_SERVICE_ACTIVE)
		space := ipc.NewSpace()
		space.CopyOut(r, abi.MACH_MSG_TYPE_PORT_RECEIVE)
		space.Terminate()
		ipc.ReleaseSend(own)
		if !service.Active() {
			t.Fatal("the service died with its server")
		}
	}
}

func TestInfoAndArray(t *testing.T) {
	b, cl := world(t)
	top := b.Startup().Port()
	for _, n := range []string{"b", "a"} {
		p, kr := mig.BootstrapCreateService(cl, top, n)
		want(t, "create", kr, 0)
		ipc.ReleaseSend(p)
	}
	names, _, active, kr := mig.BootstrapInfo(cl, top)
	want(t, "info", kr, 0)
	if len(names) != 2 || names[0][0] != 'a' || names[1][0] != 'b' || active[0] != BOOTSTRAP_STATUS_INACTIVE {
		t.Errorf("names %q active %v", names, active)
	}
	var none [128]byte
	none[0] = 'z'
	l, all, kr := mig.BootstrapLookUpArray(cl, top, append(names, none))
	want(t, "array", kr, 0)
	if len(l) != 3 || all || !ipc.IsValid(l[0]) || ipc.IsValid(l[2]) {
		t.Errorf("%d ports, all %v", len(l), all)
	}
	if _, _, kr = mig.BootstrapLookUpArray(cl, top, make([][128]byte, 21)); kr != BOOTSTRAP_BAD_COUNT {
		t.Errorf("21 names: %d", kr)
	}
}

func TestNameServer(t *testing.T) {
	_, cl := world(t)
	n, kr := NewNameServer()
	want(t, "new", kr, 0)
	at, service, sig := n.Port(), port(t), port(t)
	want(t, "check in", mig.NetnameCheckIn(cl, at, "midi0", sig.MakeSend(), service.MakeSend()), 0)
	want(t, "by another", mig.NetnameCheckIn(cl, at, "midi0", nil, service.MakeSend()), NETNAME_NOT_YOURS)
	p, kr := mig.NetnameLookUp(cl, at, "", "midi0")
	want(t, "look up", kr, 0)
	if p != service {
		t.Error("another port")
	}
	ipc.ReleaseSend(p)
	_, kr = mig.NetnameLookUp(cl, at, "elsewhere", "midi0")
	want(t, "another host", kr, NETNAME_NO_SUCH_HOST)
	want(t, "check out", mig.NetnameCheckOut(cl, at, "midi0", sig.MakeSend()), 0)
	_, kr = mig.NetnameLookUp(cl, at, "", "midi0")
	want(t, "gone", kr, NETNAME_NOT_CHECKED_IN)
	if service.HasSenders() || sig.HasSenders() {
		t.Error("rights are left")
	}
}

func TestConfigure(t *testing.T) {
	b, _ := world(t)
	for _, bad := range []string{"server;", `server "x" services`, "frob;", `services ;`, `server "x" services a`, `services "unterminated;`} {
		if err := b.Startup().Configure("c", bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
