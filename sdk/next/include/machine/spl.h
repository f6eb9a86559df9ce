/* Interrupt levels: spln sets level n and gives the value for splx. */
#ifndef _MACHINE_SPL_H
#define _MACHINE_SPL_H

extern int spl0(void), spl1(void), spl2(void), spl3(void), spl4(void), spl5(void), spl6(void), spl7(void);
extern void splx(int priority);
extern int curipl(void);
#define spl_NB() spl5()

#define IPLSCHED 6

#endif
