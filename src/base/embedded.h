#ifndef SUYUAN_BASE_EMBEDDED_H
#define SUYUAN_BASE_EMBEDDED_H

#include <stddef.h>

/* A file that travels inside the binary (tools/embed).  A list ends with a name of NULL. */
struct embedded_file {
        const char *name;
        const unsigned char *p;
        size_t n;
};

#endif
