package iokit

import "slices"

// Register is registerService: the entry is there for others. Those who wait for its like are told,
// then drivers are looked for. It returns at once; the entry is busy until that is done.
// A second call looks again. Nothing happens to an inactive entry.
func (e *Entry) Register() {
	if e.begin() {
		go e.match()
	}
}

// RegisterNow is Register that returns when the drivers have been tried (kIOServiceSynchronous);
// if that is under way already, it doesn't wait.
func (e *Entry) RegisterNow() {
	if e.begin() {
		e.match()
	}
}

// begin says whether the caller is to run match.
func (e *Entry) begin() bool {
	r := e.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.state&Inactive != 0 {
		return false
	}
	if e.matching {
		e.again = true
		return false
	}
	e.matching = true
	r.addBusy(e, 1)
	return true
}

func (e *Entry) match() {
	for {
		e.matchOnce()
		e.r.mu.Lock()
		if !e.again || e.state&Inactive != 0 {
			e.matching, e.again = false, false
			e.r.addBusy(e, -1)
			e.r.mu.Unlock()
			return
		}
		e.again = false
		e.r.mu.Unlock()
	}
}

func (e *Entry) matchOnce() {
	was := e.setState(Registered|FirstPublish, 0)
	if was&Inactive != 0 {
		return
	}
	if was&FirstPublish == 0 {
		e.r.tell(FirstPublishNotification, e)
	}
	e.r.tell(PublishNotification, e)
	e.r.mu.RLock()
	start := e.r.starter
	e.r.mu.RUnlock()
	if start != nil {
		for _, l := range byCategory(e.r.Catalogue.FindDrivers(e)) {
			if !e.hasDriver(l[0].Category()) && e.State()&Inactive == 0 {
				start(e, l)
			}
		}
	}
	was = e.setState(Matched|FirstMatch, 0)
	if was&Inactive != 0 {
		return
	}
	if was&FirstMatch == 0 {
		e.r.tell(FirstMatchNotification, e)
	}
	e.r.tell(MatchedNotification, e)
}

// byCategory splits a list without changing its order, the best category first.
func byCategory(l []*Personality) (out [][]*Personality) {
	index := map[string]int{}
	for _, p := range l {
		i, ok := index[p.Category()]
		if !ok {
			i = len(out)
			index[p.Category()] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}

func (e *Entry) hasDriver(category string) bool {
	return slices.ContainsFunc(e.Children(ServicePlane), func(c *Entry) bool {
		return c.State()&Inactive == 0 && Equal(c.Property(MatchCategoryKey), category)
	})
}

// Messages that services send (<IOKit/IOMessage.h>).
const (
	MessageServiceIsTerminated = 0xe000_0010
	MessageServiceIsSuspended  = 0xe000_0020
	MessageServiceIsResumed    = 0xe000_0030
)

// Terminate makes the entry and all its clients inactive, tells those who wait for that, and
// takes them out of the registry, the clients first. When it returns, every Object.Terminate has. A second call does
// nothing.
func (e *Entry) Terminate(options uint32) {
	r := e.r
	r.mu.Lock()
	if e.state&Inactive != 0 || e == r.root {
		r.mu.Unlock()
		return
	}
	var l []*Entry
	for _, x := range append([]*Entry{e}, e.walk(ServicePlane, false)...) {
		if x.state&Inactive == 0 {
			x.state |= Inactive
			l = append(l, x)
		}
	}
	r.mu.Unlock()
	// What depends on something comes before it.
	slices.Reverse(l)
	for _, x := range l {
		r.tell(WillTerminateNotification, x)
	}
	for _, x := range l {
		for _, p := range x.Parents(ServicePlane) {
			x.hooks().Message(MessageServiceIsTerminated, p, 0)
		}
		r.MessageInterested(x, GeneralInterest, MessageServiceIsTerminated, 0)
		x.hooks().Terminate(options)
		r.tell(TerminatedNotification, x)
		x.detachAll()
	}
}
