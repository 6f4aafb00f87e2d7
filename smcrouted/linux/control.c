/* control.c - the clients' UNIX stream socket
 *
 * A client that does not read its replies is not read from, and nobody waits for it. What the
 * requests mean is the core's: here are bytes only.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <libite/queue.h>

#include "linux/control.h"
#include "linux/store.h"

/* Requests of a client are read while less than this waits to be sent to it. */
#define OUTPUT_MAX (256 * 1024)

/* Read at once; some hundred requests, so that upcalls do not wait for more. */
#define INPUT_MAX 8192

/* For a client that is to be dropped to read what was sent to it, and for one being answered. */
#define PATIENCE SEC(5)
#define ASKER_PATIENCE 500

/* Until connections are accepted again after there was no descriptor left for one. */
#define ACCEPT_PAUSE SEC(1)

struct client {
	TAILQ_ENTRY(client) link;
	struct control *control; /* not ours */
	struct session *session;
	struct loop_fd watch;
	struct timer patience;
	bool may_change;
	bool eof; /* it sends nothing more, but may still read */
};

struct control {
	struct linux_kern *k; /* not ours */
	int fd;
	struct loop_fd watch;
	struct timer pause;
	struct log_limit limit;

	/* The socket in the file system as it was bound, to be removed only if it is the same. */
	struct sockaddr_un address;
	dev_t dev;
	ino_t ino;

	TAILQ_HEAD(clients, client) clients;
	unsigned nclients;
	int asked; /* connection of a client that waits for the restart, or -1 */
};

static int set_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return 0;
}

/* Whether a daemon answers; else what is left of a former one is removed. -1 with errno set. */
static int make_room(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;
	struct stat st;

	if (fd < 0)
		return -1;
	error = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? errno : 0;
	close(fd);

	if (error == ENOENT)
		return 0;
	if (!error || error == EAGAIN) {
		errno = EADDRINUSE;
		return -1;
	}
	if (error != ECONNREFUSED) {
		errno = error;
		return -1;
	}
	/* Refused are also connections to what is no socket at all. */
	if (!lstat(address->sun_path, &st) && !S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	return unlink(address->sun_path) && errno != ENOENT ? -1 : 0;
}

/* One daemon at a time makes room and binds: a lock on the folder, if it can be had. */
static int lock_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(copy);
	if (fd >= 0)
		flock(fd, LOCK_EX | LOCK_NB);
	return fd;
}

static int bind_socket(int fd, const struct sockaddr_un *address, uid_t uid, gid_t gid)
{
	int lock = lock_folder(address->sun_path);
	mode_t mask;
	int bad = make_room(address);
	int error;

	if (!bad) {
		mask = umask(0177);
		bad = bind(fd, (const struct sockaddr *)address, sizeof(*address));
		umask(mask);
	}
	if (!bad)
		bad = (uid != geteuid() || gid != getegid()) && lchown(address->sun_path, uid, gid);
	if (!bad)
		bad = chmod(address->sun_path, gid ? 0775 : 0755) || listen(fd, SOMAXCONN);
	error = errno;
	if (lock >= 0)
		close(lock);
	errno = error;
	return bad ? -1 : 0;
}

static void pause_over(struct timer *timer)
{
	struct control *c = container_of(timer, struct control, pause);

	loop_change(&c->k->loop, &c->watch, EPOLLIN);
}

static struct control *control_new(struct linux_kern *k, const struct sockaddr_un *address, int fd)
{
	struct control *c = xcalloc(1, sizeof(*c));
	struct stat st;

	c->k = k;
	c->fd = fd;
	c->watch.fd = -1;
	c->address = *address;
	c->asked = -1;
	timer_init(&c->pause, pause_over);
	TAILQ_INIT(&c->clients);
	if (!lstat(address->sun_path, &st)) {
		c->dev = st.st_dev;
		c->ino = st.st_ino;
	}
	return c;
}

struct control *control_open(struct linux_kern *k, const char *path, uid_t uid, gid_t gid)
{
	struct sockaddr_un address;
	int fd = -1, error;

	if (!set_address(&address, path)) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd >= 0 && !bind_socket(fd, &address, uid, gid))
			return control_new(k, &address, fd);
	}
	error = errno;
	if (error == EADDRINUSE)
		log_err(k->log, "another smcrouted answers on %s", path);
	else
		log_err(k->log, "%s: cannot listen: %s", path, reason(error));
	if (fd >= 0)
		close(fd);
	errno = error;
	return NULL;
}

