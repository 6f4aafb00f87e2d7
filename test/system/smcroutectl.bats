#!/usr/bin/env bats
# smcroutectl.bats - the client alone: against canned answers, and its test traffic

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; run sets stderr

bats_require_minimum_version 1.5.0

setup_file()
{
	export CTL_DAEMON=$BATS_FILE_TMPDIR/ctl_daemon
	"${CC:-cc}" -D_GNU_SOURCE -o "$CTL_DAEMON" "$BATS_TEST_DIRNAME/ctl_daemon.c"
}

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	socket=$BATS_TEST_TMPDIR/socket
	log=$BATS_TEST_TMPDIR/log
	netns=ctl-$$-$BATS_TEST_NUMBER
}

teardown()
{
	[ -z "${daemon:-}" ] || kill "$daemon"
	[ -z "${has_netns:-}" ] || ip netns del "$netns"
}

# The daemon with canned answers; returns when it listens, or at once if it is told to be late.
start_daemon()
{
	exec {ready}< <(exec "$CTL_DAEMON" "$socket" "$log" "$@")
	daemon=$!
	[ -n "${CTL_DAEMON_LATE:-}" ] || read -r -t 10 -u "$ready" _
}

ctl()
{
	smcroutectl -u "$socket" "$@"
}

# A namespace with a pair of interfaces that can hear one another.
make_netns()
{
	ip netns add "$netns"
	has_netns=yes
	ip -n "$netns" link set lo up
	ip -n "$netns" link add v0 type veth peer name v1
	ip -n "$netns" addr add 10.0.0.1/24 dev v0
	ip -n "$netns" addr add 2001:db8::1/64 dev v0 nodad
	ip -n "$netns" link set v0 up
	ip -n "$netns" link set v1 up
}

# listen WORDS...: starts a listener in the namespace, returns when it listens
listen()
{
	exec {heard}< <(exec ip netns exec "$netns" smcroutectl listen "$@" 2>&1)
	listener=$!
	read -r -t 10 -u "$heard" line
	[ "$line" = listening ]
}

# What the listener said in the end as $output, and its exit status as $status
summary()
{
	output=$(cat <&"$heard")
	status=0
	wait "$listener" || status=$?
}

send()
{
	ip netns exec "$netns" smcroutectl send "$@"
}

@test "a command is asked and says nothing" {
	start_daemon
	run ctl a eth0 10.0.0.1 225.1.1.1 eth1 eth2
	assert_success
	assert_output ""
	assert_equal "$(cat "$log")" "add eth0 10.0.0.1 225.1.1.1 eth1 eth2"
}

@test "del and restart have the daemon's names" {
	start_daemon
	ctl delete eth0 225.1.1.1
	ctl restart
	assert_equal "$(tr '\n' ,  <"$log")" "remove eth0 225.1.1.1,reload ,"
}

@test "the daemon's error is one clear line and status 1" {
	start_daemon
	run --separate-stderr ctl add eth0 bad eth1
	assert_failure 1
	assert_output ""
	assert_equal "$stderr" "smcroutectl: bad is no group"
}

@test "an unknown command is an error, daemon or not" {
	run ctl frob
	assert_failure 64
	assert_output "smcroutectl: there is no command 'frob', see smcroutectl help"
	start_daemon
	run ctl show xyz
	assert_failure 64
	assert_output "smcroutectl: unknown request"
}

@test "too few words and unknown options are errors of usage" {
	run ctl add eth0 225.1.1.1
	assert_failure 64
	assert_output --partial "usage: smcroutectl add [-w] [kernel] IIF"
	run ctl -x
	assert_failure 64
	run ctl -b one two
	assert_failure 64
}

@test "an argument that is not one word does not get to the daemon" {
	start_daemon
	for word in "eth1 eth2" $'eth1\nkill' "#eth1" "" $'\x1b[1m'; do
		run ctl add eth0 225.1.1.1 "$word"
		assert_failure 64
		assert_output --partial "is not one word"
	done
	assert_equal "$(cat "$log")" ""
}

