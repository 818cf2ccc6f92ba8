#include "ingest/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/broker_hash.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/text.h"
#include "ingest/collector_impl.h"
#include "ingest/mqtt_message.h"

enum { PATH_BYTES = 4096, LOOK_MS = 500, SOON_MS = 20, SECRET_BYTES = 24, FILE_BYTES = 64 * 1024 * 1024 };

static const char *path_in(const char *folder, const char *name, char ret[PATH_BYTES])
{
        snprintf(ret, PATH_BYTES, "%s/%s", folder, name);
        return ret;
}

/* Written only when it says something else than before. */
static int put(const char *folder, const char *name, mode_t mode, const struct buf *b, bool *ret_changed, struct err *reterr)
{
        char path[PATH_BYTES];
        struct str old = STR_NONE;
        struct arena *a = arena_new();
        if (b->overflow) {
                arena_free(a);
                return err_set(reterr, ERR_TOO_LARGE, "%s would be larger than %d bytes", name, FILE_BYTES);
        }
        bool same = file_read(a, path_in(folder, name, path), FILE_BYTES, &old, NULL) == 0 && str_eq(old, buf_view(b));
        arena_free(a);
        if (same)
                return 0;
        *ret_changed = true;
        return file_replace(path, mode, buf_view(b), reterr);
}

/* ---- our own user ---- */

static int new_secret(const char *path, struct err *reterr)
{
        uint8_t secret[SECRET_BYTES];
        struct buf b;
        random_bytes(secret, sizeof secret);
        buf_init(&b, 256);
        buf_hex(&b, secret, sizeof secret);
        buf_char(&b, '\n');
        int rc = file_create(path, 0600, buf_view(&b), reterr);
        buf_free(&b);
        return rc;
}

static int our_secret(struct arena *a, const char *folder, struct str *ret, struct err *reterr)
{
        char path[PATH_BYTES];
        struct str all;
        if (access(path_in(folder, "collector-password", path), F_OK) != 0 && new_secret(path, reterr) < 0)
                return -1;
        if (file_read_private(a, path, 4096, &all, reterr) < 0)
                return -1;
        return str_split(&all, '\n', ret) && ret->n ? 0 : err_set(reterr, ERR_BAD_INPUT, "%s is empty", path);
}

/* The hash that stands for it already, where it still fits: a new salt each time would be a change each time. */
static struct str our_hash(struct arena *a, const char *folder, struct str secret)
{
        char path[PATH_BYTES];
        struct str all, line;
        const struct str user = STR(BROKER_USER ":");
        if (file_read(a, path_in(folder, "passwords", path), FILE_BYTES, &all, NULL) == 0)
                while (str_split(&all, '\n', &line))
                        if (str_starts(line, user) && broker_hash_is(str_from(line, user.n), secret))
                                return str_from(line, user.n);
        return broker_hash(a, secret);
}

/* ---- the files ---- */

/* What may stand in these files without meaning something there. */
static bool plain(struct str id)
{
        for (size_t i = 0; i < id.n; i++)
                if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", id.p[i]) || !id.p[i])
                        return false;
        return id.n > 0;
}

static bool may_enter(const struct known_device *d)
{
        return !d->revoked && str_is(d->protocol, "mqtt") && plain(d->id) && !str_starts(d->id, STR("suyuan-")) && str_starts(d->broker_hash, STR("$7$")) && !memchr(d->broker_hash.p, '\n', d->broker_hash.n);
}

static void write_rights(struct buf *acl, struct str id)
{
        buf_printf(acl, "\nuser %.*s\n", STR_ARG(id));
        buf_printf(acl, "topic write suyuan/%.*s/readings\ntopic write suyuan/%.*s/readings/+\n", STR_ARG(id), STR_ARG(id));
        buf_printf(acl, "topic write spBv1.0/+/+/%.*s\ntopic write spBv1.0/+/+/+/%.*s\n", STR_ARG(id), STR_ARG(id));
}

static void write_devices(const struct device_list *l, struct buf *passwords, struct buf *acl)
{
        const struct known_device *d;
        for (size_t i = 0; (d = device_at(l, i)); i++)
                if (may_enter(d)) {
                        buf_printf(passwords, "%.*s:%.*s\n", STR_ARG(d->id), STR_ARG(d->broker_hash));
                        write_rights(acl, d->id);
                }
}

