#ifndef SUYUAN_APP_EMBEDDED_H
#define SUYUAN_APP_EMBEDDED_H

#include "base/embedded.h"

extern const struct embedded_file demo_files[];         /* demo/: stories/, photos/, district.jsonld, front.json */
extern const size_t demo_files_n;

#endif
