/* dump.h - the state in a file, as the client prints it */
#ifndef SMCKIT_DUMP_H
#define SMCKIT_DUMP_H

#include "linux/priv.h"

/* What is asked for, and where what the client prints of it goes. */
struct dump {
	const char *file;     /* its folder is made if it is not there */
	const char *commands; /* of the client, a line each; few enough for a pipe */
};

#define DUMP_CLIENT "smcroutectl"

/* A pipe from which the commands can be read, or -1. */
int dump_input(const char *commands);

/* Has the client write the file, which is another one each time. NULL, or why not. */
const char *dump_write(const struct dump *dump, const char *socket, const struct priv *user);

#endif