struct control *control_adopt(struct linux_kern *k, const char *path, int fd)
{
	struct sockaddr_un address = { 0 }, wanted;
	socklen_t len = sizeof(address) - 1, size = sizeof(int);
	struct stat st;
	int listening = 0;

	if (getsockname(fd, (struct sockaddr *)&address, &len) || set_address(&wanted, path) ||
	    address.sun_family != AF_UNIX || strcmp(address.sun_path, wanted.sun_path) ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) || !listening ||
	    lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return NULL;
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	return control_new(k, &wanted, fd);
}

static void client_close(struct client *client)
{
	struct control *c = client->control;
	int fd = client->watch.fd;

	loop_unwatch(&c->k->loop, &client->watch);
	close(fd);
	timer_stop(&c->k->clock, &client->patience);
	session_close(client->session);
	TAILQ_REMOVE(&c->clients, client, link);
	c->nclients--;
	free(client);
}

static void out_of_patience(struct timer *timer)
{
	struct client *client = container_of(timer, struct client, patience);

	count(&client->control->k->counts, COUNT_CLIENT_DROPPED);
	client_close(client);
}

static void client_update(struct client *client)
{
	size_t waiting = buf_len(session_output(client->session));
	uint32_t events = waiting ? EPOLLOUT : 0;

	if (!client->eof && waiting < OUTPUT_MAX && !session_is_over(client->session) &&
	    !session_is_busy(client->session))
		events |= EPOLLIN;
	loop_change(&client->control->k->loop, &client->watch, events);
}

/* Reads once. False if the connection is broken. */
static bool client_read(struct client *client)
{
	struct control *c = client->control;
	char data[INPUT_MAX];
	ssize_t n = recv(client->watch.fd, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!n) {
		client->eof = true;
		client_update(client);
		return true;
	}
	session_input(client->session, data, n);
	if (client->may_change)
		store_changed(c->k->store);
	return true;
}

/*
 * Output is control_flush()'s, after every turn. EPOLLHUP says that the client reads no more: the
 * requests that it sent before it went are still done.
 */
static void client_ready(struct loop_fd *w, uint32_t events)
{
	struct client *client = container_of(w, struct client, watch);
	bool gone = events & (EPOLLHUP | EPOLLERR);

	if (!(events & EPOLLIN) || client->eof) {
		if (gone)
			client_close(client);
		return;
	}
	if (!client_read(client) || (gone && client->eof))
		client_close(client);
}

/*
 * Sends what is there. False if the connection is broken, but to a client that reads no more it is
 * all the same: the loop tells when it is gone.
 */
static bool client_send(struct client *client, bool *wrote)
{
	struct buf *out = session_output(client->session);
	ssize_t n;

	if (!buf_len(out))
		return true;
	n = send(client->watch.fd, buf_at(out), buf_len(out), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno == EPIPE)
		n = buf_len(out);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_take(out, n);
	*wrote = true;
	return true;
}

/* Whether the client is done with, after its output was sent as far as it went. */
static bool client_is_done(struct client *client, bool idle)
{
	bool waiting = buf_len(session_output(client->session));

	if (!session_is_over(client->session))
		return client->eof && idle && !waiting;
	if (waiting && !timer_is_running(&client->patience))
		timer_start(&client->control->k->clock, &client->patience, PATIENCE);
	return !waiting;
}

bool control_flush(struct control *c, bool more)
{
	struct client *client, *next;
	bool any = false;

	TAILQ_FOREACH_SAFE(client, &c->clients, link, next) {
		bool wrote = false;

		if (!client_send(client, &wrote) || client_is_done(client, !more && !wrote)) {
			client_close(client);
			continue;
		}
		client_update(client);
		any |= wrote;
	}
	return any;
}

/* The kernel's word for who connected. */
static bool peer_may(int fd, bool *change)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	gid_t group[256];
	socklen_t size = sizeof(group);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	*change = !peer.uid || peer.uid == geteuid();
	if (*change)
		return true;
	if (!getegid())
		return false;
	if (peer.gid == getegid())
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, group, &size))
		return false;
	for (unsigned i = 0; i < size / sizeof(*group); i++) {
		if (group[i] == getegid())
			return true;
	}
	return false;
}

