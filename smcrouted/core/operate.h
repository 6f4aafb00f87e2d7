/* operate.h - what operators turn and read: the log's levels, counters, what was learned */
#ifndef SMCKIT_OPERATE_H
#define SMCKIT_OPERATE_H

#include "core/core.h"

/* As struct command's run and show; the engines are not looked at. */
int run_log(struct reader *reader, struct engines engines);
bool show_log(struct show *s, struct engines engines);
bool show_events(struct show *s, struct engines engines);
bool show_counters(struct show *s, struct engines engines);
int run_clear(struct reader *reader, struct engines engines);

#endif
