#ifndef SUYUAN_PROOF_MANAGE_H
#define SUYUAN_PROOF_MANAGE_H

#include "proof/proof.h"

/* What operators do with a log from the command line.  docs/operate/log.md. */

struct key_about {
        struct vkey vkey, next;         /* the log's; and its follower while both sign */
        bool here;                      /* its file is in this directory: this process may sign */
        bool encrypted, has_next;
        int64_t made_us, until_us;      /* of the key; of the time when both sign.  0: not known */
};
/* Beside a running server as well.  A directory that has neither log nor key gets a key, which its log then takes. */
int proof_key(struct store *s, struct arena *a, const char *passphrase, struct key_about *ret, struct err *reterr);
/* Makes the next key; who holds the log announces it, signs with both for `overlap_us` from now on and then with the new one alone. */
int proof_rotate_key(struct store *s, struct arena *a, const char *passphrase, int64_t overlap_us, struct vkey *ret, struct err *reterr);
/* After a loss that cannot be made good: the log is frozen as it was signed last, and a new one with a name and a key of its own begins with all leaves.
 * No server may be running on the directory. */
int proof_begin(struct store *s, struct ledger *l, struct arena *a, const char *passphrase, struct vkey *ret, struct err *reterr);
/* The signed log as a folder of tiles that any web server can serve; adds to what an earlier export left.  ERR_CONFLICT where the folder holds another log or tree. */
int proof_export(struct proof *p, const char *folder, struct err *reterr);

#endif
