/* That this file exists tells the output of Apple's MIG of mig_strncpy_zerofill. */
