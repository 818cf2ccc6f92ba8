#include <stdio.h>

#include "app/command.h"
#include "app/handover.h"
#include "ingest/broker.h"

/* The list is the server's: whether it runs on SQLite or elsewhere, it alone says who the devices are. */
static int make(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct str answer;
        int status;
        if (handover_ask(a, s->data, "GET", "/api/collect/devices", "application/json", STR_NONE, &status, &answer, reterr) < 0)
                return err_set(reterr, ERR_STORE, "先启动 suyuan serve --data %.200s / start `suyuan serve` on this data directory first: it alone knows the devices", s->data);
        if (status != 200)
                return err_set(reterr, ERR_STORE, "the server does not tell its devices (%d)", status);
        return broker_make(s->output, s->mqtt_listen, answer, reterr);
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        if (!*s->output) {
                err_set(reterr, ERR_BAD_INPUT, "--output FOLDER says where the broker's files go");
                return EXIT_USAGE;
        }
        struct arena *a = arena_new();
        int rc = make(s, a, reterr);
        arena_free(a);
        if (rc < 0)
                return reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
        printf("mosquitto -c %s/mosquitto.conf\n", s->output);
        return EXIT_OK;
}

const struct command command_broker = {
        .name = "broker",
        .operands = "",
        .about = "写出 mosquitto 的配置、口令与权限文件 / write mosquitto's configuration, passwords and rights of the devices",
        .help = "Asks the server that is running on --data for its devices and prints how to start the broker.  Each device of protocol mqtt enters with its own secret and\n"
                "may write suyuan/ID/readings alone; what the collecting process enters with is in FOLDER/collector-password:\n"
                "  suyuan serve --data DIR --broker FOLDER --mqtt mqtt://127.0.0.1:1883 --mqtt-user suyuan-collect --mqtt-password-file FOLDER/collector-password\n"
                "  suyuan broker --data DIR -o FOLDER && mosquitto -c FOLDER/mosquitto.conf",
        .run = run,
};
