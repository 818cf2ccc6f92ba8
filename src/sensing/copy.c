#include "sensing/sensing_impl.h"

int copy_start(struct sensing *g, const char *url, struct err *reterr)
{
        (void)g;
        (void)url;
        return err_set(reterr, ERR_NOT_BUILT, "copies of readings are not made yet");
}

void copy_stop(struct sensing *g)
{
        (void)g;
}