static void refuse(int fd, const char *why)
{
	struct buf text = { 0 };
	struct record r = record_begin(&text);

	record_str(&r, "error", why);
	record_int(&r, "column", 0);
	record_end(&r);
	send(fd, buf_at(&text), buf_len(&text), MSG_DONTWAIT | MSG_NOSIGNAL);
	buf_free(&text);
	close(fd);
}

static void client_new(struct control *c, int fd)
{
	struct client *client;
	bool change;

	if (!peer_may(fd, &change)) {
		count(&c->k->counts, COUNT_CLIENT_DENIED);
		refuse(fd, "permission denied");
		return;
	}
	if (c->nclients == MAXCLIENTS) {
		count(&c->k->counts, COUNT_CLIENT_TOO_MANY);
		log_limited(c->k->log, &c->limit, &c->k->clock, LEVEL_WARNING,
			    "control: a client was refused, %u are connected", c->nclients);
		refuse(fd, "too many clients are connected");
		return;
	}
	client = xcalloc(1, sizeof(*client));
	client->control = c;
	timer_init(&client->patience, out_of_patience);
	if (loop_watch(&c->k->loop, &client->watch, fd, EPOLLIN, false, client_ready)) {
		count(&c->k->counts, COUNT_CLIENT_NO_RESOURCES);
		free(client);
		refuse(fd, "out of resources");
		return;
	}
	count(&c->k->counts, COUNT_CLIENT_ACCEPTED);
	client->may_change = change;
	client->session = session_open(c->k->router, change);
	TAILQ_INSERT_TAIL(&c->clients, client, link);
	c->nclients++;
}

static void accept_ready(struct loop_fd *w, uint32_t events)
{
	struct control *c = container_of(w, struct control, watch);
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0) {
		client_new(c, fd);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	count(&c->k->counts, COUNT_CLIENT_NO_RESOURCES);
	log_limited(c->k->log, &c->limit, &c->k->clock, LEVEL_WARNING,
		    "control: cannot accept a client: %s", reason(errno));
	loop_change(&c->k->loop, w, 0);
	timer_start(&c->k->clock, &c->pause, ACCEPT_PAUSE);
}

void control_serve(struct control *c)
{
	if (loop_watch(&c->k->loop, &c->watch, c->fd, EPOLLIN, false, accept_ready))
		log_err(c->k->log, "control: cannot serve clients: %s", reason(errno));
}

int control_fd(const struct control *c)
{
	return c->fd;
}

/* Waits for a client to take all that waits for it; false if it does not. */
static bool client_drain(struct client *client)
{
	bool wrote;

	while (buf_len(session_output(client->session))) {
		struct pollfd p = { .fd = client->watch.fd, .events = POLLOUT };

		if (poll(&p, 1, ASKER_PATIENCE) != 1 || !client_send(client, &wrote))
			return false;
	}
	return true;
}

int control_part(struct control *c, const struct session *asker, const char **why)
{
	struct client *client;
	bool wrote;
	int fd = -1;

	TAILQ_FOREACH(client, &c->clients, link) {
		if (client->session != asker) {
			client_send(client, &wrote);
			continue;
		}
		if (!client_drain(client)) {
			*why = "the replies to earlier requests are not being read";
			return -1;
		}
		fd = client->watch.fd;
	}
	return fd;
}

void control_asked(struct control *c, int fd)
{
	c->asked = fd;
}

void control_answer(struct control *c)
{
	static const char ok[] = "{\"ok\":true}\n";

	if (c->asked < 0)
		return;
	send(c->asked, ok, sizeof(ok) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(c->asked);
	c->asked = -1;
}

void control_close(struct control *c)
{
	struct client *client;
	struct stat st;

	while ((client = TAILQ_FIRST(&c->clients)))
		client_close(client);
	loop_unwatch(&c->k->loop, &c->watch);
	timer_stop(&c->k->clock, &c->pause);
	if (c->asked >= 0)
		close(c->asked);
	if (!lstat(c->address.sun_path, &st) && st.st_dev == c->dev && st.st_ino == c->ino)
		unlink(c->address.sun_path);
	close(c->fd);
	free(c);
}
