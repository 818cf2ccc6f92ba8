/* A plugin of mosquitto 2.0, loaded into the broker: says in its log who tries to enter, and who writes a topic that is not his.  It decides nothing, the files of passwords and
 * rights do; by itself mosquitto tells of a refused message only in its debugging log, and never the name of who was turned away.  The collecting process reads the log
 * (mqtt_message.c):  "suyuan: tries NAME ADDRESS", "suyuan: foreign-topic NAME ADDRESS TOPIC". */
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <mosquitto.h>

#include "base/spread.h"

enum { VERSION = 5, NAME_BYTES = 64, TOPIC_BYTES = 200, PLACES = 256 };

int mosquitto_plugin_version(int n, const int *versions);
int mosquitto_plugin_init(mosquitto_plugin_id_t *id, void **ret, struct mosquitto_opt *options, int n);
int mosquitto_plugin_cleanup(void *ctx, struct mosquitto_opt *options, int n);

/* When something was last told of a name; few share a place, and then the rarer one is told of later. */
static time_t told[PLACES];

static bool plain(const char *name)
{
        size_t n = name ? strlen(name) : 0;
        return n > 0 && n <= NAME_BYTES && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static const char *address_of(const struct mosquitto *client)
{
        const char *s = mosquitto_client_address(client);
        return s && *s && !strpbrk(s, " \n") ? s : "-";
}

/* Once a second and name: a flood of them must not flood the log. */
static bool is_due(const char *name)
{
        time_t now = time(NULL), *last = &told[spread_in(spread(str_of(name)), PLACES)];
        if (*last == now)
                return false;
        *last = now;
        return true;
}

/* What follows so many levels; NULL: there are not so many. */
static const char *below(const char *topic, int levels)
{
        for (; levels && topic; levels--) {
                topic = strchr(topic, '/');
                topic += topic ? 1 : 0;
        }
        return topic;
}

/* The rights as broker.c writes them into the file. */
static bool is_own(const char *topic, const char *name)
{
        size_t n = strlen(name);
        if (strncmp(topic, "suyuan/", 7) == 0) {
                const char *rest = topic + 7;
                if (strncmp(rest, name, n) != 0 || strncmp(rest + n, "/readings", 9) != 0)
                        return false;
                rest += n + 9;
                return !*rest || (*rest == '/' && !strchr(rest + 1, '/'));
        }
        const char *node = strncmp(topic, "spBv1.0/", 8) == 0 ? below(topic, 3) : NULL, *device = node ? below(node, 1) : NULL;
        return node && (device ? strcmp(device, name) == 0 : strcmp(node, name) == 0);
}

static int writes(int event, void *data, void *ctx)
{
        const struct mosquitto_evt_acl_check *e = data;
        (void)event;
        (void)ctx;
        if (e->access != MOSQ_ACL_WRITE)
                return MOSQ_ERR_PLUGIN_DEFER;
        const char *name = mosquitto_client_username(e->client);
        if (plain(name) && !is_own(e->topic, name) && is_due(name))
                mosquitto_log_printf(MOSQ_LOG_NOTICE, "suyuan: foreign-topic %s %s %.*s", name, address_of(e->client), TOPIC_BYTES, e->topic);
        return MOSQ_ERR_PLUGIN_DEFER;
}

static int enters(int event, void *data, void *ctx)
{
        const struct mosquitto_evt_basic_auth *e = data;
        (void)event;
        (void)ctx;
        if (plain(e->username))
                mosquitto_log_printf(MOSQ_LOG_NOTICE, "suyuan: tries %s %s", e->username, address_of(e->client));
        return MOSQ_ERR_PLUGIN_DEFER;
}

int mosquitto_plugin_version(int n, const int *versions)
{
        for (int i = 0; i < n; i++)
                if (versions[i] == VERSION)
                        return VERSION;
        return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *id, void **ret, struct mosquitto_opt *options, int n)
{
        (void)ret;
        (void)options;
        (void)n;
        int rc = mosquitto_callback_register(id, MOSQ_EVT_BASIC_AUTH, enters, NULL, NULL);
        return rc ? rc : mosquitto_callback_register(id, MOSQ_EVT_ACL_CHECK, writes, NULL, NULL);
}

int mosquitto_plugin_cleanup(void *ctx, struct mosquitto_opt *options, int n)
{
        (void)ctx;
        (void)options;
        (void)n;
        return 0;
}
