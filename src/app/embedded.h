#ifndef SUYUAN_APP_EMBEDDED_H
#define SUYUAN_APP_EMBEDDED_H

#include <stddef.h>

/* Files that travel inside the binary (tools/embed). */
struct embedded_file {
        const char *name;
        const unsigned char *p;
        size_t n;
};

extern const struct embedded_file demo_files[];         /* demo/: stories/, photos/, district.jsonld, front.json */
extern const size_t demo_files_n;

#endif
