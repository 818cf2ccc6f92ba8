#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/input.h"
#include "epcis/digest.h"
#include "epcis/read.h"

static void print_faults(const char *name, const struct faults *f)
{
        for (size_t i = 0; i < f->n; i++)
                if (f->list[i].severity == FAULT_REFUSED)
                        fprintf(stderr, "%s: %.*s: %.*s (%s)\n", name, STR_ARG(f->list[i].pointer),
                                STR_ARG(f->list[i].message), f->list[i].code);
        if (f->dropped)
                fprintf(stderr, "%s: %zu more\n", name, f->dropped);
}

static void print_hashes(struct arena *a, const struct document *d)
{
        for (size_t i = 0; i < d->n_events; i++) {
                struct hash h;

                event_hash(a, &d->events[i], &h, NULL);
                printf("%.*s\n", STR_ARG(event_hash_uri(a, &h)));
        }
}

static int hash_file(struct arena *a, const char *name, struct err *reterr)
{
        const struct origins none = { NULL, 0 };
        struct document *d;
        struct str bytes = STR_NONE;

        if (input_bytes(a, name, &bytes, reterr) < 0)
                return -1;
        if (document_read(a, bytes.p, bytes.n, &none, &d, reterr) < 0)
                return err_while(reterr, "reading %s", name);
        /* What a receiver must refuse still has a hash, and those who look for its author's mistake want to see it. */
        print_faults(name, &d->faults);
        print_hashes(a, d);
        if (d->n_events == 0 && d->faults.refused)
                return err_set(reterr, ERR_BAD_EVENT, "%s holds no events that could be hashed", name);
        return 0;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        int code = EXIT_OK;

        (void)s;
        for (int i = 0; i < n && code == EXIT_OK; i++) {
                struct arena *a = arena_new();

                if (hash_file(a, operands[i], reterr) < 0)
                        code = EXIT_REFUSED;
                arena_free(a);
        }
        return code;
}

const struct command command_hash = {
        .name = "hash",
        .operands = "FILE…",
        .about = "计算 CBV 2.0 事件哈希 / print the CBV 2.0 event hash of every event of a document",
        .help = "Prints one event hash a line (ni:///sha-256;…?ver=CBV2.0), in document order, of an EPCIS 2.0 document,\n"
                "a query document or a single event.  Needs no data directory.  What the standard's schema refuses is\n"
                "told on standard error; the hashes are printed all the same.\n\n"
                "  suyuan hash harvest.json\n",
        .min_operands = 1, .max_operands = -1,
        .run = run,
};
