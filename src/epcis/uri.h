#ifndef SUYUAN_EPCIS_URI_H
#define SUYUAN_EPCIS_URI_H

#include <stdbool.h>

#include "base/str.h"

/* A URI with a scheme (RFC 3986 §3), which is what the EPCIS schema's `format: uri` asks for.  A CURIE like
 * ex:thing is one too; a word, a relative path or anything with blanks or non-ASCII characters is not. */
bool uri_valid(struct str s);

#endif
