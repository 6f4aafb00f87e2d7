/* control.h - the clients' UNIX stream socket
 *
 * Root and the user that the daemon runs as may change things; the group that it runs as may
 * look, unless that is root's.
 */
#ifndef SMCKIT_CONTROL_H
#define SMCKIT_CONTROL_H

#include <sys/types.h>

#include "linux/linux.h"

/* Clients that are served at the same time; another one is told so. */
#define MAXCLIENTS 64

/*
 * Binds the socket at @path for a daemon that will run as @uid and @gid. What a dead daemon left
 * there is replaced. NULL, logged and with errno set: EADDRINUSE if another daemon answers there.
 */
struct control *control_open(struct linux_kern *k, const char *path, uid_t uid, gid_t gid);

/* The same with the listening socket of the process before; NULL if it is not the one of @path. */
struct control *control_adopt(struct linux_kern *k, const char *path, int fd);

/* Serves clients from now on; k->router must be there. */
void control_serve(struct control *c);

/*
 * Sends what sessions have written; to be called after router_work(), whose answer @more is.
 * True if router_work() is to be called again because there is room now.
 */
bool control_flush(struct control *c, bool more);

/* Drops all clients, closes the socket and removes it if it is still ours. */
void control_close(struct control *c);

/* The listening socket, passed on over a restart. */
int control_fd(const struct control *c);

/*
 * This process is about to leave its clients: they are sent what they can take of what waits for
 * them. The connection of the client @asker, which has been sent all; -1 if there is none, or with
 * *why set if it does not read.
 */
int control_part(struct control *c, const struct session *asker, const char **why);

/* Takes the connection over from the process before: control_answer() answers it. */
void control_asked(struct control *c, int fd);
void control_answer(struct control *c);

#endif
