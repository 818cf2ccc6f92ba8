#include "ingest/fuzz_decode.h"

extern const struct decoder decoder_senml;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        return fuzz_decode(&decoder_senml, data, size);
}