@test "without a daemon it says where it looked" {
	run ctl show
	assert_failure 1
	assert_output --partial "cannot find $socket, is smcrouted running?"
	run smcroutectl -i "no-such-$$" show
	assert_failure 1
	assert_output --partial "/no-such-$$.sock"
}

@test "a socket that nobody serves is given up after three seconds" {
	start_daemon
	kill "$daemon"
	wait "$daemon" || true
	daemon=
	SECONDS=0
	run ctl show
	assert_failure 1
	assert_output --partial "not running"
	[ $SECONDS -ge 2 ] && [ $SECONDS -le 10 ]
}

@test "a daemon that is just starting is waited for" {
	CTL_DAEMON_LATE=700 start_daemon
	until [ -S "$socket" ]; do
		read -r -t 0.01 <> <(:) || true
	done
	run ctl add eth0 225.1.1.1 eth1
	assert_success
}

@test "a connection that is closed is an error" {
	start_daemon
	run ctl kill
	assert_failure 1
	assert_output "smcroutectl: smcrouted closed the connection"
}

@test "a batch says at which line the connection was closed" {
	start_daemon
	run ctl -bk <<-'END'
		add eth0 225.1.1.1 eth1

		kill
		add eth0 225.1.1.2 eth1
	END
	assert_failure 1
	assert_output "line 3: smcrouted closed the connection"
}

@test "nothing means show, plain where there is no terminal" {
	start_daemon
	run ctl
	assert_success
	assert_line "(*,G) Template Rules"
	assert_line "(10.0.0.1, 225.5.5.5)                      eth9  b1 b2  [refused: table full]"
	refute_output --partial $'\033'
	refute_line "(S,G) Rules"
	run ctl -t
	refute_line "(*,G) Template Rules"
	assert_line "(*, 225.3.3.0/24)                          a1    a2 b1"
}

@test "on a terminal headings are as wide as it is" {
	start_daemon
	run script -qec "stty cols 90; smcroutectl -u $socket show interfaces" /dev/null
	assert_success
	head=$(printf '\033[7m%-90s\033[0m' " INDEX PHYINT    VIF  MIF")
	assert_output --partial "$head"
	run script -qec "smcroutectl -p -u $socket show interfaces" /dev/null
	refute_output --partial $'\033'
}

@test "a hundred thousand rows take no memory" {
	(ulimit -v 20000; smcroutectl -v) || skip "a sanitizer needs more memory"
	start_daemon 100000
	(
		ulimit -v 20000
		ctl show >"$BATS_TEST_TMPDIR/rows"
		ctl -j show >"$BATS_TEST_TMPDIR/json"
	)
	assert_equal "$(grep -c '225.5.5.5)  .* b1 b2' "$BATS_TEST_TMPDIR/rows")" 100000
	assert_equal "$(grep -c '^{"source":"10' "$BATS_TEST_TMPDIR/json")" 100001
	assert_equal "$(tail -c 5 "$BATS_TEST_TMPDIR/json")" '}]}}'
}

@test "a table that only the daemon knows is shown" {
	start_daemon
	run ctl show neighbors
	assert_success
	assert_line " address=10.0.0.2 oifs=a,b"
}

@test "help and version say what both know" {
	run ctl help
	assert_success
	assert_output --partial "listen [SOURCE] GROUP"
	run --separate-stderr ctl version
	assert_failure 1
	assert_output --partial "smcroutectl: smckit"
	start_daemon
	run ctl help
	assert_success
	assert_output --partial "show neighbors [detail]"
	refute_output --partial hidden
	run ctl help frob
	assert_failure 64
	run ctl version
	assert_success
	assert_line "smcrouted:   smckit 9.9.9"
}

@test "events come as they happen, safe for the terminal" {
	start_daemon
	exec {events}< <(exec smcroutectl -u "$socket" monitor)
	monitor=$!
	read -r -t 10 -u "$events" first
	read -r -t 10 -u "$events" second
	kill "$monitor"
	assert_equal "$first" "12.345 route group=225.1.1.1 iif=a1"
	assert_equal "$second" "70.001 interface name=a?[1m list=x,y"
}