static int write_lists_alone(const char *folder, const struct device_list *l, bool *ret_changed, struct err *reterr)
{
        struct arena *a = arena_new();
        struct buf passwords, acl;
        struct str secret;
        buf_init(&passwords, FILE_BYTES);
        buf_init(&acl, FILE_BYTES);
        int rc = our_secret(a, folder, &secret, reterr);
        if (rc == 0) {
                buf_printf(&passwords, BROKER_USER ":%.*s\n", STR_ARG(our_hash(a, folder, secret)));
                buf_z(&acl, "# made by suyuan from its devices; changes are lost\nuser " BROKER_USER "\ntopic read suyuan/+/readings\ntopic read suyuan/+/readings/+\ntopic read " BROKER_LOG_TOPIC "\ntopic read spBv1.0/#\n");
                write_devices(l, &passwords, &acl);
                rc = put(folder, "passwords", 0640, &passwords, ret_changed, reterr) < 0 || put(folder, "acl", 0640, &acl, ret_changed, reterr) < 0 ? -1 : 0;
        }
        buf_free(&passwords);
        buf_free(&acl);
        arena_free(a);
        return rc;
}

/* Receipts are bounded by the collecting process (its receive maximum), queues by bytes: what a day's outage of it lets gather is kept. */
/* One process at a time: the command and the collecting process may both be at it. */
static int write_lists(const char *folder, const struct device_list *l, bool *ret_changed, struct err *reterr)
{
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || flock(fd, LOCK_EX) < 0) {
                int rc = err_set(reterr, ERR_STORE, "cannot lock %.200s: %s", folder, strerror(errno));
                if (fd >= 0)
                        close(fd);
                return rc;
        }
        int rc = write_lists_alone(folder, l, ret_changed, reterr);
        close(fd);
        return rc;
}

/* The plugin that tells who was refused (mosquitto_plugin.c), beside this program or where it is built; none: the broker tells less. */
static void write_plugin(struct buf *b)
{
        static const char *const places[] = { "suyuan-mosquitto.so", "../ingest/suyuan-mosquitto.so" };
        char self[PATH_BYTES], path[PATH_BYTES + 64];
        ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
        self[n > 0 ? n : 0] = 0;
        char *slash = strrchr(self, '/');
        for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
                snprintf(path, sizeof path, "%.*s/%s", (int)(slash - self), self, places[i]);
                char *whole = realpath(path, NULL);
                if (whole)
                        buf_printf(b, "plugin %s\n", whole);
                free(whole);
                if (whole)
                        return;
        }
}

static int write_conf(const char *folder, const char *listen, bool *ret_changed, struct err *reterr)
{
        struct buf b;
        const char *colon = strrchr(listen, ':');
        if (!colon || !colon[1])
                return err_set(reterr, ERR_BAD_INPUT, "--mqtt-listen is ADDR:PORT, not '%.80s'", listen);
        const struct passwd *us = getpwuid(geteuid());          /* the broker gives rights of root up for those of a user, who must be able to read what we write */
        buf_init(&b, 64 * 1024);
        buf_printf(&b, "# made by suyuan broker; your own settings (TLS) go into conf.d/\n"
                   "listener %s %.*s\n", colon + 1, (int)(colon - listen), listen);
        if (us)
                buf_printf(&b, "user %s\n", us->pw_name);
        buf_printf(&b, "allow_anonymous false\npassword_file %s/passwords\nacl_file %s/acl\n", folder, folder);
        buf_printf(&b, "persistence true\npersistence_location %s/state/\nautosave_interval 30\npersistent_client_expiration 14d\n", folder);
        buf_printf(&b, "pid_file %s/mosquitto.pid\ninclude_dir %s/conf.d\n", folder, folder);
        buf_printf(&b, "max_inflight_messages 0\nmax_queued_messages 0\nmax_queued_bytes 536870912\nmax_packet_size %d\n", LIMIT_MQTT_PACKET_BYTES);
        buf_z(&b, "log_dest stderr\nlog_dest topic\nlog_type error\nlog_type warning\nlog_type notice\nset_tcp_nodelay true\n");
        write_plugin(&b);
        int rc = put(folder, "mosquitto.conf", 0644, &b, ret_changed, reterr);
        buf_free(&b);
        return rc;
}

static int make_folder(const char *folder, struct err *reterr)
{
        char path[PATH_BYTES];
        static const char *const within[] = { "", "state", "conf.d" };
        for (size_t i = 0; i < sizeof within / sizeof *within; i++)
                if (mkdir(path_in(folder, within[i], path), 0750) < 0 && errno != EEXIST)
                        return err_set(reterr, ERR_STORE, "cannot make %.200s: %s", path, strerror(errno));
        return 0;
}

/* A number in a file may have gone to another program since. */
static bool is_broker(int64_t pid)
{
        char path[64], name[32] = "";
        snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
        FILE *f = fopen(path, "re");
        if (!f)
                return false;
        bool same = fgets(name, sizeof name, f) && strcmp(name, "mosquitto\n") == 0;
        fclose(f);
        return same;
}

