#ifndef SUYUAN_APP_OPTIONS_H
#define SUYUAN_APP_OPTIONS_H

#include <stdio.h>

#include "app/command.h"
#include "base/arena.h"

/* Lays over each other: the defaults of options.def, the configuration file, the environment, the flags in
 * `argv` (without the command's name).  What is no option is an operand, kept in order in `ret_operands` (argv's
 * own strings).  What comes from the file lives in `a`.  ERR_BAD_INPUT says which word is wrong and what was probably meant. */
int options_read(struct arena *a, const struct command *c, int argc, char **argv, struct settings *ret,
                 char **ret_operands, int *ret_n, struct err *reterr);

/* The options a command takes, one a line, for `suyuan help NAME`. */
void options_print(const struct command *c, FILE *out);

#endif
