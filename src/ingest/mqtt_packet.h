#ifndef SUYUAN_INGEST_MQTT_PACKET_H
#define SUYUAN_INGEST_MQTT_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* The receiving half of MQTT 5.0 (OASIS Standard 2019-03-07) and, where a broker knows no better, of 3.1.1: what a subscriber reads and writes.  Pure:
 * bytes in, packets out.  Ours because a library that answers a message before its reader has kept it cannot be used here. */
enum mqtt_version { MQTT_3 = 4, MQTT_5 = 5 };   /* as in CONNECT */

enum mqtt_type { MQTT_CONNACK = 2, MQTT_PUBLISH = 3, MQTT_PUBACK = 4, MQTT_SUBSCRIBE = 8, MQTT_SUBACK = 9, MQTT_PINGREQ = 12, MQTT_PINGRESP = 13, MQTT_DISCONNECT = 14 };

enum mqtt_reason {      /* §2.4; those that we say or look at */
        MQTT_SUCCESS = 0, MQTT_OLD_VERSION = 1 /* 3.1.1: this version is not taken */, MQTT_UNSUPPORTED_VERSION = 0x84,
        MQTT_NOT_AUTHORIZED = 0x87, MQTT_QUOTA_EXCEEDED = 0x97, MQTT_PAYLOAD_INVALID = 0x99,
};

struct mqtt_packet {            /* texts point into the bytes that were read */
        enum mqtt_type type;
        uint8_t reason;         /* CONNACK, DISCONNECT */
        struct str reason_text;
        bool session_present;   /* CONNACK: the broker kept what we had */
        int keep_alive_s;       /* CONNACK: the broker's own wish, -1: none */
        int qos;                /* PUBLISH: 0 or 1 */
        bool dup, retain;
        uint16_t id;            /* PUBLISH of QoS 1, SUBACK */
        struct str topic, payload, content_type;
        const uint8_t *codes;   /* SUBACK: one for each topic */
        size_t n_codes;
};

/* Reads the packet at the front of `n` bytes: its length; 0 while more is to come; -1 (ERR_BAD_INPUT) when it is none, is one that no subscriber gets, or is
 * longer than `max`, which is told from its first bytes. */
long mqtt_read(enum mqtt_version version, const uint8_t *p, size_t n, size_t max, struct mqtt_packet *ret, struct err *reterr);

struct mqtt_connect {
        enum mqtt_version version;
        struct str client, user, password;      /* user STR_NONE: neither */
        int keep_alive_s;
        uint32_t session_expiry_s, max_packet;
        uint16_t receive_maximum;               /* messages that may wait for our acknowledgement */
};
/* The session goes on where it stopped (clean start 0); no will. */
void mqtt_write_connect(struct buf *b, const struct mqtt_connect *c);
void mqtt_write_subscribe(struct buf *b, enum mqtt_version version, uint16_t id, const struct str *topics, size_t n);   /* QoS 1 at most */
void mqtt_write_puback(struct buf *b, enum mqtt_version version, uint16_t id, enum mqtt_reason reason);
void mqtt_write_pingreq(struct buf *b);
void mqtt_write_disconnect(struct buf *b);

#endif
