/* Polled interrupts. A handler returns TRUE if the interrupt was its own. */
#ifndef _NEXT_CPU_H
#define _NEXT_CPU_H

#define I_BUS 7

extern int install_polled_intr(int which, int (*my_intr)());
extern int uninstall_polled_intr(int which, int (*my_intr)());

#endif
