#ifndef SUYUAN_APP_COMMAND_H
#define SUYUAN_APP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/lang.h"
#include "base/str.h"

/* A subcommand is one file, cmd_<name>.c, and one line in commands.def. */

struct option_list { const char **v; size_t n; };

/* Every option of options.def, after flag, environment, file and default have been laid over each other. */
struct settings {
#define TEXT const char *
#define LIST struct option_list
#define NUMBER int64_t
#define SWITCH bool
#define OPTION(field, flag, kind, def, commands, metavar, help) kind field;
#include "app/options.def"
#undef OPTION
#undef TEXT
#undef LIST
#undef NUMBER
#undef SWITCH
};

enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct command {
        const char *name;
        const char *operands;   /* "FILE…", "ITEM", "" */
        const char *about;      /* one line */
        const char *help;       /* the rest of `suyuan help NAME`: what it does, an example */
        int min_operands, max_operands; /* -1: any number */
        /* Returns an exit code; on EXIT_REFUSED and EXIT_USAGE with `reterr` set, main prints it. */
        int (*run)(const struct settings *s, char **operands, int n, struct err *reterr);
};

#define COMMAND(name) extern const struct command command_##name;
#include "app/commands.def"
#undef COMMAND

#endif
