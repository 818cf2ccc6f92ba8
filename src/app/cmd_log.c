#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/passphrase.h"
#include "base/clock.h"
#include "proof/anchor.h"
#include "proof/manage.h"

struct opened { const struct settings *s; struct store *store; struct ledger *ledger; struct arena *arena; char passphrase[PASSPHRASE_BYTES]; };

static void print_vkey(const struct vkey *k)
{
        struct buf b = { .max = 4096 };
        vkey_write(&b, k);
        printf("%.*s\n", (int)b.n, b.p);
        buf_free(&b);
}

static int key(struct opened *o, const char *operand, struct err *reterr)
{
        struct key_about about;
        (void)operand;
        if (proof_key(o->store, o->arena, o->passphrase, &about, reterr) < 0)
                return -1;
        print_vkey(&about.vkey);
        return 0;
}

static int rebuild(struct opened *o, const char *operand, struct err *reterr)
{
        struct proof_options options = { .rebuild = true, .passphrase = o->passphrase };
        struct proof_figures f;
        struct proof *p;
        (void)operand;
        if (proof_open(o->store, o->ledger, &options, &p, reterr) < 0)
                return -1;
        proof_figures(p, &f);
        proof_close(p);
        if (*f.refusal)
                return err_set(reterr, ERR_CONFLICT, "%s", f.refusal);
        printf("已由记录重建日志文件 / the log's files were made again from the records: %lld\n", (long long)f.size);
        return 0;
}

static int begin(struct opened *o, const char *operand, struct err *reterr)
{
        struct vkey k;
        (void)operand;
        if (proof_begin(o->store, o->ledger, o->arena, o->passphrase, &k, reterr) < 0)
                return -1;
        print_vkey(&k);
        return 0;
}

/* The checkpoint is made new before, and again afterwards with the leaf of the anchor in it. */
static int anchor_with(struct opened *o, struct proof *p, struct err *reterr)
{
        struct anchored done;
        if (proof_advance(p, reterr) < 0 || anchor_now(p, o->ledger, o->s->data, o->s->tsa, o->s->tsa_ca, &done, reterr) < 0 || proof_advance(p, reterr) < 0)
                return -1;
        printf("已盖时间戳 / stamped: %lld leaves at %.*s\n", (long long)done.size, STR_ARG(stamp_utc(o->arena, done.time_s * 1000000)));
        return 0;
}

static int anchor(struct opened *o, const char *operand, struct err *reterr)
{
        struct proof_options options = { .passphrase = o->passphrase };
        struct proof *p;
        (void)operand;
        if (!*o->s->tsa || !*o->s->tsa_ca)
                return err_set(reterr, ERR_BAD_INPUT, "name the time stamp authority and its certificates: --tsa URL --tsa-ca FILE");
        if (proof_open(o->store, o->ledger, &options, &p, reterr) < 0)
                return -1;
        int rc = anchor_with(o, p, reterr);
        proof_close(p);
        return rc;
}

static int export(struct opened *o, const char *operand, struct err *reterr)
{
        struct proof *p;
        if (proof_open(o->store, NULL, &(struct proof_options){ 0 }, &p, reterr) < 0)
                return -1;
        int rc = proof_export(p, operand, reterr);
        proof_close(p);
        return rc;
}

static const struct action {
        const char *name;
        int operands;
        bool write;
        int (*run)(struct opened *o, const char *operand, struct err *reterr);
} actions[] = {
        { "key", 0, false, key },
        { "rebuild", 0, true, rebuild },
        { "export", 1, false, export },
        { "begin", 0, true, begin },
        { "anchor", 0, true, anchor },
};

static int run_on_store(const struct settings *s, const struct action *act, const char *operand, struct err *reterr)
{
        struct store_options so = { .writer_cache_kib = 4096, .reader_cache_kib = 4096, .readers = 1, .database = s->database };
        struct opened o = { .s = s };
        if (passphrase_read(s, o.passphrase, sizeof o.passphrase, reterr) < 0 || store_open(s->data, act->write, &so, &o.store, reterr) < 0)
                return EXIT_REFUSED;
        o.arena = arena_new();
        int rc = act->write ? ledger_open(o.store, &o.ledger, reterr) : 0;
        if (rc == 0)
                rc = act->run(&o, operand, reterr);
        ledger_close(o.ledger);
        arena_free(o.arena);
        store_close(o.store);
        sodium_memzero(o.passphrase, sizeof o.passphrase);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
                if (!strcmp(operands[0], actions[i].name) && n == 1 + actions[i].operands)
                        return run_on_store(s, &actions[i], n > 1 ? operands[1] : NULL, reterr);
        err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan log key | rebuild | export DIR | begin | anchor");
        return EXIT_USAGE;
}

const struct command command_log = {
        .name = "log", .operands = "key | rebuild | export DIR | begin | anchor", .min_operands = 1, .max_operands = 2,
        .about = "公开日志 / the public log",
        .help = "`key` prints the log's public key alone, also beside a running server; a fresh directory gets its key by that.\n"
                "`rebuild` makes the files of DIR/log again from the records.  `export` writes the signed log as a folder of tiles that any web server can serve.\n"
                "`begin` freezes the log as it was signed last and begins a new one with all records, under a new name and a new key (printed): for a database that had to\n"
                "be put back to an older copy, or a lost key.  `anchor` has the checkpoint stamped now (--tsa, --tsa-ca); a server that is given them does so once a day.\n"
                "The server must not be running for `rebuild`, `begin` and `anchor`.\n\n"
                "  suyuan log key --data /var/lib/suyuan",
        .run = run,
};
