/* script.h - the operator's script, run on events: option -e
 *
 * One call at a time and in order, never waited for. Calls for routes that wait are limited in
 * number, and a call in time.
 */
#ifndef SMCKIT_SCRIPT_H
#define SMCKIT_SCRIPT_H

#include "linux/linux.h"
#include "linux/priv.h"

/* Calls for routes that wait at most; more are counted and left out. */
#define SCRIPT_QUEUE 1000

/* ms that a call may take, and the last one when the daemon ends. */
#define SCRIPT_TIME SEC(10)
#define SCRIPT_LAST_TIME SEC(5)

/* Whether the file can be such a script. NULL, or why not. */
const char *script_check(const char *path);

/* A script that runs as @user, whom this process is by now; both must outlive it. */
struct script *script_open(struct linux_kern *k, const char *path, const struct priv *user);

/* As in kern_ops. */
void script_hook(struct script *s, const struct hook *hook);

/* A call with that argument waits its turn, unless one does already. */
void script_say(struct script *s, const char *what);

/* Starts the next call if none runs. All calls from here on take NULL: there is no script. */
void script_work(struct script *s);

/* A child may have ended (SIGCHLD, which must be blocked). */
void script_reap(struct script *s);

/* Calls that wait and one that runs are given up, the last one is made with @what unless NULL. */
void script_close(struct script *s, const char *what);

/* Calls that wait. */
unsigned script_waiting(const struct script *s);

#endif
