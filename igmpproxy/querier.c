/* querier.c - who asks on a link: the election, and general queries */
#include "querier.h"

/* RFC 3376 6.6.2; RFC 3810 7.6.2: of IPv6 addresses, interface identifiers are compared. */
static bool is_lower(struct ip a, struct ip b)
{
	uint64_t p = ip_half(&a, 1), q = ip_half(&b, 1);

	return p != q ? p < q : ip_cmp(a, b) < 0;
}

/* Whether @src has it before us: an address is better than none (RFC 4541 2.1.1). */
static bool beats(struct ip src, struct ip own)
{
	return ip_is_any(own) || is_lower(src, own);
}

static enum af family_of(const struct gm_querier *q)
{
	return ip_family(q->own);
}

int64_t gm_other_querier_interval(const struct gm_querier *q)
{
	if (q->settings.other_present)
		return q->settings.other_present;
	return q->robustness * q->interval + q->settings.response_interval / 2;
}

/* RFC 3376 4.1.6, 4.1.7, RFC 3810 5.1.8, 5.1.9: what a query does not say is our own. */
static void adopt(struct gm_querier *q, uint8_t robustness, int64_t interval)
{
	q->robustness = robustness ? robustness : q->settings.robustness;
	q->interval = interval ? interval : q->settings.query_interval;
}

static void ask(struct gm_querier *q, int64_t max_response)
{
	const struct gm_querier_settings *set = &q->settings;
	struct gm_message m = {
		.type = GM_QUERY,
		.version = set->version,
		.group = ip_any(family_of(q)),
		.max_response = max_response,
		.robustness = set->robustness,
		.interval = set->query_interval,
	};

	q->asked = q->clock->now;
	q->op->query(q, &m);
}

/* Our own next query comes now; in a tenth of a second, if one was just sent. */
static void ask_soon(struct gm_querier *q)
{
	int64_t since = q->clock->now - q->asked, wait = since < 100 ? 100 - since : 0;

	if (timer_left(q->clock, &q->timer) > wait)
		timer_start(q->clock, &q->timer, wait);
}

/* RFC 3376 8.2, 8.6, 8.7, RFC 3810 9.2, 9.6, 9.7 */
static void ask_next(struct gm_querier *q)
{
	const struct gm_querier_settings *set = &q->settings;
	bool early = q->startup > 0;

	if (early)
		q->startup--;
	timer_start(q->clock, &q->timer, q->startup ? set->startup_interval : set->query_interval);
	ask(q, early ? set->startup_response : set->response_interval);
}

/* Nobody else is querier: we are, unless we are not to be. */
static void take_over(struct gm_querier *q, unsigned startup)
{
	q->on = !q->settings.passive;
	q->other = ip_any(family_of(q));
	q->version = 0;
	adopt(q, 0, 0);
	q->startup = startup;
	timer_stop(q->clock, &q->timer);
	q->op->changed(q);
	if (q->on)
		ask_next(q);
}

static void fire(struct timer *timer)
{
	struct gm_querier *q = container_of(timer, struct gm_querier, timer);

	if (q->on)
		ask_next(q);
	else
		take_over(q, 0);
}

void gm_querier_init(struct gm_querier *q, struct clock *clock, const struct gm_querier_ops *op,
		     enum af af)
{
	*q = (struct gm_querier){
		.op = op, .clock = clock, .own = ip_any(af), .other = ip_any(af)
	};
	timer_init(&q->timer, fire);
}

/* Whether another router is the querier, as it should be. */
static bool is_beaten(const struct gm_querier *q)
{
	return !ip_is_any(q->other) && (q->settings.passive || beats(q->other, q->own));
}

void gm_querier_start(struct gm_querier *q, struct ip own)
{
	q->runs = true;
	q->own = own;
	if (!is_beaten(q))
		take_over(q, q->settings.startup_count);
}

void gm_querier_stop(struct gm_querier *q)
{
	timer_stop(q->clock, &q->timer);
	q->runs = q->on = false;
	q->other = ip_any(family_of(q));
	q->version = 0;
	q->startup = 0;
	adopt(q, 0, 0);
}

void gm_querier_set(struct gm_querier *q, const struct gm_querier_settings *settings)
{
	bool was_passive = q->settings.passive;
	int64_t most;

	q->settings = *settings;
	if (is_beaten(q))
		return;
	if (q->runs && (was_passive != settings->passive || !ip_is_any(q->other))) {
		take_over(q, settings->startup_count);
		return;
	}
	adopt(q, 0, 0);
	most = q->startup ? settings->startup_interval : settings->query_interval;
	if (timer_left(q->clock, &q->timer) > most)
		timer_start(q->clock, &q->timer, most);
}

/*
 * RFC 3376 6.6.2, RFC 3810 7.6.2. Who asks although he should not, since he has just started, is
 * to know it before proxies of both forward to the link for long. Only the querier, or who would
 * be before it, keeps the others quiet: so when it ends, the next one is found.
 */
void gm_querier_hear(struct gm_querier *q, struct ip src, const struct gm_message *m)
{
	bool passive = q->settings.passive;

	if (!q->runs || !ip_is_any(m->group) || ip_is_any(src))
		return;
	if (!passive && !beats(src, q->own)) {
		if (q->on)
			ask_soon(q);
		return;
	}
	if (!ip_is_any(q->other) && !ip_eq(src, q->other) && !is_lower(src, q->other))
		return;
	q->on = false;
	q->other = src;
	q->version = m->version;
	adopt(q, m->robustness, m->interval);
	timer_start(q->clock, &q->timer, gm_other_querier_interval(q));
	q->op->changed(q);
}
