#ifndef SUYUAN_APP_DOORS_OF_H
#define SUYUAN_APP_DOORS_OF_H

#include "app/command.h"
#include "ingest/collector.h"

/* Which doors the options ask for, and with what. */
bool door_wanted(const struct settings *s, const char *door, struct settings_door *ret);
bool doors_any(const struct settings *s);

#endif
