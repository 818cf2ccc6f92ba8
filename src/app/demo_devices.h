#ifndef SUYUAN_APP_DEMO_DEVICES_H
#define SUYUAN_APP_DEMO_DEVICES_H

#include "app/ask.h"
#include "sensing/sensing.h"

/* Probes of the demonstration: one with eight channels at each of the district's first seventy-two places (eighteen enterprises, four places each), a reading a minute for the two weeks
 * before `moment_us`.  The same moment gives the same readings, so loading again changes nothing; where the devices stand already nothing is done.  `ret_n`: readings. */
int demo_devices_load(struct asking *x, struct series *series, int64_t moment_us, int64_t *ret_n, struct err *reterr);

#endif
