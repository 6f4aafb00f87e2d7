/* kernel_steps.c - carries out files of steps on the model or on the real kernel
 *
 * usage: kernel_steps [model | real] [-4 | -6] [FILE]...
 *        kernel_steps random [-4 | -6] SEED...
 *
 * Without files, all of test/sim/kernel on the model. Each file is run once a family; its
 * expectations must hold on both kernels, so the model does what the kernel does. The language is
 * described in test/sim/kernel/README. "random" makes up steps and compares the two directly.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/words.h"
#include "sim/steps.h"

#define PACKET_LEN 100
#define MAXPACKETS 4096

/* A run of one file in one family. */
struct run {
	struct backend *(*open)(enum af af, unsigned ndevices);
	struct backend *b; /* NULL until the first step that needs it */
	enum af af;
	struct words words;
	unsigned ndevices;
	char name[MAXDEVICES + 1][16];
	uint64_t first, last;	 /* packets of the last packet step */
	uint8_t ttl[MAXPACKETS]; /* with which each was sent, by number */
	struct steps_out *out;	 /* what came out and was not expected yet */
	unsigned nout;
	bool has_news;
	char reason[160]; /* for the last step's refusal */
};

static struct backend *backend(struct run *run)
{
	if (!run->b)
		run->b = run->open(run->af, run->ndevices);
	return run->b;
}

/* Words to values; errors go to the words. */

static int read_device(struct run *run, const char *word, unsigned *dev)
{
	for (*dev = 0; word && *dev <= STEPS_TUN; ++*dev) {
		if ((*dev < run->ndevices || *dev == STEPS_TUN) && !strcmp(run->name[*dev], word))
			return 0;
	}
	return words_error(&run->words, "no such device: %s", word ? word : "");
}

static int read_address(struct run *run, struct ip *ip)
{
	const char *w = words_next(&run->words);
	static const struct {
		char kind;
		const char *v4, *v6;
	} kinds[] = {
		{ 's', "10.1.0.%u", "fd01::%u" },    /* sources */
		{ 'l', "169.254.0.%u", "fe80::%u" }, /* of the link only */
		{ 'g', "239.1.1.%u", "ff15::%u" },   /* groups */
		{ 'n', "224.0.0.%u", "ff02::9:%u" }, /* never forwarded */
		{ 'm', "239.1.2.%u", "ff13::%u" },   /* more groups: realm-local */
		{ 'u', "10.2.0.%u", "fd02::%u" },    /* no groups */
		{ 'a', "10.3.0.%u", "fd03::%u" },    /* of devices */
	};

	if (w && !strcmp(w, "*")) {
		*ip = ip_any(run->af);
		return 0;
	}
	for (unsigned i = 0; w && i < NELEMS(kinds); i++) {
		char text[IP_STRLEN];
		unsigned n;

		if (*w != kinds[i].kind)
			continue;
		n = strtoul(w + 1, NULL, 10);
		if (run->af == V4)
			snprintf(text, sizeof(text), kinds[i].v4, n);
		else
			snprintf(text, sizeof(text), kinds[i].v6, n);
		if (ip_parse(text, ip))
			return 0;
	}
	return words_error(&run->words, "not an address: %s", w ? w : "");
}

static int read_sg(struct run *run, struct sg *sg)
{
	return read_address(run, &sg->src) || read_address(run, &sg->grp) ? -1 : 0;
}

/* The reason that is to come: "! words"; NULL if none is. */
static const char *read_reason(struct run *run)
{
	const char *w;

	if (!words_accept(&run->words, "!"))
		return NULL;
	run->reason[0] = '\0';
	while ((w = words_next(&run->words))) {
		size_t len = strlen(run->reason);

		snprintf(run->reason + len, sizeof(run->reason) - len, "%s%s", len ? " " : "", w);
	}
	return run->reason;
}

static int check_reason(struct run *run, const char *expected, const char *got)
{
	if (!expected && !got)
		return 0;
	if (expected && got && !strcmp(expected, got))
		return 0;
	return words_error(&run->words, "got \"%s\", expected \"%s\"", got ? got : "done",
			   expected ? expected : "done");
}

/* Steps */

static int step_devices(struct run *run)
{
	long n;

	if (words_number(&run->words, "devices", 1, MAXDEVICES, &n))
		return -1;
	run->ndevices = n;
	return 0;
}

