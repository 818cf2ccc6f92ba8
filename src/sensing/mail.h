#ifndef SUYUAN_SENSING_MAIL_H
#define SUYUAN_SENSING_MAIL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* A letter by SMTP (RFC 5321, through libcurl): plain text in UTF-8, base64 (RFC 2045), the subject as encoded words (RFC 2047). */
struct mail_server {
        const char *url;                /* smtp://HOST:PORT, smtps://…; STARTTLS is used where it is offered, demanded for a login */
        const char *from;
        const char *user, *password;    /* "" : no login */
        const char *ca;                 /* PEM file, "": the system's */
};
struct mail { const struct str *to; size_t n_to; struct str id, subject, text; int64_t time_us; };

/* One address, as LOCAL@HOST without anything that could begin another header or command. */
bool mail_address_ok(struct str s);
/* The message as it is sent, CRLF and all; in the arena. */
struct str mail_write(struct arena *a, const struct mail_server *s, const struct mail *m);
/* Waits up to 30 s.  Sent where the server takes it for one of the recipients.  ERR_STORE: not sent, try again; ERR_BAD_INPUT: the server refuses this letter for good (RFC 5321 §4.2.3, 55x). */
int mail_send(struct arena *a, const struct mail_server *s, const struct mail *m, struct err *reterr);

#endif
