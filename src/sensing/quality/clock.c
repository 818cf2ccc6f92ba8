#include "sensing/quality/quality_impl.h"

/* A moment that has not come yet.  The past proves nothing: it may be a replay after an outage. */
void look_clock(const struct look *k)
{
        bool ahead = k->t_ms > k->received_ms + AHEAD_MS;
        struct evidence e = { .say = SAY_CLOCK_AHEAD, .value = (double)(k->t_ms - k->received_ms) / 60000, .limit = 5, .from_ms = k->t_ms, .to_ms = k->received_ms };
        quality_stand(k, CHECK_clock, &k->channel->standing[CHECK_clock], ahead ? WRONG : FINE, 1, 3, &e);
}