static int step_vif(struct run *run)
{
	const char *reason;
	unsigned dev;
	long vif;

	if (words_number(&run->words, "vif", 0, 254, &vif) ||
	    read_device(run, words_next(&run->words), &dev))
		return -1;
	reason = read_reason(run);
	return check_reason(run, reason, backend(run)->op->vif_add(run->b, vif, dev));
}

static int step_unvif(struct run *run)
{
	const char *reason;
	long vif;

	if (words_number(&run->words, "vif", 0, 254, &vif))
		return -1;
	reason = read_reason(run);
	return check_reason(run, reason, backend(run)->op->vif_del(run->b, vif));
}

/* oifs VIF[:TTL]... to the end or the reason */
static int read_oifs(struct run *run, uint8_t ttl[MAXVIFS])
{
	const char *w;

	while ((w = words_peek(&run->words)) && isdigit((unsigned char)*w)) {
		char *end;
		unsigned long vif = strtoul(w, &end, 10);

		words_next(&run->words);
		if (vif >= MAXVIFS)
			return words_error(&run->words, "vif up to 31");
		ttl[vif] = *end == ':' ? strtoul(end + 1, NULL, 10) : 1;
	}
	return 0;
}

static int set(struct run *run, bool proxy)
{
	struct mfc_entry entry = { 0 };
	const char *reason;
	long parent;

	if (read_sg(run, &entry.sg) || !words_accept(&run->words, "from") ||
	    words_number(&run->words, "parent", 0, 254, &parent) ||
	    !words_accept(&run->words, "to") || read_oifs(run, entry.ttl))
		return words_error(&run->words, "S G from VIF to [VIF[:TTL]]...");
	entry.parent = parent;
	reason = read_reason(run);
	return check_reason(run, reason, backend(run)->op->set(run->b, &entry, proxy));
}

static int step_set(struct run *run)
{
	return set(run, false);
}

static int step_proxy(struct run *run)
{
	return set(run, true);
}

static int step_del(struct run *run)
{
	long parent = STEPS_ANY;
	const char *reason;
	struct sg sg;

	if (read_sg(run, &sg))
		return -1;
	if (words_accept(&run->words, "from") &&
	    words_number(&run->words, "parent", 0, 254, &parent))
		return -1;
	reason = read_reason(run);
	return check_reason(run, reason, backend(run)->op->del(run->b, sg, parent));
}

static int step_packet(struct run *run)
{
	struct sim_packet packet = { .af = run->af };
	long ttl = 8, len = PACKET_LEN, count = 1;
	unsigned dev;

	if (read_device(run, words_next(&run->words), &dev) || read_sg(run, &packet.sg))
		return -1;
	if (words_accept(&run->words, "ttl") && words_number(&run->words, "ttl", 1, 255, &ttl))
		return -1;
	if (words_accept(&run->words, "len") &&
	    words_number(&run->words, "len", STEPS_MINLEN, STEPS_MAXLEN, &len))
		return -1;
	if (words_accept(&run->words, "count") &&
	    words_number(&run->words, "count", 1, MAXPACKETS - 1 - run->last, &count))
		return -1;
	backend(run);
	run->first = run->last + 1;
	packet.ttl = ttl;
	packet.len = len;
	while (count--) {
		packet.id = ++run->last;
		run->ttl[packet.id] = ttl;
		run->b->op->packet(run->b, dev, &packet);
	}
	return 0;
}

static int step_wait(struct run *run)
{
	long ms;

	if (words_number(&run->words, "milliseconds", 1, 60000, &ms))
		return -1;
	backend(run)->op->wait(run->b, ms);
	return 0;
}

static int step_limit(struct run *run)
{
	long n;

	if (words_number(&run->words, "upcalls", 3, 256, &n))
		return -1;
	backend(run)->op->limit(run->b, n);
	return 0;
}

static int link_step(struct run *run, enum steps_link what)
{
	const char *name;
	unsigned dev;

	if (read_device(run, words_next(&run->words), &dev))
		return -1;
	if (what == LINK_RENAME) {
		name = words_next(&run->words);
		if (!name || strlen(name) >= sizeof(run->name[dev]))
			return words_error(&run->words, "a new name");
		strcpy(run->name[dev], name);
	}
	backend(run)->op->link(run->b, what, dev, run->name[dev]);
	return 0;
}

static int step_linkadd(struct run *run)
{
	return link_step(run, LINK_ADD);
}

static int step_linkdel(struct run *run)
{
	return link_step(run, LINK_DEL);
}

static int step_linkup(struct run *run)
{
	return link_step(run, LINK_UP);
}

static int step_linkdown(struct run *run)
{
	return link_step(run, LINK_DOWN);
}

