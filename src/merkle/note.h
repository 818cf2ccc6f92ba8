#ifndef SUYUAN_MERKLE_NOTE_H
#define SUYUAN_MERKLE_NOTE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

/* C2SP signed-note and its keys.  A note is text that ends with a newline, an empty line, and signature lines
 * "— name base64(id ‖ signature)".  The signature is over the text with its last newline. */

enum key_type {
        KEY_ED25519 = 0x01,
        KEY_COSIGN = 0x04,      /* C2SP tlog-cosignature, Ed25519: 8 bytes of time before the signature */
        KEY_SM2 = 0xff,         /* ours: the type is 0xff and the long identifier below */
};
#define KEY_SM2_NAME "suyuan.sm2-sm3/v1"        /* SM2 with SM3 (GB/T 32918, distinguishing id 1234567812345678), signature as r ‖ s */

struct vkey {                   /* "name+8 hex+base64(type ‖ public key)" */
        struct str name;
        uint32_t id;            /* SHA-256(name ‖ "\n" ‖ type ‖ key), the first 4 bytes, big-endian */
        uint8_t type;           /* enum key_type; another one is kept and never verifies */
        struct str key;         /* 32 bytes, SM2: 65 bytes (0x04 ‖ X ‖ Y) */
};
int vkey_read(struct arena *a, struct str text, struct vkey *ret, struct err *reterr);
void vkey_write(struct buf *out, const struct vkey *k);
/* Name of a key: not empty, no white space, no '+', printable UTF-8. */
bool key_name_ok(struct str name);
struct vkey vkey_of(struct arena *a, struct str name, enum key_type type, const void *key, size_t n);

/* A signer whose secret is in this process (Ed25519 and SM2 files) or elsewhere (PKCS#11): who signs sees only this. */
struct signer {
        struct vkey vkey;
        /* Appends the bytes of the signature of `text` (without id; KEY_COSIGN's own bytes are made by cosign(), merkle/checkpoint.h).  -1. */
        int (*sign)(const struct signer *s, struct str text, struct buf *out, struct err *reterr);
        void *secret;
};
/* Ed25519 from a seed of 32 bytes, which the arena keeps and wipes at its end. */
struct signer *signer_ed25519(struct arena *a, struct str name, enum key_type type, const uint8_t seed[32]);
/* Go's text of it: "PRIVATE+KEY+name+id+base64(0x01 ‖ seed)". */
int signer_read(struct arena *a, struct str text, struct signer **ret, struct err *reterr);
void signer_write(struct buf *out, struct str name, enum key_type type, const uint8_t seed[32]);
/* SM2 from a PEM of OpenSSL's ("openssl genpkey -algorithm SM2"). */
struct signer *signer_sm2(struct arena *a, struct str name, struct str pem, struct err *reterr);     /* NULL */

struct note_line { struct str name; uint32_t id; struct str signature; struct str line; };      /* line: as it stands, with its newline */
struct note {
        struct str text;        /* with its last newline */
        struct note_line *lines;
        size_t n_lines;         /* 1 to NOTE_LINES_MAX */
};
enum { NOTE_BYTES_MAX = 1 << 20, NOTE_LINES_MAX = 100 };
/* Takes a note apart; believes nothing of it yet. */
int note_read(struct arena *a, struct str bytes, struct note *ret, struct err *reterr);
/* Does the line bear this key's name and id?  Then the signature must hold. */
bool note_line_of(const struct note_line *l, const struct vkey *k);
bool signature_ok(const struct vkey *k, struct str text, struct str signature);       /* KEY_ED25519 and KEY_SM2 */
/* 1 at least one line of the key holds and none fails, 0 it has no line, -1 one fails. */
int note_verify(const struct note *n, const struct vkey *k);
void note_sign_line(struct buf *out, const struct vkey *k, struct str signature);
/* text ‖ "\n" ‖ a line of each signer. */
int note_write(struct buf *out, struct str text, const struct signer *const *signers, size_t n, struct err *reterr);

#endif
