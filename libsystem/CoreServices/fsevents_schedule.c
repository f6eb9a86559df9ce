/* Where a stream's events are delivered: a run loop in one mode, or a queue. */
#include "stream.h"

struct loop;
struct source_context { CFIndex version; void *info; CFTypeRef (*retain)(CFTypeRef); void (*release)(CFTypeRef); void *none[5]; void (*perform)(void *); };
void *CFRunLoopSourceCreate(const void *, CFIndex, const struct source_context *);
void CFRunLoopAddSource(struct loop *, void *, CFTypeRef);
void CFRunLoopRemoveSource(struct loop *, void *, CFTypeRef);
void CFRunLoopSourceSignal(void *);
void CFRunLoopSourceInvalidate(void *);
void CFRunLoopWakeUp(struct loop *);

static void deliver_queued(void *s)
{
	stream_deliver(s);
	CFRelease(s);
}
void stream_announce(stream *s)
{
	if (!s->queued || s->delivering || (!s->source && !s->dispatch))
		return;
	s->delivering = true;
	if (s->dispatch) {
		CFRetain(s);
		dispatch_async_f(s->dispatch, s, deliver_queued);
	} else {
		CFRunLoopSourceSignal(s->source);
		CFRunLoopWakeUp(s->loop);
	}
}
void FSEventStreamScheduleWithRunLoop(stream *s, struct loop *l, CFTypeRef mode)
{
	struct source_context c = { .info = s, .retain = CFRetain, .release = CFRelease, .perform = stream_deliver };
	pthread_mutex_lock(&s->lock);
	if (!s->loop && !s->dispatch && !s->invalid) { /* of one loop and one mode */
		s->loop = (void *)CFRetain(l);
		s->mode = CFRetain(mode);
		s->source = CFRunLoopSourceCreate(NULL, 0, &c);
		CFRunLoopAddSource(l, s->source, mode);
		stream_announce(s);
	}
	pthread_mutex_unlock(&s->lock);
}
static void unschedule(stream *s)
{
	pthread_mutex_lock(&s->lock);
	struct loop *l = s->loop;
	void *source = s->source;
	CFTypeRef mode = s->mode;
	dispatch_queue_t q = s->dispatch;
	s->loop = NULL, s->source = NULL, s->mode = NULL, s->dispatch = NULL;
	s->delivering = false;
	pthread_mutex_unlock(&s->lock);
	if (l) {
		CFRunLoopSourceInvalidate(source);
		CFRunLoopRemoveSource(l, source, mode);
		CFRelease(source);
		CFRelease(mode);
		CFRelease(l);
	}
	if (q)
		dispatch_release(q);
}
void FSEventStreamUnscheduleFromRunLoop(stream *s, struct loop *l, CFTypeRef mode)
{
	pthread_mutex_lock(&s->lock);
	bool here = s->loop == l;
	pthread_mutex_unlock(&s->lock);
	if (here)
		unschedule(s);
}
void FSEventStreamSetDispatchQueue(stream *s, dispatch_queue_t q)
{
	unschedule(s);
	if (!q)
		return;
	pthread_mutex_lock(&s->lock);
	if (!s->loop && !s->dispatch && !s->invalid) {
		dispatch_retain(q);
		s->dispatch = q;
		stream_announce(s);
	}
	pthread_mutex_unlock(&s->lock);
}
void FSEventStreamInvalidate(stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->running = false;
	s->invalid = true;
	pthread_cond_broadcast(&s->cond);
	pthread_mutex_unlock(&s->lock);
	unschedule(s);
}
