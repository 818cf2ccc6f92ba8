/* Any bytes: as a note either refused or read, and written again to the same bytes; as a checkpoint, a key and a private key as well. */
#include <assert.h>
#include <stdint.h>

#include "merkle/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_note(struct arena *a, struct str s)
{
        static const uint8_t seed[32] = { 1 };
        struct note n;
        struct err e = { 0 };

        if (note_read(a, s, &n, &e) < 0) {
                assert(e.kind == ERR_BAD_INPUT || e.kind == ERR_TOO_LARGE);
                return;
        }
        assert(n.n_lines >= 1 && n.n_lines <= NOTE_LINES_MAX && n.text.p[n.text.n - 1] == '\n');

        struct buf b = { .max = s.n + 1 };
        buf_str(&b, n.text);
        buf_char(&b, '\n');
        for (size_t i = 0; i < n.n_lines; i++) {
                struct vkey k = { .name = n.lines[i].name, .id = n.lines[i].id };
                note_sign_line(&b, &k, n.lines[i].signature);
        }
        assert(str_eq(buf_view(&b), s));
        buf_free(&b);
        note_verify(&n, &signer_ed25519(a, STR("log.example"), KEY_ED25519, seed)->vkey);
        cosigned(&n, &signer_ed25519(a, STR("w.example"), KEY_COSIGN, seed)->vkey, NULL);
}

static void check_checkpoint(struct str s)
{
        struct checkpoint c;

        if (checkpoint_read(s, &c, NULL) < 0)
                return;
        struct buf b = { .max = s.n + 1 };
        checkpoint_write(&b, &c);
        assert(str_eq(buf_view(&b), s));
        buf_free(&b);
}

static void check_keys(struct arena *a, struct str s)
{
        struct vkey k;
        struct signer *signer;
        struct buf b = { .max = s.n + 1 };

        if (vkey_read(a, s, &k, NULL) == 0) {
                vkey_write(&b, &k);
                assert(str_eq(buf_view(&b), s));
                signature_ok(&k, s, s);
        }
        signer_read(a, s, &signer, NULL);
        buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct str s = { (const char *)data, size };

        check_note(a, s);
        check_checkpoint(s);
        check_keys(a, s);
        arena_free(a);
        return 0;
}