static int step_rename(struct run *run)
{
	return link_step(run, LINK_RENAME);
}

static int step_plug(struct run *run)
{
	return link_step(run, LINK_PLUG);
}

static int step_unplug(struct run *run)
{
	return link_step(run, LINK_UNPLUG);
}

static int read_device_address(struct run *run, unsigned *dev, struct ip *ip)
{
	return read_device(run, words_next(&run->words), dev) || read_address(run, ip) ? -1 : 0;
}

static int step_address(struct run *run)
{
	enum steps_address what = ADDRESS_ADD;
	unsigned dev;
	struct ip ip;

	if (read_device_address(run, &dev, &ip))
		return -1;
	if (words_accept(&run->words, "duplicate"))
		what = ADDRESS_DUPLICATE;
	backend(run)->op->address(run->b, what, dev, ip);
	return 0;
}

static int step_unaddress(struct run *run)
{
	unsigned dev;
	struct ip ip;

	if (read_device_address(run, &dev, &ip))
		return -1;
	backend(run)->op->address(run->b, ADDRESS_DEL, dev, ip);
	return 0;
}

static int step_send(struct run *run)
{
	const char *reason;
	unsigned dev;
	struct ip ip;

	if (read_device_address(run, &dev, &ip))
		return -1;
	reason = read_reason(run);
	return check_reason(run, reason, backend(run)->op->send(run->b, dev, ip));
}

/* From here on news are to be expected. */
static int step_news(struct run *run)
{
	struct steps_news news;

	while (backend(run)->op->news(run->b, &news, false))
		;
	run->has_news = true;
	return 0;
}

/* Expectations */

static void fetch(struct run *run)
{
	struct steps_out out;

	while (backend(run)->op->out(run->b, &out)) {
		run->out = xrealloc(run->out, (run->nout + 1) * sizeof(out));
		run->out[run->nout++] = out;
	}
}

/* Takes the packet out of what came, if it is the next one of that device. */
static int take(struct run *run, unsigned dev, uint64_t id)
{
	for (unsigned i = 0; i < run->nout; i++) {
		struct steps_out out = run->out[i];

		if (out.dev != dev)
			continue;
		if (out.id != id)
			return words_error(&run->words, "%s sent packet %u, expected %u",
					   run->name[dev], (unsigned)out.id, (unsigned)id);
		if (out.ttl != run->ttl[id] - 1)
			return words_error(&run->words, "%s sent packet %u with ttl %u",
					   run->name[dev], (unsigned)id, out.ttl);
		memmove(run->out + i, run->out + i + 1, (run->nout - i - 1) * sizeof(out));
		run->nout--;
		return 0;
	}
	return words_error(&run->words, "%s did not send packet %u", run->name[dev], (unsigned)id);
}

/* DEV: the packets of the last packet step; DEV:N-M,...: packets by number */
static int take_all(struct run *run, const char *word)
{
	const char *colon = strchr(word, ':');
	uint64_t from = run->first, to = run->last;
	char name[16];
	unsigned dev;

	snprintf(name, sizeof(name), "%.*s", (int)(colon ? colon - word : 15), word);
	if (read_device(run, name, &dev))
		return -1;
	do {
		if (colon) {
			char *end;

			from = to = strtoul(colon + 1, &end, 10);
			if (*end == '-')
				to = strtoul(end + 1, &end, 10);
			colon = *end == ',' ? end : NULL;
		}
		for (uint64_t id = from; id <= to; id++) {
			if (take(run, dev, id))
				return -1;
		}
	} while (colon);
	return 0;
}

static int no_more_out(struct run *run)
{
	if (run->nout)
		return words_error(&run->words, "%s sent packet %u, which nobody expected",
				   run->name[run->out[0].dev], (unsigned)run->out[0].id);
	return 0;
}

static int expect_out(struct run *run)
{
	const char *w;

	fetch(run);
	if (words_accept(&run->words, "none"))
		return no_more_out(run);
	while ((w = words_next(&run->words))) {
		if (take_all(run, w))
			return -1;
	}
	return no_more_out(run);
}

static const char *const kind_name[] = {
	[UPCALL_NOROUTE] = "noroute",
	[UPCALL_WRONGIF] = "wrongif",
};

static int no_more_upcalls(struct run *run)
{
	struct steps_upcall u;

	if (backend(run)->op->upcall(run->b, &u))
		return words_error(&run->words, "upcall %s %s vif %u, which nobody expected",
				   kind_name[u.kind], sg_str(&u.sg), u.vif);
	return 0;
}

