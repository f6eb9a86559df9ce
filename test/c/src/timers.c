/* Timers on absolute time: periodic ones don't drift, cancelled ones never fire; and
 * the alarms of clocks. */
#include "mach_check.h"
#include <mach/clock.h>
#include <mach/mach_host.h>

struct expiry { mach_msg_header_t h; uint64_t unused[3]; mach_msg_trailer_t t; };

static int fired(mach_port_t timer, mach_msg_timeout_t ms)
{
	struct expiry e;
	kern_return_t kr = mach_msg(&e.h, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof e, timer, ms, MACH_PORT_NULL);
	CHECK(kr == KERN_SUCCESS || kr == MACH_RCV_TIMED_OUT);
	return kr == KERN_SUCCESS;
}

int main(void)
{
	/* A thousand periods, each from the one before and not from when it was seen. */
	enum { PERIODS = 1000, PERIOD = 500000 };
	mach_port_t timer = mk_timer_create();
	CHECK(timer != MACH_PORT_NULL);
	uint64_t start = mach_absolute_time(), at = start;
	int early = 0;
	for (int i = 0; i < PERIODS; i++) {
		at += PERIOD;
		OK(mk_timer_arm(timer, at));
		CHECK(fired(timer, 30000));
		early += mach_absolute_time() < at;
	}
	CHECKEQ(early, 0);
	CHECKEQ(at - start, (uint64_t)PERIODS * PERIOD);
	CHECK(!fired(timer, 0)); /* once each */

	/* Cancelled, it says for when it was; armed again, only the last counts. */
	uint64_t was = 0, soon = mach_absolute_time() + 20000000;
	OK(mk_timer_arm(timer, soon));
	OK(mk_timer_cancel(timer, &was));
	CHECK(was == soon || was == 0); /* 0: it had fired already */
	int had = was == 0;
	usleep(60000);
	CHECKEQ(fired(timer, had ? 30000 : 0), had);
	OK(mk_timer_arm(timer, mach_absolute_time() + 3600000000000));
	OK(mk_timer_arm(timer, mach_absolute_time())); /* at once */
	CHECK(fired(timer, 30000));
	OK(mk_timer_cancel(timer, &was));
	CHECKEQ(was, 0);
	OK(mk_timer_destroy(timer));
	CHECK(mk_timer_arm(timer, 0) != KERN_SUCCESS);

	/* Two clocks: reads never decrease, an alarm comes when it is due. */
	for (int id = SYSTEM_CLOCK; id <= CALENDAR_CLOCK; id++) {
		clock_serv_t clock;
		mach_timespec_t now, last = { 0, 0 };
		OK(host_get_clock_service(mach_host_self(), id, &clock));
		for (int i = 0; i < 1000; i++, last = now) {
			OK(clock_get_time(clock, &now));
			CHECK(CMP_MACH_TIMESPEC(&now, &last) >= 0);
		}
		struct { mach_msg_header_t h; NDR_record_t ndr; kern_return_t code; int type; mach_timespec_t time; mach_msg_trailer_t t; } a;
		mach_port_t reply = port_new();
		mach_timespec_t in = { 0, 100000000 }, due = now;
		ADD_MACH_TIMESPEC(&due, &in);
		OK(clock_alarm(clock, TIME_RELATIVE, in, reply));
		OK(mach_msg(&a.h, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof a, reply, 30000, MACH_PORT_NULL));
		CHECKEQ(a.code, KERN_SUCCESS);
		CHECKEQ(a.type, TIME_RELATIVE);
		CHECK(CMP_MACH_TIMESPEC(&a.time, &due) >= 0);
		OK(mach_port_mod_refs(SELF, reply, MACH_PORT_RIGHT_RECEIVE, -1));
	}
	if (!failures)
		puts("timers ok");
	DONE();
}
