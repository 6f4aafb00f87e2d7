/* state_fuzz.c - what the process before left: as a file, and as a text that is taken over
 *
 * The input is the whole file; then it is written as the text, and a router starts with it.
 */
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "linux/bridge.h"
#include "linux/join.h"
#include "linux/state.h"
#include "linux/store.h"
#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

static void read_file(const uint8_t *data, size_t len)
{
	int fd = state_new();
	size_t n;
	char *text;

	MUST(fd >= 0 && pwrite(fd, data, len, 0) == (ssize_t)len);
	text = state_read(fd, &n);
	MUST(!text || (n && n < len && !text[n]));
	free(text);
	close(fd);
}

/* The descriptor with the text on it, as it is passed on. */
static struct passed pass_text(const uint8_t *data, size_t len)
{
	int fd = state_new();
	struct passed passed = { .n = 1 };
	char *text;
	size_t n;

	MUST(fd >= 0 && !state_write(fd, (const char *)data, len));
	text = state_read(fd, &n);
	MUST(!text == !len && (!text || (n == len && !memcmp(text, data, len))));
	free(text);
	passed.fd = xcalloc(1, sizeof(*passed.fd));
	passed.fd[0] = (struct passed_fd){ "state", fd };
	return passed;
}

static void take_over(const uint8_t *data, size_t len)
{
	struct passed passed = pass_text(data, len);
	struct ready manager = { .fd = -1 };
	struct linux_kern k = { 0 };
	struct bed b = { 0 };

	bed_begin(&b, modules, "mroute from eth0 group 225.1.2.3 to eth1\n");
	clock_init(&k.clock, 1000);
	k.router = b.r;
	k.log = log_area(&b.log, "store");
	k.bridges = bridges_new(&k);
	k.joins = joins_new(&k);
	k.store = store_new(&k, &manager, &passed);
	store_inherit(k.store);
	router_start(b.r);
	bed_work(&b);
	store_started(k.store);
	bed_work(&b);
	store_leave(k.store, true);
	store_free(k.store);
	joins_free(k.joins);
	bridges_free(k.bridges);
	bed_end(&b);
	clock_free(&k.clock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	read_file(data, len);
	take_over(data, len);
	return 0;
}
