/* help.h - help and version: what the client says even if no daemon runs */
#ifndef SMCKIT_HELP_H
#define SMCKIT_HELP_H

struct options;

/* All that the client can do, as tables are printed. */
void help_print(const struct options *options);

int run_help(const struct options *options, int argc, char **argv);
int run_version(const struct options *options, int argc, char **argv);

#endif
