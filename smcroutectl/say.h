/* say.h - the client's words on standard error, and that its standard streams are what they seem */
#ifndef SMCKIT_SAY_H
#define SMCKIT_SAY_H

#include "lib/util.h"

/* "smcroutectl: " and a line, in which what would control a terminal is replaced by '?'. */
void say(const char *fmt, ...) PRINTF(1, 2);

/* The same without the name, for lines of a batch. */
void say_line(unsigned line, const char *text);

/*
 * What the starter has closed must not become our socket: reading and writing there fails, as it
 * would have.
 */
void open_standard_streams(void);

/* Writes out what was printed by stdio; @status, or another one if that failed. */
int flush_standard_output(int status);

#endif
