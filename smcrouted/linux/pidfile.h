/* pidfile.h - the file that tells others our process id, and by its time when we were ready */
#ifndef SMCKIT_PIDFILE_H
#define SMCKIT_PIDFILE_H

#include <stdbool.h>

/* Whether the file holds this process's id. */
bool pidfile_is_ours(const char *path);

/* Writes it, or renews its time if it is ours already. 0, or -1 with errno set. */
int pidfile_write(const char *path);

/* Removes it if it is ours; where only root may, it is emptied. */
void pidfile_remove(const char *path);

#endif
