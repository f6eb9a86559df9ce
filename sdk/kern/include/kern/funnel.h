/* Funnels, and the interrupt levels that they took the place of. */
#ifndef _KERN_FUNNEL_H_
#define _KERN_FUNNEL_H_

#include <mach/mach_types.h>

typedef struct funnel_lock funnel_t;
extern funnel_t *kernel_flock, *network_flock;

__BEGIN_DECLS
boolean_t thread_funnel_set(funnel_t *funnel, boolean_t funneled);
funnel_t *thread_funnel_get(void);
unsigned splbio(void);
unsigned splclock(void);
unsigned splhigh(void);
unsigned splimp(void);
unsigned spllo(void);
unsigned splnet(void);
unsigned sploff(void);
unsigned splpower(void);
unsigned splsched(void);
unsigned splsoftclock(void);
unsigned splstatclock(void);
unsigned spltty(void);
unsigned splvm(void);
void splx(unsigned level);
__END_DECLS

#endif
