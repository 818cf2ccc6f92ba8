/* Any bytes: the type that is told depends on the first BLOB_SNIFF_BYTES alone, and is one of those that are taken. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        size_t n = size < BLOB_SNIFF_BYTES ? size : BLOB_SNIFF_BYTES;
        uint8_t *head = malloc(n + 1);  /* a copy of its own: a byte too far is seen */
        assert(head);
        if (n)
                memcpy(head, data, n);
        uint8_t *exact = realloc(head, n ? n : 1);
        assert(exact);
        const char *type = blob_sniff(exact, n), *of_all = blob_sniff(data, size);
        assert(type == of_all || (type && of_all && strcmp(type, of_all) == 0));
        assert(!type || strncmp(type, "image/", 6) == 0 || strncmp(type, "audio/", 6) == 0 || strncmp(type, "video/", 6) == 0 || strcmp(type, "application/pdf") == 0);
        free(exact);
        return 0;
}
