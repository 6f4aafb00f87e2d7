# shellcheck shell=bash
# probe.bash - linux_probe in system tests; to be loaded after net.bash
#
#	probe_start router                      a probe on a host, and
#	probe router ifindex eth1               what it answers to a request
#	answer_is 7 router ifindex eth1         the answer that there must be
#	ok vif 4 0 eth0                         one that the router's probe takes
#	wait_for router '^gone '                what it tells by itself, and
#	[ "$(said '^gone ')" -eq 1 ]            how often it did

# probe_start HOST [NAME]: a probe there, to be asked by "probe NAME WORDS...", the host's if none
probe_start()
{
	local name=${2:-$1}
	local fifo=$BATS_TEST_TMPDIR/$name.fifo

	mkfifo "$fifo"
	# shellcheck disable=SC2034 # it only keeps the fifo open
	exec {probe_fd}<>"$fifo"
	net_start "$name" "$1" "$SMCKIT_BUILD/test/system/linux_probe" <"$fifo"
	wait_for "$name" '^ready$'
}

answers()
{
	grep -c '^= ' "$(net_log "$1")"
}

has_answered()
{
	[ "$(answers "$1")" -gt "$2" ]
}

# probe NAME WORDS...: asks, and prints the answer
probe()
{
	local before

	before=$(answers "$1" || :)
	echo "${*:2}" >"$BATS_TEST_TMPDIR/$1.fifo"
	if ! wait_until 10 has_answered "$1" "$before"; then
		cat "$(net_log "$1")" >&2
		return 1
	fi
	grep '^= ' "$(net_log "$1")" | tail -n 1 | cut -c 3-
}

# answer_is ANSWER NAME WORDS...
answer_is()
{
	local got

	got=$(probe "${@:2}")
	if [ "$got" != "$1" ]; then
		echo "$*: the answer is $got" >&2
		return 1
	fi
}

ok()
{
	answer_is ok router "$@"
}

# said PATTERN: how many lines of the router's probe are so
said()
{
	grep -cE -- "$1" "$(net_log router)" || :
}

# probe_teardown: the whole teardown of a test. The probe on the router ends by itself, so that it
# tells what a sanitizer has found.
probe_teardown()
{
	local status=0

	echo quit >"$BATS_TEST_TMPDIR/router.fifo"
	net_wait router || status=$?
	[ $status -eq 0 ] || tail -n 50 "$(net_log router)"
	net_teardown
	return $status
}
