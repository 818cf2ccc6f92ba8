#ifndef SUYUAN_APP_DEMO_DEVICES_H
#define SUYUAN_APP_DEMO_DEVICES_H

#include "app/ask.h"
#include "sensing/sensing.h"

/* Probes of the demonstration: one with eight channels at each of the district's first seventy-two places (eighteen enterprises, four places each), a reading a minute for the two weeks
 * before `moment_us`.  The same moment gives the same readings, so loading again changes nothing; where the devices stand already nothing is done.  `ret_n`: readings.
 *
 * Eight of them go on speaking in `./dev demo`, two by each protocol; who plays them (demo/live.py) finds their secrets, and how their curves go on, in a file of `folder`
 * that its owner alone may read.  Where it is missing they get new secrets. */
#define DEMO_DEVICES_FILE "demo-devices.json"
int demo_devices_load(struct asking *x, struct series *series, const char *folder, int64_t moment_us, int64_t *ret_n, struct err *reterr);

#endif
