#ifndef SUYUAN_INGEST_MQTT_FLIGHTS_H
#define SUYUAN_INGEST_MQTT_FLIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/collector.h"
#include "ingest/mqtt_packet.h"

/* Messages that wait until what they say is durable, in the order of receipt: they are acknowledged in that order (MQTT 5 §4.6).  One thread adds and takes;
 * flight_told comes from another. */
struct flights;
struct flight;
struct flights *flights_new(int wake_fd);       /* an eventfd, written when something was told */
void flights_free(struct flights *x);           /* everything was told */

/* One that waits; flight_told is called with it exactly once.  flights_drop_last: it does not wait after all. */
struct flight *flights_add(struct flights *x, uint16_t id);
void flights_drop_last(struct flights *x);
/* One whose answer is known already. */
void flights_add_answered(struct flights *x, uint16_t id, enum mqtt_reason reason);
void flight_told(void *flight, enum told what);       /* collector_told */

/* Takes the first when it was told: 1 with its id (0: it had QoS 0) and answer; 0: it waits still, or there is none; -1: it is to come again. */
int flights_take(struct flights *x, uint16_t *ret_id, enum mqtt_reason *ret_reason);
size_t flights_n(struct flights *x);
/* The connection is gone: nobody is answered any more. */
void flights_forget(struct flights *x);

#endif
