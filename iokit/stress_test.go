package iokit

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"puggle/mach/sched"
)

// TestStress has drivers come and go from several sides while others look: all must end, with nobody
// busy, and nothing left but what is kept. It is for the race detector.
func TestStress(t *testing.T) {
	r := NewRegistry()
	if err := r.AddPlatform(Platform{Model: "Puggle1,1", Processors: 1}); err != nil {
		t.Fatal(err)
	}
	kept := len(r.Root().Walk(ServicePlane, false))
	top := r.Root().Children(ServicePlane)[0]
	r.SetStarter(func(p *Entry, l []*Personality) {
		e, err := r.NewEntry("IOService", l[0].Class(), nil)
		if err != nil {
			t.Error(err)
			return
		}
		e.SetProperty(MatchCategoryKey, l[0].Category())
		if e.Attach(p, ServicePlane) != nil { // the provider has gone meanwhile
			e.Terminate(0)
		}
	})
	if err := r.Catalogue.Add(&Personality{Table: map[string]any{ProviderClassKey: "IOService", NameMatchKey: "nub", ClassKey: "driver"}}); err != nil {
		t.Fatal(err)
	}
	var drivers, lookers sync.WaitGroup
	over := make(chan struct{})
	for range 4 {
		drivers.Go(func() {
			for range 50 {
				e, err := r.NewEntry("IOService", "nub", nil)
				if err == nil {
					err = e.Attach(top, ServicePlane)
				}
				if err != nil {
					t.Error(err)
					return
				}
				e.Register()
				e.SetProperty("n", 1)
				e.Terminate(0)
			}
		})
		lookers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				n, _, kr := r.AddNotification(FirstPublishNotification, Matching(NameMatchKey, "nub"), func(e *Entry) { e.Path(ServicePlane) })
				if kr != 0 {
					t.Error(kr)
					return
				}
				it, _ := r.Root().NewIterator(ServicePlane, IterateRecursively)
				for e := it.Next(); e != nil; e = it.Next() {
					e.Properties()
					e.Busy()
				}
				r.Services(Matching(ProviderClassKey, "IOService"), Registered)
				r.PublishResource(fmt.Sprint("key", i%3), nil)
				n.Remove()
			}
		})
	}
	drivers.Wait()
	close(over)
	lookers.Wait()
	if kr := r.Root().WaitQuiet(sched.NewThread("test"), sched.After(60*time.Second)); kr != 0 {
		n, _ := r.Root().Busy()
		t.Fatalf("%v: the root's busy count is %d", kr, n)
	}
	if n := len(r.Root().Walk(ServicePlane, false)); n != kept {
		t.Errorf("%d entries, %d before", n, kept)
	}
	if n := len(r.entries); n != kept+3 { // the root, cpus and chosen
		t.Errorf("%d entries count, %d are there", n, kept+3)
	}
	if len(r.notes) != 0 {
		t.Errorf("%d notifications", len(r.notes))
	}
}
