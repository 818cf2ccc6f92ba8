#include "app/doors_of.h"

#include <string.h>

bool door_wanted(const struct settings *s, const char *door, struct settings_door *ret)
{
        *ret = (struct settings_door){ .listen = "", .url = "", .user = "", .secret_file = "", .ca = "", .cert = "", .key = "", .client = "", .group = "" };
        if (strcmp(door, "hj212") == 0) {
                ret->listen = s->hj212;
                return *s->hj212;
        }
        ret->allow = s->modbus_allow.v;
        ret->n_allow = s->modbus_allow.n;
        if (strcmp(door, "modbus") == 0)
                return s->modbus;
        if (strcmp(door, "mqtt") != 0 || !*s->mqtt)
                return false;
        *ret = (struct settings_door){ .listen = "", .url = s->mqtt, .user = s->mqtt_user, .secret_file = s->mqtt_password_file, .ca = s->mqtt_ca, .cert = s->mqtt_cert,
                                       .key = s->mqtt_key, .client = s->mqtt_client, .group = s->mqtt_group, .sparkplug = s->mqtt_sparkplug };
        return true;
}

bool doors_any(const struct settings *s)
{
        return *s->hj212 || *s->mqtt || s->modbus;
}