static void reload(const char *folder)
{
        char path[PATH_BYTES];
        struct arena *a = arena_new();
        struct str text;
        int64_t pid;
        if (file_read(a, path_in(folder, "mosquitto.pid", path), 64, &text, NULL) == 0 && number_read(str_trim(text), &pid) && pid > 1 && is_broker(pid))
                kill((pid_t)pid, SIGHUP);
        arena_free(a);
}

int broker_make(const char *folder, const char *listen, struct str devices, struct err *reterr)
{
        bool changed = false, more;
        char *whole = NULL;
        struct device_list *l = device_list_apply(NULL, devices, &more, reterr);        /* all of them */
        if (!l)
                return -1;
        int rc = make_folder(folder, reterr);
        if (rc == 0)
                whole = or_abort(realpath(folder, NULL));
        if (rc == 0)
                rc = write_conf(whole, listen, &changed, reterr) < 0 || write_lists(whole, l, &changed, reterr) < 0 ? -1 : 0;
        if (rc == 0 && changed)
                reload(whole);
        free(whole);
        device_list_done(l);
        return rc;
}

/* ---- kept as the devices are ---- */

struct broker {
        struct collector *c;
        const char *folder;
        pthread_t thread;
        pthread_mutex_t lock;
        pthread_cond_t wake;
        bool stop, failing;
        int64_t written;                /* of our last writing; another's is looked through anew, since its list may be older than ours */
};

/* When the lists were last written, by whomever. */
static int64_t written_at(const char *folder)
{
        static const char *const names[] = { "passwords", "acl" };
        char path[PATH_BYTES];
        struct stat st;
        int64_t at = 0;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (stat(path_in(folder, names[i], path), &st) == 0)
                        at += (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec + (int64_t)st.st_ino;
        return at;
}

static void follow(struct broker *b, const struct device_list *l)
{
        struct err e = { 0 };
        bool changed = false;
        int rc = write_lists(b->folder, l, &changed, &e);
        if (rc < 0 && !b->failing)
                log_err(LOG_ERROR, "broker.files", &e);
        else if (rc == 0 && changed)
                log_line(LOG_INFO, "broker.files", "changed");
        b->failing = rc < 0;
        b->written = written_at(b->folder);
        if (changed)
                reload(b->folder);
}

static bool rest(struct broker *b, int64_t ms)
{
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        t.tv_nsec += ms * 1000000;
        t.tv_sec += t.tv_nsec / 1000000000L;
        t.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&b->lock);
        if (!b->stop)
                pthread_cond_timedwait(&b->wake, &b->lock, &t);
        bool go_on = !b->stop;
        pthread_mutex_unlock(&b->lock);
        return go_on;
}

/* The list is fetched for the writing: one from before could undo what the command has just written of a newer one. */
static void *run(void *ctx)
{
        struct broker *b = ctx;
        const struct device_list *seen = NULL;
        int64_t want_us = 0;            /* 0: nothing is to be written */
        do {
                const struct device_list *l = collector_devices(b->c);
                if (l && !want_us && (l != seen || b->failing || b->written != written_at(b->folder)))
                        want_us = clock_mono_us();
                device_list_done(l);
                const struct device_list *fresh = want_us ? collector_devices_since(b->c, want_us) : NULL;
                if (fresh) {
                        follow(b, fresh);
                        want_us = 0;
                        device_list_done(seen);
                        seen = fresh;
                }
        } while (rest(b, want_us ? SOON_MS : LOOK_MS));
        device_list_done(seen);
        return NULL;
}

int broker_start(struct collector *c, const char *folder, struct broker **ret, struct err *reterr)
{
        if (make_folder(folder, reterr) < 0)
                return -1;
        struct broker *b = or_abort(calloc(1, sizeof *b));
        b->c = c;
        b->folder = folder;
        pthread_mutex_init(&b->lock, NULL);
        pthread_cond_init(&b->wake, NULL);
        if (pthread_create(&b->thread, NULL, run, b) != 0)
                or_abort(NULL);
        pthread_setname_np(b->thread, "broker");
        *ret = b;
        return 0;
}

void broker_stop(struct broker *b)
{
        if (!b)
                return;
        pthread_mutex_lock(&b->lock);
        b->stop = true;
        pthread_cond_signal(&b->wake);
        pthread_mutex_unlock(&b->lock);
        pthread_join(b->thread, NULL);
        pthread_cond_destroy(&b->wake);
        pthread_mutex_destroy(&b->lock);
        free(b);
}
