/* The data directory: making, opening, locking, snapshots, blobs, marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sql_names.h"
#include "store/store_impl.h"

static const struct store_options OPTIONS = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
static const struct str ORIGINS[] = { { "https://trace.example.cn", 24 }, { "https://old.example.cn", 22 } };

static int make_folder(void **state)
{
        char *folder = strdup("/tmp/suyuan-store-XXXXXX");
        *state = mkdtemp(folder);
        return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
        pid_t pid = fork();
        if (pid == 0) {
                execlp("rm", "rm", "-rf", (char *)*state, (char *)NULL);
                _exit(127);
        }
        waitpid(pid, NULL, 0);
        free(*state);
        return 0;
}

static struct store *opened(const char *dir, bool write)
{
        struct store *s;
        struct err e = { 0 };
        if (store_open(dir, write, &OPTIONS, &s, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        return s;
}

static void made(const char *dir)
{
        struct err e = { 0 };
        if (store_init(dir, ORIGINS, 2, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
}

static void init_makes_it_once(void **state)
{
        struct err e = { 0 };
        char below[300];
        snprintf(below, sizeof below, "%s/new", (char *)*state);
        made(below);    /* the folder need not exist */
        made(*state);   /* or may exist empty, or hold something else */
        assert_int_equal(store_init(*state, ORIGINS, 2, &e), -1);
        assert_int_equal(e.kind, ERR_CONFLICT);
        struct store *s = opened(*state, false);
        assert_int_equal(store_origins(s)->n, 2);
        assert_true(str_eq(store_origins(s)->list[0], ORIGINS[0]));
        assert_true(str_eq(store_origins(s)->list[1], ORIGINS[1]));
        assert_non_null(store_org(s, ORG_DEFAULT));
        assert_null(store_org(s, 99));
        struct hash none = { 0 };
        assert_memory_not_equal(store_org(s, ORG_DEFAULT)->secret.b, none.b, 32);
        store_close(s);
}