static int expect_upcall(struct run *run)
{
	struct steps_upcall expected = { 0 }, got;
	long vif;

	if (words_accept(&run->words, "none"))
		return no_more_upcalls(run);
	if (words_accept(&run->words, "wrongif"))
		expected.kind = UPCALL_WRONGIF;
	else if (!words_accept(&run->words, "noroute"))
		return words_error(&run->words, "noroute, wrongif or none");
	if (read_sg(run, &expected.sg) || !words_accept(&run->words, "vif") ||
	    words_number(&run->words, "vif", 0, 254, &vif))
		return words_error(&run->words, "S G vif VIF");
	if (!backend(run)->op->upcall(run->b, &got))
		return words_error(&run->words, "no upcall");
	if (got.kind != expected.kind || !sg_eq(got.sg, expected.sg) || got.vif != vif)
		return words_error(&run->words, "upcall %s %s vif %u", kind_name[got.kind],
				   sg_str(&got.sg), got.vif);
	return 0;
}

static int expect_counters(struct run *run)
{
	struct counters got;
	long right, bytes, wrong;
	struct sg sg;
	bool found;

	if (read_sg(run, &sg))
		return -1;
	found = backend(run)->op->counters(run->b, sg, &got);
	if (words_accept(&run->words, "none"))
		return found ? words_error(&run->words, "there is an entry") : 0;
	if (words_number(&run->words, "packets", 0, 1000000, &right) ||
	    words_number(&run->words, "bytes", 0, 100000000, &bytes) ||
	    words_number(&run->words, "wrong packets", 0, 1000000, &wrong))
		return -1;
	if (!found)
		return words_error(&run->words, "no entry");
	if (got.packets != (uint64_t)right || got.bytes != (uint64_t)bytes ||
	    got.wrong != (uint64_t)wrong)
		return words_error(&run->words, "counters are %u %u %u", (unsigned)got.packets,
				   (unsigned)got.bytes, (unsigned)got.wrong);
	return 0;
}

static const char *const news_name[] = { "up", "down", "gone", "has", "lost" };

static int news_error(struct run *run, const struct steps_news *got)
{
	bool has_address = got->kind == NEWS_HAS || got->kind == NEWS_LOST;

	return words_error(&run->words, "news: %s %s%s%s", run->name[got->dev],
			   news_name[got->kind], has_address ? " " : "",
			   has_address ? ip_str(got->address) : "");
}

static int no_more_news(struct run *run)
{
	struct steps_news got;

	if (!run->has_news || !backend(run)->op->news(run->b, &got, false))
		return 0;
	return news_error(run, &got);
}

static int expect_news(struct run *run)
{
	struct steps_news expected = { 0 }, got;

	if (!run->has_news)
		return words_error(&run->words, "news must be asked for before");
	if (words_accept(&run->words, "none"))
		return no_more_news(run);
	if (read_device(run, words_next(&run->words), &expected.dev))
		return -1;
	while (!words_accept(&run->words, news_name[expected.kind])) {
		if (++expected.kind == NELEMS(news_name))
			return words_error(&run->words, "up, down, gone, has or lost");
	}
	if (expected.kind >= NEWS_HAS && read_address(run, &expected.address))
		return -1;
	if (!backend(run)->op->news(run->b, &got, true))
		return words_error(&run->words, "no news");
	if (got.kind != expected.kind || got.dev != expected.dev ||
	    !ip_eq(got.address, expected.address))
		return news_error(run, &got);
	return 0;
}

struct step {
	const char *name;
	int (*run)(struct run *run);
};

static int expect(struct run *run)
{
	static const struct step kinds[] = {
		{ "out", expect_out },
		{ "upcall", expect_upcall },
		{ "counters", expect_counters },
		{ "news", expect_news },
	};

	for (unsigned i = 0; i < NELEMS(kinds); i++) {
		if (words_accept(&run->words, kinds[i].name))
			return kinds[i].run(run);
	}
	return words_error(&run->words, "out, upcall, counters or news");
}

