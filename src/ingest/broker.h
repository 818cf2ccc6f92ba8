#ifndef SUYUAN_INGEST_BROKER_H
#define SUYUAN_INGEST_BROKER_H

#include "ingest/collector.h"

/* The files of the MQTT broker mosquitto (2.0) in a folder of its own, made from the list of devices:
 *   passwords, acl          each device of protocol mqtt may write suyuan/ID/readings, and nothing else; the collecting process may read them all
 *   mosquitto.conf          once, with where to listen; what stands in conf.d/ is the operator's own (TLS)
 *   collector-password      the collecting process's, made once; its user is suyuan-collect
 * A broker that runs on them (mosquitto.pid) reads them anew when they change. */
#define BROKER_USER "suyuan-collect"

/* `devices` as GET /api/collect/devices says it; `listen` is ADDR:PORT. */
int broker_make(const char *folder, const char *listen, struct str devices, struct err *reterr);

/* Keeps passwords and acl as the devices are, on a thread of its own. */
struct broker;
int broker_start(struct collector *c, const char *folder, struct broker **ret, struct err *reterr);
void broker_stop(struct broker *b);     /* NULL is fine */

#endif