static void a_folder_without_a_database_is_told(void **state)
{
        struct store *s;
        struct err e = { 0 };
        assert_int_equal(store_open(*state, true, &OPTIONS, &s, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_non_null(strstr(e.detail, "suyuan init"));
}

static void one_process_writes(void **state)
{
        struct err e = { 0 };
        struct store *second;
        made(*state);
        struct store *first = opened(*state, true);
        assert_int_equal(store_open(*state, true, &OPTIONS, &second, &e), -1);
        assert_int_equal(e.kind, ERR_BUSY);
        char pid[32];
        snprintf(pid, sizeof pid, "(%ld)", (long)getpid());
        assert_non_null(strstr(e.detail, pid));
        store_close(opened(*state, false));     /* readers may */
        store_close(first);
        store_close(opened(*state, true));
}

static void a_reader_sees_one_state(void **state)
{
        struct err e = { 0 };
        struct reader *before, *after;
        struct arena *a = arena_new();
        made(*state);
        struct store *s = opened(*state, true);
        assert_int_equal(reader_begin(s, &before, &e), 0);
        assert_int_equal(reader_item(before, ORG_DEFAULT, STR("/lot/a/1"), &e), 0);
        struct db *w = store_writer(s);
        assert_int_equal(db_begin(w, &e), 0);
        assert_int_equal(db_run(w, SQL_item_add, DB_ARGS(db_i(ORG_DEFAULT), db_i(1), db_t(STR("/lot/a/1")), db_i(IDENT_LOT)), &e), 0);
        assert_int_equal(db_commit(w, &e), 0);
        assert_int_equal(reader_begin(s, &after, &e), 0);
        assert_int_equal(reader_item(before, ORG_DEFAULT, STR("/lot/a/1"), &e), 0);
        assert_int_equal(reader_item(after, ORG_DEFAULT, STR("/lot/a/1"), &e), 1);
        assert_int_equal(reader_item(after, 2, STR("/lot/a/1"), &e), 0);
        int kind;
        assert_true(str_is(reader_item_name(after, a, ORG_DEFAULT, 1, &kind), "/lot/a/1"));
        assert_int_equal(kind, IDENT_LOT);
        assert_int_equal(reader_item_name(after, a, ORG_DEFAULT, 2, &kind).n, 0);
        reader_end(before);
        reader_end(after);
        reader_end(NULL);
        arena_free(a);
        store_close(s);
}

struct borrow { struct store *s; int times; };

static void *borrow_often(void *ctx)
{
        struct borrow *b = ctx;
        for (int i = 0; i < 200; i++) {
                struct reader *r;
                if (reader_begin(b->s, &r, NULL) < 0)
                        return NULL;
                b->times += reader_last_seq(r, ORG_DEFAULT, NULL) == 0;
                reader_end(r);
        }
        return NULL;
}

static void more_threads_than_readers_wait_their_turn(void **state)
{
        pthread_t threads[6];
        struct borrow b[6];
        made(*state);
        struct store *s = opened(*state, false);
        for (int i = 0; i < 6; i++) {
                b[i] = (struct borrow){ s, 0 };
                assert_int_equal(pthread_create(&threads[i], NULL, borrow_often, &b[i]), 0);
        }
        for (int i = 0; i < 6; i++) {
                pthread_join(threads[i], NULL);
                assert_int_equal(b[i].times, 200);
        }
        store_close(s);
}

static void blobs_stand_under_their_hash(void **state)
{
        struct err e = { 0 };
        struct hash h, again, unknown = { { 1 } };
        int fd;
        int64_t size;
        char back[6] = "";
        made(*state);
        struct store *s = opened(*state, false);
        assert_int_equal(blob_put(s, "photo", 5, &h, &e), 0);
        assert_int_equal(blob_put(s, "photo", 5, &again, &e), 0);
        assert_memory_equal(h.b, sha256("photo", 5).b, 32);
        assert_memory_equal(h.b, again.b, 32);
        assert_true(blob_has(s, &h));
        assert_false(blob_has(s, &unknown));
        assert_int_equal(blob_open(s, &h, &fd, &size, &e), 0);
        assert_int_equal(size, 5);
        assert_int_equal(read(fd, back, 5), 5);
        assert_string_equal(back, "photo");
        close(fd);
        assert_int_equal(blob_open(s, &unknown, &fd, &size, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        store_close(s);
}

static void a_blob_that_cannot_be_written_says_so(void **state)
{
        struct err e = { 0 };
        struct hash h;
        char path[300];
        made(*state);
        struct store *s = opened(*state, false);
        snprintf(path, sizeof path, "%s/blobs/sha256", (char *)*state);
        assert_int_equal(rmdir(path), 0);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);  /* a file where a folder should be: nothing can be made below, even by root */
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(blob_put(s, "photo", 5, &h, &e), -1);
        assert_int_equal(e.kind, ERR_STORE);
        assert_false(blob_has(s, &h));
        store_close(s);
}

static void what_a_dead_process_left_is_removed(void **state)
{
        char dead[300], alive[300];
        made(*state);
        pid_t pid = fork();
        if (pid == 0)
                _exit(0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);   /* its number names nobody now */
        snprintf(dead, sizeof dead, "%s/blobs/incoming-%ld-0", (char *)*state, (long)pid);
        snprintf(alive, sizeof alive, "%s/blobs/incoming-%ld-0", (char *)*state, (long)getpid());
        close(open(dead, O_CREAT | O_WRONLY, 0600));
        close(open(alive, O_CREAT | O_WRONLY, 0600));
        store_close(opened(*state, true));
        assert_int_not_equal(access(dead, F_OK), 0);
        assert_int_equal(access(alive, F_OK), 0);
}

#define WEBM "\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" "\x18\x53\x80\x67\x16\x54\xae\x6b\x20\xae\x18\x00\x00\x00"
#define MP4 "\0\0\0\x1c" "ftypisom\0\0\0\0isomiso2mp41" "mo"
#define HANDLER "hdlr" "\0\0\0\0" "\0\0\0\0"

static void the_first_bytes_tell_the_media_type(void **state)
{
        (void)state;
        assert_string_equal(blob_sniff("\xff\xd8\xff\xe0", 4), "image/jpeg");
        assert_string_equal(blob_sniff("\x89PNG\r\n\x1a\n", 8), "image/png");
        assert_string_equal(blob_sniff("RIFF\0\0\0\0WEBPVP8 ", 16), "image/webp");
        assert_string_equal(blob_sniff("%PDF-1.7", 8), "application/pdf");
        assert_string_equal(blob_sniff("\0\0\0\x18" "ftypheic\0\0\0\0mif1heic", 24), "image/heic");
        assert_string_equal(blob_sniff("\0\0\0\x18" "ftypmif1\0\0\0\0mif1heic", 24), "image/heic");
        assert_string_equal(blob_sniff("\0\0\0\x1c" "ftypM4A \0\0\0\0isomiso2mp41", 28), "audio/mp4");
        assert_string_equal(blob_sniff("\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", 12), "video/webm");      /* no track in sight */
        assert_string_equal(blob_sniff(WEBM "\x86\x86" "A_OPUS", 34), "audio/webm");
        assert_string_equal(blob_sniff(WEBM "\x86\x85" "V_VP8" "\x86\x86" "A_OPUS", 41), "video/webm");
        assert_string_equal(blob_sniff(MP4 HANDLER "soun", 46), "audio/mp4");
        assert_string_equal(blob_sniff(MP4 HANDLER "soun" HANDLER "vide", 62), "video/mp4");
        assert_string_equal(blob_sniff(MP4, 30), "video/mp4");
        assert_string_equal(blob_sniff("OggS\0\2", 6), "audio/ogg");
        assert_null(blob_sniff("\0\0\0\x1c" "ftypavif\0\0\0\0avifmif1miaf", 28));      /* nothing here decodes it */
        assert_null(blob_sniff("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", 16));
        assert_null(blob_sniff("{\"type\"", 7));
        assert_null(blob_sniff("RIFF", 4));
        assert_null(blob_sniff("", 0));
}

static void a_mark_is_never_missed(void **state)
{
        made(*state);
        struct store *s = opened(*state, false);
        uint64_t start = store_change_now(s);
        uint64_t number = stamps_next(s->stamps);
        stamps_mark(s->stamps, number, 1, 77);
        assert_true(store_item_changed(s, 1, 77) > start);      /* marked before it is published: stale, never fresh */
        assert_int_equal(store_change_now(s), start);
        stamps_publish(s->stamps, number);
        assert_int_equal(store_change_now(s), number);
        assert_true(store_item_changed(s, 1, 78) <= start);
        assert_true(store_item_changed(s, 2, 77) <= start);
        store_close(s);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
        const struct CMUnitTest tests[] = {
                T(init_makes_it_once),
                T(a_folder_without_a_database_is_told),
                T(one_process_writes),
                T(a_reader_sees_one_state),
                T(more_threads_than_readers_wait_their_turn),
                T(blobs_stand_under_their_hash),
                T(a_blob_that_cannot_be_written_says_so),
                T(what_a_dead_process_left_is_removed),
                T(the_first_bytes_tell_the_media_type),
                T(a_mark_is_never_missed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
