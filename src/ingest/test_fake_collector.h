#ifndef SUYUAN_INGEST_TEST_FAKE_COLLECTOR_H
#define SUYUAN_INGEST_TEST_FAKE_COLLECTOR_H

#include "ingest/collector.h"

/* A collector that does what the test says, for the tests of doors: devices are added, secrets are plain, readings are kept as text. */
struct collector *fake_new(void);
void fake_free(struct collector *c);
/* Texts must outlive it. */
void fake_device(struct collector *c, struct known_device d);
void fake_device_now(struct collector *c, struct known_device d);       /* known only to a fresh list */

/* Told at once that it is, that it is not, that it never will be; told by fake_tell; not taken. */
enum fake_manner { FAKE_DURABLE, FAKE_LOST, FAKE_REFUSED, FAKE_LATER, FAKE_FULL };
void fake_manner(struct collector *c, enum fake_manner m);
void fake_tell(struct collector *c, enum told what);    /* everybody who waits */
void fake_allow(struct collector *c, int64_t readings); /* so many more; -1: any */
/* "device channel ms value flag\n" of every reading taken; "notice device detail\n" of every notice.  The caller frees. */
char *fake_given(struct collector *c);
char *fake_noticed(struct collector *c);
size_t fake_n(struct collector *c);                     /* readings taken */

#endif
