/* help.h - help and version: what the client says even if no daemon runs */
#ifndef SMCKIT_HELP_H
#define SMCKIT_HELP_H

/* Of a daemon that runs without -i */
#define IDENT "smcroute"

struct options;

struct option_row {
	char letter;
	const char *arg, *help;
};

/* What getopt() takes in main.c; ends with an empty row. */
extern const struct option_row option_rows[];

/* The row of that letter, or NULL. */
const struct option_row *option_row(char letter);

/* All that the client can do, as tables are printed; the exit status. */
int help_print(const struct options *options);

int run_help(const struct options *options, int argc, char **argv);
int run_version(const struct options *options, int argc, char **argv);

#endif
