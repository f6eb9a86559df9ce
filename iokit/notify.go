package iokit

import (
	"slices"
	"sync"

	"puggle/abi"
)

// Kinds of notifications about services coming and going (<IOKit/IOKitKeys.h>).
const (
	PublishNotification       = "IOServicePublish"
	FirstPublishNotification  = "IOServiceFirstPublish"
	MatchedNotification       = "IOServiceMatched"
	FirstMatchNotification    = "IOServiceFirstMatch"
	TerminatedNotification    = "IOServiceTerminate"
	WillTerminateNotification = "IOServiceWillTerminate"
)

// Kinds of interest in one service.
const (
	GeneralInterest  = "IOGeneralInterest"
	BusyInterest     = "IOBusyInterest"
	AppPowerInterest = "IOAppPowerStateInterest"
	PriorityInterest = "IOPriorityPowerStateInterest"
)

// existing is the state of the entries that a kind of notification begins with.
var existing = map[string]State{
	PublishNotification: Registered, FirstPublishNotification: FirstPublish,
	MatchedNotification: Matched, FirstMatchNotification: FirstMatch,
	TerminatedNotification: Inactive, WillTerminateNotification: Inactive,
}

// Interests are the kinds of interest.
var interests = map[string]bool{GeneralInterest: true, BusyInterest: true, AppPowerInterest: true, PriorityInterest: true}

// Notification is somebody who waits for services, or for messages of one.
type Notification struct {
	r       *Registry
	kind    string
	table   map[string]any
	size    int    // of table, bytes, about
	service *Entry // of interest
	arrived func(e *Entry)
	message func(e *Entry, kind uint32, argument uint64)

	mu    sync.Mutex
	early []*Entry // before the list of those that are there already was made
	ready bool
	gone  bool
}

// AddNotification has arrived called for each entry that a dictionary describes when what the
// kind says happens to it, from the goroutine to which it happens. The list are those to which it
// has happened already, and arrived is not called for them. kIOReturnBadArgument for
// an unknown kind, kIOReturnNoResources for too many.
func (r *Registry) AddNotification(kind string, table map[string]any, arrived func(e *Entry)) (*Notification, []*Entry, abi.KernReturn) {
	state, ok := existing[kind]
	if !ok {
		return nil, nil, abi.KernReturn(IOReturnUnsupported)
	}
	n := &Notification{r: r, kind: kind, table: table, size: weight(table), arrived: arrived}
	if kr := r.add(n); kr != abi.KERN_SUCCESS {
		return nil, nil, kr
	}
	var l []*Entry
	if state != Inactive {
		l = r.Services(table, state)
	}
	n.mu.Lock()
	n.ready = true
	late := slices.DeleteFunc(n.early, func(e *Entry) bool { return slices.Contains(l, e) })
	n.early = nil
	n.mu.Unlock()
	return n, append(l, late...), abi.KERN_SUCCESS
}

// AddInterest has message called for what a service sends to those who are interested
// (messageClients). kIOReturnBadArgument, kIOReturnNoResources.
func (r *Registry) AddInterest(e *Entry, kind string, message func(e *Entry, kind uint32, argument uint64)) (*Notification, abi.KernReturn) {
	if !interests[kind] {
		return nil, IOReturnBadArgument
	}
	n := &Notification{r: r, kind: kind, service: e, message: message, ready: true}
	return n, r.add(n)
}

func (r *Registry) add(n *Notification) abi.KernReturn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.notes) >= MaxNotifications || r.noted+n.size > MaxNotificationBytes {
		return IOReturnNoResources
	}
	r.notes[n] = true
	r.noted += n.size
	return abi.KERN_SUCCESS
}

// Remove ends it. A call that is under way may still come to its end.
func (n *Notification) Remove() {
	n.r.mu.Lock()
	if n.r.notes[n] {
		delete(n.r.notes, n)
		n.r.noted -= n.size
	}
	n.r.mu.Unlock()
	n.mu.Lock()
	n.gone = true
	n.mu.Unlock()
}

// waiting are the notifications of a kind, for one service or for any.
func (r *Registry) waiting(kind string, service *Entry) []*Notification {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var l []*Notification
	for n := range r.notes {
		if n.kind == kind && n.service == service {
			l = append(l, n)
		}
	}
	return l
}

// tell says what has happened to e.
func (r *Registry) tell(kind string, e *Entry) {
	for _, n := range r.waiting(kind, nil) {
		if len(n.table) == 0 || !e.Match(n.table) {
			continue
		}
		n.mu.Lock()
		if !n.ready && !n.gone {
			n.early = append(n.early, e)
		}
		call := n.ready && !n.gone
		n.mu.Unlock()
		if call {
			n.arrived(e)
		}
	}
}

// MessageInterested sends a message of a service to who is interested in it.
func (r *Registry) MessageInterested(e *Entry, interest string, kind uint32, argument uint64) {
	for _, n := range r.waiting(interest, e) {
		n.message(e, kind, argument)
	}
}
