/* files.h - reading files by pattern */
#ifndef SMCKIT_FILES_H
#define SMCKIT_FILES_H

#include "core/kern.h"

/* As kern_ops.read, whichever kernel side: the pattern is glob(3)'s. */
const char *files_read(struct kern *k, const char *pattern,
		       void (*file)(void *arg, const char *name, struct buf *text), void *arg);

#endif
