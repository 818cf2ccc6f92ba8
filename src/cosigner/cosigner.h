#ifndef SUYUAN_COSIGNER_COSIGNER_H
#define SUYUAN_COSIGNER_COSIGNER_H

#include "http/http.h"
#include "merkle/note.h"

/* A C2SP tlog-witness for the logs of others (a neighbouring district, a regulator, a retailer): cosigns a log's checkpoint when it follows
 * from the one it cosigned before, and so attests that the log shows everybody the same.  docs/ref/witness.md.
 *
 *   DIR/witness.key              its key, mode 0600
 *   DIR/HEX.checkpoint           what it last cosigned of the origin whose SHA-256 is HEX: the log's signatures and its own line
 *   DIR/witness.lock             held by the one process
 *
 * What is cosigned is durable before it is told, so no crash makes it cosign a fork. */
struct cosigner;

struct cosigner_options {
        const char *dir;                /* made when it is not there */
        const char *name;               /* of the key, when it is made; NULL or "": the key's own */
        const char *const *logs;        /* vkeys of the logs that it knows; several of one name are several keys of that log */
        size_t n_logs;
        const char *policy;             /* a tlog-policy file whose `log` lines are known too; NULL or "": none */
};
/* ERR_BAD_INPUT for what is written wrong, ERR_BUSY when another process has the directory. */
int cosigner_open(const struct cosigner_options *o, struct cosigner **ret, struct err *reterr);
void cosigner_close(struct cosigner *c);        /* NULL is fine */

/* The public key of a directory, made when there is none yet and `name` says how to call it; in the arena. */
int cosigner_vkey(struct arena *a, const char *dir, const char *name, struct vkey *ret, struct err *reterr);

/* Its doors; `app` of http_options is the struct cosigner. */
extern const struct route *const cosigner_routes[];
extern const size_t cosigner_n_routes;

#endif
