/* show.h - the core's own tables */
#ifndef SMCKIT_SHOW_H
#define SMCKIT_SHOW_H

#include "core/core.h"

/* As struct command's show; the engines are not looked at. */
bool show_routes(struct show *s, struct engines engines);
bool show_interfaces(struct show *s, struct engines engines);
bool show_config(struct show *s, struct engines engines);
bool show_modules(struct show *s, struct engines engines);
bool show_errors(struct show *s, struct engines engines);
bool show_version(struct show *s, struct engines engines);
bool show_help(struct show *s, struct engines engines);

#endif