@test "a batch of a hundred thousand commands is done in order" {
	start_daemon
	seq -f 'add eth0 10.1.1.1 225.1.1.1 eth%.0f' 100000 >"$BATS_TEST_TMPDIR/batch"
	run ctl -b "$BATS_TEST_TMPDIR/batch"
	assert_success
	assert_output ""
	cmp "$log" "$BATS_TEST_TMPDIR/batch"
	: >"$log"
	ctl -b <"$BATS_TEST_TMPDIR/batch"
	ctl -b - <"$BATS_TEST_TMPDIR/batch"
}

@test "a batch stops at the first error, nothing behind it is done" {
	start_daemon
	{
		echo "add eth0 225.1.1.1 eth1"
		echo
		echo "  # a comment"
		echo "    add eth0 bad eth1"
		seq -f 'add eth0 225.1.1.1 eth%.0f' 10000
	} >"$BATS_TEST_TMPDIR/batch"
	run ctl -b "$BATS_TEST_TMPDIR/batch"
	assert_failure 1
	assert_output "line 4: bad is no group"
	assert_equal "$(cat "$log")" "add eth0 225.1.1.1 eth1"
}

@test "a batch with -k goes on" {
	start_daemon
	run ctl -bk <<-'END'
		add eth0 bad eth1
		frob
		add eth0 225.1.1.1 eth1
	END
	assert_failure 1
	assert_line "line 1: bad is no group"
	assert_line "line 2: there is no command 'frob', see smcroutectl help"
	assert_equal "$(cat "$log")" "add eth0 225.1.1.1 eth1"
}

@test "a batch shows tables, and takes lines of any length" {
	start_daemon
	oifs=$(seq -s ' ' -f 'eth%.0f' 5000)
	run ctl -tb <<<"add eth0 225.1.1.1 $oifs"$'\nshow i\nshow g'
	assert_success
	assert_line "     1 lo        N/A  N/A"
	assert_line "(*, 225.1.1.1)                             a1"
	assert_equal "$(cat "$log")" "add eth0 225.1.1.1 $oifs"
}

@test "a batch that cannot be read is an error" {
	start_daemon
	run ctl -b "$BATS_TEST_TMPDIR/none"
	assert_failure 71
	run ctl -b "$BATS_TEST_TMPDIR"
	assert_failure 1
	assert_output "line 1: cannot read: Is a directory"
}

@test "test packets arrive and are counted" {
	make_netns
	for group in 239.1.1.1 ff3e::1; do
		listen $group on v0 count 100 for 20
		send $group via v0 count 100 interval 0.5
		summary
		assert_success
		assert_output --partial "100 packets, 0 lost, 0 duplicated, 0 reordered, delay"
	done
}

@test "a listener takes its source only" {
	make_netns
	listen 10.0.0.9 232.1.1.1 on v0 for 1
	wrong=$listener wrong_heard=$heard
	listen 10.0.0.1 232.1.1.1 on v0 count 5 for 20
	send 232.1.1.1 via v0 count 5 interval 0
	summary
	assert_success
	listener=$wrong heard=$wrong_heard
	summary
	assert_failure 1
	assert_output --partial "0 packets"
}

@test "a lost packet is noticed" {
	make_netns
	listen -j ff3e::1 on v1 for 20
	ip netns exec "$netns" nft -f - <<-'END'
		table netdev t {
			chain c {
				type filter hook ingress device v1 priority 0
				udp dport 5001 numgen inc mod 10 == 4 drop
			}
		}
	END
	send ff3e::1 via v0 count 30 interval 0
	kill -INT "$listener"
	summary
	assert_success
	assert_output --partial '"packets":27,'
	assert_output --partial '"lost":3,'
}

