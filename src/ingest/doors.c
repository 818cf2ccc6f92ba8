#include "ingest/collector.h"

#define DOOR(name) extern const struct door door_##name;
#include "ingest/doors.def"
#undef DOOR

const struct door *const doors[] = {
#define DOOR(name) &door_##name,
#include "ingest/doors.def"
#undef DOOR
};
const size_t n_doors = sizeof doors / sizeof *doors;
