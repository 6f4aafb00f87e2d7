#!/usr/bin/env bats
# demo.bats - what ./run demo shows happens, it says so when it does not, and nothing is left of it

bats_require_minimum_version 1.5.0
load net

setup()
{
	demo=$BATS_TEST_DIRNAME/../demo.sh
	log=$BATS_TEST_TMPDIR/demo.log
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
}

# demo_start [NAME]: as from a terminal, where interrupts are not ignored; it is $demo_pid.
demo_start()
{
	env --default-signal=INT "$demo" "$@" >"$log" 2>&1 3>&- &
	demo_pid=$!
}

# Its exit status
demo_wait()
{
	local status=0

	wait "$demo_pid" || status=$?
	cat "$log"
	echo "exit status $status"
	return $status
}

# No namespace, no file, and no process that has to do with them
nothing_is_left()
{
	run -1 grep "^smckit-demo-$demo_pid-" < <(ip netns list)
	[ -z "$(ls -A "$TMPDIR")" ]
	run -1 pgrep -af "$TMPDIR/"
}

is_at()
{
	grep -qE "$1" "$log"
}

# interrupt SIGNAL PATTERN: when the pattern stands in the demo's output
interrupt()
{
	local status=0

	demo_start
	wait_until 30 is_at "$2"
	kill "-$1" "$demo_pid"
	demo_wait || status=$?
	[ "$status" -eq $((128 + $(kill -l "$1"))) ]
	grep -q 'interrupted' "$log"
	run -1 grep 'That was it' "$log"
	nothing_is_left
}

@test "the demo shows what it says and leaves nothing behind" {
	demo_start
	demo_wait
	grep -q '^That was it' "$log"
	[ "$(grep -c '^tv: .* 100 packets, 0 lost' "$log")" -ge 2 ]
	[ "$(grep -c '^office: .* 3000 packets, 0 lost' "$log")" -ge 1 ]
	[ "$(grep -c '^guest: .* 3000 packets, 0 lost' "$log")" -ge 1 ]
	grep -q '^tv: 239.20.0.1: 100 packets, 0 lost' "$log"
	grep -qx 'mroute from eth0 group 239.1.2.3 to br-lan eth1 guest+' "$log"
	grep -qx 'mroute from eth0 group 239.20.0.1 kernel to br-lan' "$log"
	nothing_is_left
}

@test "the demo of a proxy shows what it says and leaves nothing behind" {
	demo_start proxy
	demo_wait
	grep -q '^That was it' "$log"
	grep -q '^tv: 239.1.1.1: 200 packets, 0 lost' "$log"
	grep -q '^tv: 239.1.1.2: 100 packets, 0 lost' "$log"
	grep -q '^laptop: 239.1.1.1: 400 packets, 0 lost' "$log"
	grep -q '^eth0 .* IPv4 *up ' "$log"
	grep -qE '^239.1.1.2 +exclude eth0 +br-lan$' "$log"
	grep -q ' leave .*group=239.1.1.2 host=10.0.1.2$' "$log"
	nothing_is_left
}

@test "the demo of PIM shows what it says and leaves nothing behind" {
	demo_start pim
	demo_wait
	grep -q '^That was it' "$log"
	grep -q '^tv: 239.1.2.3: 1500 packets, 0 lost, 0 duplicated' "$log"
	grep -q '^tv: 239.1.2.3: .* there again after' "$log"
	grep -q '^224.0.0.0/4 .* 10.0.1.2 .* bsr .*\[chosen\]$' "$log"
	grep -q '^tv: 239.1.2.4: .* there again after' "$log"
	nothing_is_left
}

@test "the demo knows what there is to be shown" {
	run -2 "$demo" nonsense
	[[ "$output" == *'none called nonsense'*pim*proxy*static* ]]
}

@test "an interrupt in the middle of the demo's stream leaves nothing behind" {
	interrupt INT 'smcroutectl send 239.1.2.3 via eth0 count 3000'
}

@test "an interrupt while the demo builds its network leaves nothing behind" {
	interrupt INT '^Network namespaces'
}

@test "an interrupt while the demo's daemon stands still leaves nothing behind" {
	interrupt INT 'kill -STOP'
}

@test "the demo that is told to end leaves nothing behind" {
	interrupt TERM '^smcrouted runs'
}

@test "the demo fails when a packet does not arrive" {
	local fake=$BATS_TEST_TMPDIR/fake build status=0

	build=$(cd "$SMCKIT_BUILD" && pwd)
	mkdir -p "$fake/smcrouted"
	ln -s "$build/smcroutectl" "$fake/smcroutectl"
	printf '#!/bin/sh\nexec %s "$@" -f /dev/null\n' "$build/smcrouted/smcrouted" \
		>"$fake/smcrouted/smcrouted"
	chmod +x "$fake/smcrouted/smcrouted"
	SMCKIT_BUILD=$fake demo_start
	demo_wait || status=$?
	[ "$status" -eq 1 ]
	grep -q 'tv did not get all of 239.1.2.3' "$log"
	nothing_is_left
}

@test "the demo tells who is not root how to start it" {
	# in a user namespace without a mapping, where everybody is nobody
	run -1 unshare --user bash <"$demo"
	[ "$output" = 'demo: making networks takes root: sudo ./run demo' ]
}