@test "an interrupted sender says what it sent" {
	make_netns
	listen 239.1.1.1 on v0 count 1 for 20
	exec {said}< <(exec ip netns exec "$netns" smcroutectl send 239.1.1.1 via v0)
	sender=$!
	summary
	kill -INT "$sender"
	read -r -t 10 -u "$said" line
	[[ $line == "1 packets sent to 239.1.1.1 in "* ]]
}

# Words that would control a terminal, as they are shown
escaped='?[31m'

@test "what the user says is shown without what would control the terminal" {
	start_daemon
	bad=$'\e[31m'
	run ctl -b <<<"$bad"
	assert_output "line 1: there is no command '$escaped', see smcroutectl help"
	run ctl help "$bad"
	assert_output "smcroutectl: there is no command '$escaped'"
	run ctl "$bad"
	assert_output "smcroutectl: '$escaped' is not one word"
	run smcroutectl -u "/none/$bad"
	assert_output --partial "cannot find /none/$escaped,"
	run ctl -b "/none/$bad"
	assert_output --partial "cannot open /none/$escaped:"
	run smcroutectl "-$bad"
	refute_output --partial $'\e'
	run smcroutectl listen 239.1.1.1 on "$bad"
	assert_output --partial "there is no interface $escaped"
}

@test "output that cannot be written is an error" {
	start_daemon 10000
	for command in show help version -v -h "-j show" "complete r"; do
		run bash -c "smcroutectl -u $socket $command >/dev/full"
		assert_failure 71
		assert_output "smcroutectl: cannot write: No space left on device"
	done
	run bash -c "(trap '' PIPE; smcroutectl -u $socket show; echo \$? >&2) | true"
	assert_line "smcroutectl: cannot write: Broken pipe"
	assert_line 71
	# a reader that has enough is nobody's fault, and nothing is said
	run bash -c "set -o pipefail; smcroutectl -u $socket show | head -n 1"
	assert_output "_______________________________________________________________________________"
}

@test "streams that the starter has closed are not mistaken for the daemon" {
	start_daemon
	run bash -c "smcroutectl -u $socket show >&-"
	assert_failure 71
	assert_output "smcroutectl: cannot write: Bad file descriptor"
	run bash -c "smcroutectl -u $socket show <&- >&-"
	assert_failure 71
	run bash -c "smcroutectl -u $socket show <&- >&- 2>&-"
	assert_failure 71
	assert_output ""
	run bash -c "smcroutectl -u $socket add eth0 225.1.1.1 eth1 <&- >&- 2>&-"
	assert_success
	assert_equal "$(cat "$log")" "add eth0 225.1.1.1 eth1"
	run bash -c "smcroutectl -u $socket -b <&-"
	assert_failure 1
	assert_output "line 1: cannot read: Bad file descriptor"
}

@test "without a terminal nobody is asked how wide it is" {
	start_daemon 10
	# as under ssh: the input is a pipe that says nothing and does not end
	SECONDS=0
	for _ in 1 2 3 4 5 6 7 8; do
		run ctl show < <(exec sleep 20)
		assert_success
		refute_output --partial $'\e'
	done
	[ $SECONDS -le 5 ]
}

@test "a daemon that dies in the middle of a table is an error, and the JSON is complete" {
	start_daemon 100000
	exec {rows}< <(ctl -j show 2>"$BATS_TEST_TMPDIR/error" || echo "status $?")
	read -r -t 10 -u "$rows" _
	kill -KILL "$daemon"
	wait "$daemon" || true
	daemon=
	cat <&"$rows" >"$BATS_TEST_TMPDIR/rest"
	assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/rest")" "status 1"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/error")" "smcroutectl: smcrouted closed the connection"
	(echo '{"routes":{' && head -n -1 "$BATS_TEST_TMPDIR/rest") | python3 -m json.tool >/dev/null
}

@test "options that are wrong are named" {
	run --separate-stderr smcroutectl -x
	assert_failure 64
	[[ $stderr == "smcroutectl: there is no option -x"* ]]
	run --separate-stderr smcroutectl -u
	assert_failure 64
	assert_equal "$stderr" "smcroutectl: -u wants a word behind it"
}
