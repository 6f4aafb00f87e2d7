/* complete.h - smcroutectl complete: what may stand next on the command line, for shells */
#ifndef SMCKIT_COMPLETE_H
#define SMCKIT_COMPLETE_H

#include "table.h"

/*
 * The words of a command line behind the program's name, of which the last is to be completed:
 * prints what it may become, a line each. It may be "@files".
 */
int run_complete(const struct options *options, int argc, char **argv);

#endif
