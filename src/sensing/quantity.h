#ifndef SUYUAN_SENSING_QUANTITY_H
#define SUYUAN_SENSING_QUANTITY_H

#include "base/lang.h"
#include "base/str.h"

/* What devices measure: one list (quantities.def), pure. */
struct quantity {
        const char *name;               /* "air-temperature": stored */
        const char *measurement;        /* CBV 2.0 §8.3.1 measurement type, as in sensorReport: "Temperature" */
        const char *unit;               /* UN/ECE Rec 20, "" where it has none */
        const char *sign;               /* as people read it: "°C" */
        const char *title[LANGS];
        double lowest, highest;         /* what can be at all */
        double rate;                    /* most change in a minute; 0: any */
        int still_minutes;              /* it may stand still so long; 0: for ever */
};
extern const struct quantity quantities[];
extern const size_t n_quantities;

const struct quantity *quantity_find(struct str name);          /* NULL */
/* By what a channel is called: its code in channels.def, else a code that is a quantity's name or begins with one and a '.' ("air-temperature.2"). */
const struct quantity *quantity_of_channel(struct str code);    /* NULL */

#endif
