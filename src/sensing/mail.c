#include "sensing/mail.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"

enum { LINE = 76, WORD_BYTES = 42 /* of UTF-8 in one encoded word: 56 characters of base64 and the frame stay within 75 */ };

bool mail_address_ok(struct str s)
{
        size_t at = 0, ats = 0;
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (c <= ' ' || c >= 127 || strchr("<>()[],;:\\\"", c))
                        return false;
                if (c == '@') {
                        at = i;
                        ats++;
                }
        }
        return s.n <= 254 && ats == 1 && at > 0 && at + 1 < s.n;
}

/* Cuts behind whole characters. */
static size_t piece(struct str s, size_t from)
{
        size_t n = s.n - from < WORD_BYTES ? s.n - from : WORD_BYTES;
        while (from + n < s.n && n > 1 && ((unsigned char)s.p[from + n] & 0xc0) == 0x80)
                n--;
        return n;
}

static void write_subject(struct buf *b, struct str s)
{
        buf_z(b, "Subject:");
        for (size_t at = 0, n; at < s.n; at += n) {
                n = piece(s, at);
                buf_z(b, at ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
                base64_encode(b, s.p + at, n);
                buf_z(b, "?=");
        }
        buf_z(b, "\r\n");
}

static void write_date(struct buf *b, int64_t time_us)
{
        static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        time_t t = (time_t)(time_us / 1000000);
        struct tm u;
        gmtime_r(&t, &u);
        buf_printf(b, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + u.tm_wday * 3, u.tm_mday, months + u.tm_mon * 3, u.tm_year + 1900, u.tm_hour, u.tm_min, u.tm_sec);
}

static void write_text(struct buf *b, struct str text)
{
        struct buf all;
        buf_init(&all, 1 << 20);
        base64_encode(&all, text.p, text.n);
        struct str s = buf_view(&all);
        for (size_t at = 0; at < s.n; at += LINE) {
                buf_add(b, s.p + at, s.n - at < LINE ? s.n - at : LINE);
                buf_z(b, "\r\n");
        }
        buf_free(&all);
}

struct str mail_write(struct arena *a, const struct mail_server *s, const struct mail *m)
{
        struct buf b;
        buf_init(&b, 1 << 20);
        buf_printf(&b, "From: <%s>\r\nTo: ", s->from);
        for (size_t i = 0; i < m->n_to; i++)
                buf_printf(&b, "%s<%.*s>", i ? ",\r\n " : "", STR_ARG(m->to[i]));
        buf_z(&b, "\r\n");
        write_subject(&b, m->subject);
        write_date(&b, m->time_us);
        const char *host = strchr(s->from, '@');
        buf_printf(&b, "Message-ID: <%.*s%s>\r\nAuto-Submitted: auto-generated\r\n", STR_ARG(m->id), host ? host : "@localhost");
        buf_z(&b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        write_text(&b, m->text);
        struct str done = arena_str(a, buf_view(&b));
        buf_free(&b);
        return done;
}

static size_t give(char *p, size_t size, size_t n, void *ctx)
{
        struct str *rest = ctx;
        size_t most = size * n < rest->n ? size * n : rest->n;
        memcpy(p, rest->p, most);
        *rest = (struct str){ rest->p + most, rest->n - most };
        return most;
}

static void set_up(CURL *c, struct arena *a, const struct mail_server *s, struct curl_slist *to, struct str *rest)
{
        bool login = *s->user != '\0';
        curl_easy_setopt(c, CURLOPT_URL, s->url);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        curl_easy_setopt(c, CURLOPT_USE_SSL, login ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
        curl_easy_setopt(c, CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", s->from).p);
        curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
        curl_easy_setopt(c, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
        curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
        curl_easy_setopt(c, CURLOPT_READDATA, rest);
        curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_PROXY, "");
        curl_easy_setopt(c, CURLOPT_TIMEOUT, 30L);
        if (login) {
                curl_easy_setopt(c, CURLOPT_USERNAME, s->user);
                curl_easy_setopt(c, CURLOPT_PASSWORD, s->password);
        }
        if (*s->ca)
                curl_easy_setopt(c, CURLOPT_CAINFO, s->ca);
}

int mail_send(struct arena *a, const struct mail_server *s, const struct mail *m, struct err *reterr)
{
        struct str rest = mail_write(a, s, m);
        struct curl_slist *to = NULL;
        CURL *c = curl_easy_init();
        if (!c)
                return err_set(reterr, ERR_INTERNAL, "no SMTP client");
        for (size_t i = 0; i < m->n_to; i++)
                to = curl_slist_append(to, arena_printf(a, "<%.*s>", STR_ARG(m->to[i])).p);
        set_up(c, a, s, to, &rest);
        CURLcode rc = curl_easy_perform(c);
        long said = 0;
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &said);
        curl_slist_free_all(to);
        curl_easy_cleanup(c);
        bool for_good = rc != CURLE_OK && said >= 550 && said < 560;     /* of the mailbox or the letter; below it is the login or the command */
        return rc == CURLE_OK ? 0 : err_set(reterr, for_good ? ERR_BAD_INPUT : ERR_STORE, "%.200s does not take the letter: %s (%ld)", s->url, curl_easy_strerror(rc), said);
}
