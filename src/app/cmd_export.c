#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/command.h"
#include "app/passphrase.h"
#include "base/limits.h"
#include "proof/bundle.h"

/* A file of proof from a data directory.  Beside a running server what that one signs is waited for; without one the log goes on here. */

enum { WAIT_MS = 100, WAITS = 50 };

struct exporting { const struct settings *s; struct store *store; struct proof *proof; struct arena *arena; struct buf out; };

static int event_number(struct reader *r, int64_t org, struct str id, int64_t *ret, struct err *reterr)
{
        ssize_t n = reader_event_id(r, org, id, ret, 1, reterr);
        return n == 1 ? 0 : n < 0 ? -1 : err_set(reterr, ERR_NOT_FOUND, "no event bears the eventID %.*s", STR_ARG(id));
}

static int see(const struct exporting *x, struct reader *r, int64_t *ret, struct err *reterr)
{
        int64_t one = *x->s->org ? store_org_number(x->store, str_of(x->s->org)) : 0;
        if (*x->s->org && !one)
                return err_set(reterr, ERR_NOT_FOUND, "there is no organisation %s", x->s->org);
        *ret = x->s->public_only ? reader_see_public(r) : reader_see(r, &one, 1, !one);
        return 0;
}

static int write_proof(struct exporting *x, struct reader *r, const char *item, struct err *reterr)
{
        struct ident id;
        int64_t org, number;
        bool openings = !x->s->public_only;
        if (see(x, r, &org, reterr) < 0)
                return -1;
        if (*x->s->event)
                return event_number(r, org, str_of(x->s->event), &number, reterr) < 0 ? -1
                       : proof_of_event(x->proof, r, x->arena, org, number, openings, &x->out, reterr);
        if (ident_parse_any(x->arena, str_of(item), store_origins(x->store), &id, reterr) < 0)
                return -1;
        return bundle_of_item(x->proof, r, x->arena, org, id.canonical, openings, &x->out, reterr);
}

static int make_once(struct exporting *x, const char *item, struct err *reterr)
{
        struct reader *r;
        buf_clear(&x->out);
        if (proof_advance(x->proof, reterr) < 0 || reader_begin(x->store, &r, reterr) < 0)
                return -1;
        int rc = write_proof(x, r, item, reterr);
        reader_end(r);
        return rc;
}

/* The newest record may not be under a checkpoint yet: a second at most, when somebody signs. */
static int make(struct exporting *x, const char *item, struct err *reterr)
{
        const struct timespec pause = { .tv_nsec = WAIT_MS * 1000000L };
        int rc = make_once(x, item, reterr);
        for (int i = 0; rc < 0 && reterr->kind == ERR_BUSY && i < WAITS; i++) {
                nanosleep(&pause, NULL);
                *reterr = (struct err){ 0 };
                arena_reset(x->arena);
                rc = make_once(x, item, reterr);
        }
        return rc;
}

static int write_out(const struct settings *s, const struct buf *b, struct err *reterr)
{
        bool file = *s->output != '\0';
        int fd = file ? open(s->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, s->public_only ? 0644 : 0600) : -1;  /* openings are personal data */
        FILE *f = !file ? stdout : fd < 0 ? NULL : fdopen(fd, "w");
        if (!f || fwrite(b->p, 1, b->n, f) != b->n || fflush(f) != 0 || (file && fclose(f) != 0))
                return err_set(reterr, ERR_STORE, "cannot write %s: %s", file ? s->output : "standard output", strerror(errno));
        return 0;
}

/* As the writer where nobody else is; otherwise as a reader beside the server. */
static int open_store(const struct settings *s, struct store **ret, struct ledger **ret_ledger, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = 4096, .reader_cache_kib = 16 * 1024, .readers = 2, .database = s->database };
        *ret_ledger = NULL;
        if (store_open(s->data, true, &o, ret, reterr) == 0)
                return ledger_open(*ret, ret_ledger, reterr);
        if (reterr->kind != ERR_BUSY)
                return -1;
        *reterr = (struct err){ 0 };
        return store_open(s->data, false, &o, ret, reterr);
}

static int export(struct exporting *x, const char *item, const char *passphrase, struct err *reterr)
{
        struct ledger *l = NULL;
        struct proof_options o = { .passphrase = passphrase };
        int rc = open_store(x->s, &x->store, &l, reterr);
        if (rc == 0 && (rc = proof_open(x->store, l, &o, &x->proof, reterr)) == 0 && (rc = make(x, item, reterr)) == 0)
                rc = write_out(x->s, &x->out, reterr);
        proof_close(x->proof);
        ledger_close(l);
        store_close(x->store);
        return rc;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        char passphrase[PASSPHRASE_BYTES];
        struct exporting x = { .s = s, .out = { .max = LIMIT_PROOF_FILE_BYTES } };
        bool one = *s->event != '\0';
        if (strcmp(operands[0], "proof") != 0 || (n == 2) == one) {
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan export proof ITEM -o FILE, or suyuan export proof --event ID -o FILE");
                return EXIT_USAGE;
        }
        if (passphrase_read(s, passphrase, sizeof passphrase, reterr) < 0)
                return EXIT_REFUSED;
        x.arena = arena_new();
        int rc = export(&x, n == 2 ? operands[1] : NULL, passphrase, reterr);
        sodium_memzero(passphrase, sizeof passphrase);
        buf_free(&x.out);
        arena_free(x.arena);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_export = {
        .name = "export",
        .operands = "proof [ITEM]",
        .about = "导出证明文件 / one file with all records of a thing, what opens their sealed members, and their proofs",
        .help = "The file is checked offline with `suyuan verify FILE --policy P`.  It holds personal data, for an auditor: with --public only what everybody sees.\n"
                "--event ID gives the .tlog-proof of one record instead.  A server may be running.\n\n"
                "  suyuan export proof /lot/farm/A1 --data data -o a1.proof.json\n"
                "  suyuan export proof --event urn:uuid:… --data data -o event.tlog-proof\n",
        .min_operands = 1,
        .max_operands = 2,
        .run = run,
};