static int step_line(struct run *run)
{
	static const struct step steps[] = {
		{ "address", step_address },
		{ "del", step_del },
		{ "devices", step_devices },
		{ "news", step_news },
		{ "plug", step_plug },
		{ "send", step_send },
		{ "unaddress", step_unaddress },
		{ "unplug", step_unplug },
		{ "expect", expect },
		{ "limit", step_limit },
		{ "linkadd", step_linkadd },
		{ "linkdel", step_linkdel },
		{ "linkdown", step_linkdown },
		{ "linkup", step_linkup },
		{ "packet", step_packet },
		{ "proxy", step_proxy },
		{ "rename", step_rename },
		{ "set", step_set },
		{ "unvif", step_unvif },
		{ "vif", step_vif },
		{ "wait", step_wait },
	};

	if (!run->words.n)
		return 0;
	if (words_accept(&run->words, run->af == V4 ? "v6" : "v4"))
		return 0;
	words_accept(&run->words, run->af == V4 ? "v4" : "v6");
	for (unsigned i = 0; i < NELEMS(steps); i++) {
		if (words_accept(&run->words, steps[i].name))
			return steps[i].run(run) ? -1 : words_end(&run->words);
	}
	words_next(&run->words);
	return words_error(&run->words, "no such step");
}

/* Nothing may happen that no step expected. */
static int finish(struct run *run)
{
	fetch(run);
	return no_more_out(run) || no_more_upcalls(run) || no_more_news(run) ? -1 : 0;
}

static int run_lines(struct run *run, const char *path, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	ssize_t len;
	int failed = 0;

	while (!failed && (len = getline(&line, &size, f)) > 0) {
		len -= line[len - 1] == '\n';
		number++;
		failed = !words_split(&run->words, line, len) || step_line(run);
	}
	if (!failed)
		failed = finish(run);
	if (failed)
		printf("# %s:%u: %s\n", path, number, run->words.error);
	free(line);
	return failed;
}

/* True if all that the file expects is so. */
static bool run_file(const char *path, enum af af,
		     struct backend *(*opener)(enum af af, unsigned ndevices))
{
	struct run *run = xcalloc(1, sizeof(*run));
	FILE *f = fopen(path, "r");
	int failed = -1;

	run->open = opener;
	run->af = af;
	run->ndevices = 4;
	for (unsigned dev = 0; dev < MAXDEVICES; dev++)
		snprintf(run->name[dev], sizeof(run->name[dev]), "r%u", dev);
	strcpy(run->name[STEPS_TUN], "tun");
	if (!f) {
		printf("# %s: %s\n", path, strerror(errno));
	} else {
		failed = run_lines(run, path, f);
		fclose(f);
	}
	if (run->b)
		run->b->op->close(run->b);
	words_free(&run->words);
	free(run->out);
	free(run);
	return !failed;
}

/* All files of test/sim/kernel, in order. */
static char **all_files(glob_t *g)
{
	const char *srcdir = getenv("srcdir");
	char pattern[4096];

	snprintf(pattern, sizeof(pattern), "%s/test/sim/kernel/*.steps", srcdir ? srcdir : ".");
	if (glob(pattern, 0, NULL, g))
		return NULL;
	return g->gl_pathv;
}

static int usage(void)
{
	fprintf(stderr, "usage: kernel_steps [model | real] [-4 | -6] [FILE]...\n"
			"       kernel_steps random [-4 | -6] SEED...\n");
	return 2;
}

/* One test, of a file or of a seed. */
static bool run_test(const char *kind, enum af af, const char *what)
{
	if (!strcmp(kind, "random"))
		return random_run(af, strtoul(what, NULL, 10));
	return run_file(what, af, strcmp(kind, "real") ? model_open : real_open);
}

int main(int argc, char *argv[])
{
	bool family[NFAMILIES] = { true, true };
	const char *kind = "model";
	unsigned number = 0, failed = 0;
	char **what = argv + 1;
	glob_t found = { 0 };

	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (*what &&
	    (!strcmp(*what, "model") || !strcmp(*what, "real") || !strcmp(*what, "random")))
		kind = *what++;
	if (*what && (!strcmp(*what, "-4") || !strcmp(*what, "-6")))
		family[(*what++)[1] == '4' ? V6 : V4] = false;
	if (*what && **what == '-')
		return usage();
	if (!*what && !strcmp(kind, "random"))
		return usage();
	if (!*what)
		what = all_files(&found);
	for (; what && *what; what++) {
		const char *slash = strrchr(*what, '/');

		for (enum af af = V4; af < NFAMILIES; af++) {
			bool ok = family[af] && run_test(kind, af, *what);

			if (!family[af])
				continue;
			failed += !ok;
			printf("%s %u - %s %s %s\n", ok ? "ok" : "not ok", ++number, kind,
			       af == V4 ? "IPv4" : "IPv6", slash ? slash + 1 : *what);
		}
	}
	printf("1..%u\n", number);
	globfree(&found);
	return failed || !number;
}
