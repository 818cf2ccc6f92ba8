#ifndef SUYUAN_BASE_BROKER_HASH_H
#define SUYUAN_BASE_BROKER_HASH_H

#include "base/arena.h"
#include "base/str.h"

/* A secret as the MQTT broker mosquitto (2.0) keeps it in its password_file: "$7$ITERATIONS$SALT$HASH", PBKDF2-HMAC-SHA-512 of 64 bytes, both
 * in base64.  The salt is new each time.  It must be made while the secret is at hand: afterwards only hashes of it are kept. */
struct str broker_hash(struct arena *a, struct str secret);
/* Whether `secret` made this hash, in constant time; false for what is no such hash. */
bool broker_hash_is(struct str hash, struct str secret);

#endif
