#ifndef SUYUAN_APP_WIRE_H
#define SUYUAN_APP_WIRE_H

#include "app/command.h"

/* A running server: store, ledger, log, accounts, pages, subscriptions, http, in this order; ended in the mirrored one. */
struct wire;
int wire_up(const struct settings *s, struct wire **ret, struct err *reterr);
const char *wire_address(const struct wire *w);
/* Finishes what is under way, within 10 s. */
void wire_down(struct wire *w);

#endif
