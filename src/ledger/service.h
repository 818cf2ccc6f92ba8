#ifndef SUYUAN_LEDGER_SERVICE_H
#define SUYUAN_LEDGER_SERVICE_H

#include <stdbool.h>

#include "ledger/ledger.h"
#include "store/store.h"

/* What every route's handler is given as `app`: the one data directory that this server answers for.
 * Made and ended in app/wire.c; handlers only read it. */
struct access;
struct push;
struct proof;
struct daybook;
struct sensing;
struct uploads;
struct pictures;
struct service {
        struct store *store;
        struct ledger *ledger;
        struct access *access;  /* accounts and who is logged in (access/) */
        struct push *push;      /* subscriptions (push/) */
        struct proof *proof;    /* the log (proof/); NULL in commands that do without */
        struct daybook *daybook; /* the farm's day (daybook/) */
        struct sensing *sensing; /* devices and what they say (sensing/); NULL in commands that do without */
        struct uploads *uploads;        /* files that come in parts (ledger/upload.h); NULL in commands that do without */
        struct pictures *pictures;      /* photos made smaller (picture/); NULL in commands that do without */
        bool open;              /* --open: everyone is administrator of the default organisation */
};

#endif
