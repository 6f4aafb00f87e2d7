/* batch.h - many commands over one connection, from a file or from standard input */
#ifndef SMCKIT_BATCH_H
#define SMCKIT_BATCH_H

#include "client.h"

/*
 * Executes the lines that @fd gives, each as soon as it is there. Ends at the first error unless
 * the options say to go on; what stands behind it in the file is not executed then. Returns the
 * exit status; errors are on stderr.
 */
int batch_run(struct client *c, int fd);

#endif
