#!/usr/bin/env bats
# control.bats - smcroutectl and the running daemon: commands, clients of all kinds, start and end

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	use 4
}

teardown()
{
	local pid

	# a daemon that went to the background
	for pid in $(ip netns pids "$(net_ns router)"); do
		kill -KILL "$pid" || :
	done
	net_teardown
	[ -z "${dir:-}" ] || rm -rf "$dir"
}

use()
{
	af=$1
	case $af in
	4)
		s=10.0.0.2 g=239.1.1.1 g2=239.1.1.2 groups=239.1.0.0/16
		;;
	6)
		s=fd00::2 g=ff05::1:1 g2=ff05::1:2 groups=ff05::1:0/112
		;;
	esac
}

# A stream that must not lose a packet while something is done to the daemon
stream_begins()
{
	net_listen l1 listener1 "$g"
	stream_start stream source "$g"
	flows l1
}

stream_lost_nothing()
{
	local sent

	flows l1
	sent=$(stream_stop stream)
	got_all l1 "$sent"
}

# rows TABLE: of show, as JSON, one a line
rows()
{
	ctl -j show | awk -v table="\"$1\":[" '/^"[a-z]+":\[$/ { on = $0 == table } on'
}

routes_come_and_go()
{
	use "$1"
	daemon_start
	ctl add eth0 "$s" "$g" eth1
	has_mroute "$s" "$g" eth0 eth1
	# a second one adds to it
	ctl add eth0 "$s" "$g" eth2
	has_mroute "$s" "$g" eth0 eth1 eth2
	ctl add eth0 "$groups" eth1
	run ctl show
	assert_line --partial "(*, $groups) "
	assert_line --partial "($s, $g) "
	rows asm | grep -qF "\"group\":\"$groups\",\"iif\":\"eth0\",\"oifs\":[\"eth1\"]"
	rows ssm | grep -qF "\"group\":\"$g\",\"iif\":\"eth0\",\"oifs\":[\"eth1\",\"eth2\"]"
	rows kernel | grep -qF "\"source\":\"$s\",\"group\":\"$g\""

	ctl remove eth0 "$s" "$g" eth1
	# what the range says holds for the stream as well
	ctl remove eth0 "$groups"
	has_mroute "$s" "$g" eth0 eth2
	ctl del eth0 "$s" "$g"
	[ -z "$(mroutes)" ]
	assert_equal "$(ctl show)" ""

	run ctl remove eth0 "$s" "$g"
	assert_failure 1
	assert_output "smcroutectl: there is no such route"
}

@test "IPv4: routes are added and removed" {
	routes_come_and_go 4
}

@test "IPv6: routes are added and removed" {
	routes_come_and_go 6
}

# is_member GROUP: the router is, on eth1
is_member()
{
	on router ip maddr show dev eth1 | grep -qE "inet6? +$1( |\$)"
}

is_no_member()
{
	! is_member "$1"
}

groups_come_and_go()
{
	use "$1"
	daemon_start
	ctl join eth1 "$g"
	is_member "$g"
	ctl join eth1 "$s" "$g2"
	is_member "$g2"
	run ctl show groups
	assert_line --regexp "^\\(\\*, $g\\) +eth1$"
	assert_line --regexp "^\\($s, $g2\\) +eth1$"
	run ctl join eth1 "$g"
	assert_failure 1
	assert_output "smcroutectl: joined already"

	ctl leave eth1 "$s" "$g2"
	is_no_member "$g2"
	ctl leave eth1 "$g"
	is_no_member "$g"
	assert_equal "$(ctl show groups)" ""
	run ctl leave eth1 "$g"
	assert_failure 1
	assert_output "smcroutectl: there is no such membership"
}

@test "IPv4: groups are joined and left" {
	groups_come_and_go 4
}

@test "IPv6: groups are joined and left" {
	groups_come_and_go 6
}

@test "a range of groups is joined and left whole" {
	daemon_start
	ctl join eth1 239.7.7.0/26
	[ "$(on router ip -4 maddr show dev eth1 | grep -c 239.7.7.)" -eq 64 ]
	ctl leave eth1 239.7.7.5
	[ "$(on router ip -4 maddr show dev eth1 | grep -c 239.7.7.)" -eq 63 ]
	ctl leave eth1 239.7.7.0/26
	[ "$(on router ip -4 maddr show dev eth1 | grep -c 239.7.7.)" -eq 0 ]
}

@test "a group on an interface that comes later" {
	config <<<'mgroup from eth9 group 239.1.1.9'
	daemon_start
	ctl join -w eth9 ff05::99
	run ctl -j show pending
	assert_line --partial '"kind":"mgroup","source":null,"group":"239.1.1.9","iif":"eth9"'
	on router ip link add eth9 type veth peer name eth10
	on router ip link set eth9 up
	wait_until 5 on router sh -c 'ip maddr show dev eth9 | grep -q 239.1.1.9'
	wait_until 5 on router sh -c 'ip maddr show dev eth9 | grep -q ff05::99'
	run ctl -d show groups
	assert_line --regexp '239.1.1.9\) +eth9  \[from file\]'
	assert_line --regexp 'ff05::99\) +eth9  \[from command\]'
}

@test "show: headings, without headings, details, JSON" {
	config <<-END
	mroute from eth0 group 239.1.0.0/16 to eth1 eth2
	mroute from eth0 group ff05::1 source fd00::2 to eth1
	mroute from eth0 group 239.3.3.3 to eth9
	mgroup from eth1 group 239.7.7.7
	END
	daemon_start
	net_send source 239.1.1.1 count 3
	net_send source 239.9.9.9 count 2

	run ctl show
	assert_output --partial "(*,G) Template Rules"
	assert_output --partial "(S,G) Rules"
	assert_output --partial "Kernel MFC Table"
	refute_output --partial $'\033'
	assert_equal "$(ctl -p show)" "$output"
	assert_equal "$(ctl)" "$output"
	run ctl -t show
	refute_output --partial Kernel
	assert_line "(*, 239.1.0.0/16)                          eth0  eth1 eth2"
	assert_line "(10.0.0.2, 239.1.1.1)                      eth0  eth1 eth2"
	run ctl -t show groups
	assert_output --regexp '^\(\*, 239.7.7.7\) +eth1$'
	run ctl -t show interfaces
	assert_line --regexp '^ +1 lo +N/A  N/A$'
	assert_line --regexp '^ +[0-9]+ eth0 +0    0$'
	assert_line --regexp '^ +[0-9]+ eth2 +[0-9]+  N/A$'
	run ctl show pending
	assert_output --partial "mroute  from eth0 group 239.3.3.3 to eth9"

	# counters, and what is nobody's
	run ctl -d show routes
	assert_line --regexp '^\(10.0.0.2, 239.1.1.1\) +eth0 +3 +87  eth1 eth2  \[forward static\]$'
	assert_line --regexp '^\(10.0.0.2, 239.9.9.9\) +eth0 +2 +58  \[negative\]$'
	run ctl show routes detail
	assert_line --regexp '^\(10.0.0.2, 239.1.1.1\) +eth0 +3 +87 '

	for table in "" routes groups interfaces pending; do
		# shellcheck disable=SC2086 # no word, or one
		ctl -j show $table | python3 -m json.tool >/dev/null
		# shellcheck disable=SC2086
		ctl -j -d show $table | python3 -m json.tool >/dev/null
	done
	for command in version help; do
		ctl -j $command | python3 -m json.tool >/dev/null
	done
	ctl -jd show | python3 -c '
import json, sys
routes = json.load(sys.stdin)["routes"]
assert [r["group"] for r in routes["asm"]] == ["239.3.3.3", "239.1.0.0/16"], routes
assert routes["asm"][0]["pending"] == ["eth9"], routes
assert routes["ssm"][0]["source"] == "fd00::2", routes
kernel = {r["group"]: r for r in routes["kernel"]}
assert kernel["239.1.1.1"]["packets"] == 3, kernel
assert kernel["239.1.1.1"]["oifs"] == ["eth1", "eth2"], kernel
assert kernel["239.9.9.9"]["state"] == "negative" and kernel["239.9.9.9"]["owner"] is None
assert kernel["ff05::1"]["packets"] == 0, kernel
'
}

@test "version and help" {
	daemon_start
	run ctl version
	assert_success
	assert_line --regexp '^smcroutectl: +smckit [0-9.]+$'
	assert_line --regexp '^smcrouted: +smckit [0-9.]+$'
	run ctl help
	assert_success
	for command in add remove join leave flush reload kill monitor upgrade show; do
		assert_line --partial "  $command"
	done
	assert_equal "$(sort <<<"$output" | uniq -d)" ""
	run ctl help join
	assert_output --regexp '^  join \[-w\] IIF .*join a group'
	run ctl help frob
	assert_failure 64
	run ctl -h
	assert_success
	run ctl -v
	assert_output --regexp '^smckit [0-9.]+$'
}

@test "reload: what the file says, without what was done by command" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1
		   mroute from eth0 group ff05::1:2 source fd00::2 to eth1'
	daemon_start
	ctl add eth0 10.0.0.2 239.1.1.2 eth1
	ctl join eth1 239.1.1.2
	stream_begins
	touch -d '1 hour ago' "$daemon_pidfile"
	config <<<'mroute from eth0 group 239.1.1.1 to eth1
		   mroute from eth0 group ff05::1:3 source fd00::2 to eth2
		   mgroup from eth1 group 239.1.1.3'
	ctl reload
	# the reply says that it is done
	has_no_mroute 10.0.0.2 239.1.1.2
	is_no_member 239.1.1.2
	is_member 239.1.1.3
	af=6 has_mroute fd00::2 ff05::1:3 eth0 eth2
	af=6 has_no_mroute fd00::2 ff05::1:2
	[ "$(($(date +%s) - $(stat -c %Y "$daemon_pidfile")))" -lt 1000 ]
	assert_equal "$(cat "$daemon_pidfile")" "${net_pid[daemon]}"
	stream_lost_nothing
}

wants_eth2()
{
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
}

@test "a hangup reloads too" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
	daemon_start
	stream_begins
	config <<<'mroute from eth0 group 239.1.1.1 to eth1 eth2'
	net_signal daemon HUP
	wait_until 5 wants_eth2
	stream_lost_nothing
	daemon_lives
}

@test "a broken file at reload changes nothing, and all errors are told" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1
		   mgroup from eth1 group 239.1.1.1'
	daemon_start
	ctl add eth0 10.0.0.2 239.1.1.2 eth1
	ctl show >"$BATS_TEST_TMPDIR/before"
	stream_begins
	ctl show >"$BATS_TEST_TMPDIR/before"
	touch -d '1 hour ago' "$daemon_pidfile"
	config <<-END
	mroute from eth0 group 239.1.1.1 to eth1 eth2
	mroute from eth0 grup 239.1.1.2 to eth1
	phyint eth0 ttl-threshold 300
	frobnicate
	END
	run ctl reload
	assert_failure 1
	assert_line "$daemon_config:2:18: unknown word 'grup'"
	assert_line "$daemon_config:3:27: ttl-threshold wants a number from 1 to 255, not '300'"
	assert_line "$daemon_config:4:1: unknown statement 'frobnicate'"
	assert_line "smcroutectl: nothing was changed: 3 errors in $daemon_config"
	diff "$BATS_TEST_TMPDIR/before" <(ctl show)
	[ "$(($(date +%s) - $(stat -c %Y "$daemon_pidfile")))" -gt 1000 ]

	net_signal daemon HUP
	wait_for daemon 'nothing was changed: 3 errors'
	wait_for daemon ":4:1: unknown statement 'frobnicate'"
	diff "$BATS_TEST_TMPDIR/before" <(ctl show)

	# and a file that is gone is no empty one
	rm "$daemon_config"
	run ctl reload
	assert_failure 1
	assert_line --partial "$daemon_config: No such file or directory"
	diff "$BATS_TEST_TMPDIR/before" <(ctl show)
	stream_lost_nothing
}

@test "at start the good lines of a file are used, loudly" {
	config <<-END
	mroute from eth0 group 239.1.1.1 source 10.0.0.2 to eth1
	mroute from eth0 group 10.1.1.1 to eth1
	mroute from eth0 group 239.1.1.2 source 10.0.0.2 to eth1
	END
	daemon_start
	wait_for daemon "$daemon_config:2:24: 10.1.1.1 is no multicast group"
	wait_for daemon "going on without"
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
}

@test "without a file the daemon waits for commands" {
	daemon_launch
	daemon_is_ready
	wait_for daemon "$daemon_config: No such file or directory"
	ctl add eth0 10.0.0.2 239.1.1.1 eth1
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
}

# Nothing of ours is left: entries, vifs, files
kernel_is_clean()
{
	[ -z "$(af=4 mroutes)$(af=6 mroutes)" ]
	[ "$(on router cat /proc/net/ip_mr_vif | wc -l)" -eq 1 ]
	[ "$(on router cat /proc/net/ip6_mr_vif | wc -l)" -eq 1 ]
	is_no_member 239.1.1.1
	[ ! -e "$daemon_socket" ]
	[ ! -e "$daemon_pidfile" ]
}

full_daemon()
{
	config <<-END
	mroute from eth0 group 239.1.1.1 source 10.0.0.2 to eth1
	mroute from eth0 group ff05::1 source fd00::2 to eth1
	mroute from eth0 group 239.2.0.0/16 to eth2
	mgroup from eth1 group 239.1.1.1
	END
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	af=6 has_mroute fd00::2 ff05::1 eth0 eth1
	is_member 239.1.1.1
	net_send source 239.2.2.2
	wait_until 5 has_mroute 10.0.0.2 239.2.2.2 eth0 eth2
}

@test "TERM, INT and kill end the daemon and leave the kernel clean" {
	full_daemon
	assert_equal "$(cat "$daemon_pidfile")" "${net_pid[daemon]}"
	assert_equal "$(stat -c %a "$daemon_pidfile")" 644
	daemon_stop TERM
	kernel_is_clean
	full_daemon
	daemon_stop INT
	kernel_is_clean
	full_daemon
	ctl kill
	wait "${net_pid[daemon]}"
	unset "net_pid[daemon]"
	kernel_is_clean
}

@test "-D ends it by itself" {
	config </dev/null
	daemon_launch -D 1
	daemon_is_ready
	wait "${net_pid[daemon]}"
	unset "net_pid[daemon]"
	kernel_is_clean
}

@test "in the background, the command returns when the configuration is in force" {
	config <<<'mroute from eth0 group 239.1.1.1 source 10.0.0.2 to eth1'
	# to a file: a pipe would be waited for until the daemon lets go of it
	on router timeout -k 1 20 smcrouted -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile" >"$(net_log daemon)" 2>&1 3>&-
	assert_equal "$(cat "$(net_log daemon)")" ""
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	kill -0 "$(cat "$daemon_pidfile")"
	assert_equal "$(readlink "/proc/$(cat "$daemon_pidfile")/fd/2")" /dev/null
	ctl kill
	wait_until 5 test ! -e "$daemon_pidfile"
}

@test "in the background, a bad start is told by the command" {
	config </dev/null
	status=0
	on router timeout -k 1 20 smcrouted -f "$daemon_config" -u "$BATS_TEST_TMPDIR/no/sock" \
		-P "$daemon_pidfile" >"$(net_log daemon)" 2>&1 3>&- || status=$?
	assert_equal "$status" 71
	grep -q "no/sock: cannot listen: No such file or directory" "$(net_log daemon)"
	[ ! -e "$daemon_pidfile" ]
}

@test "flush forgets what was not used since the last look" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1
		   mroute from eth0 group 239.2.2.2 source 10.0.0.2 to eth1'
	daemon_start
	net_send source 239.1.1.9
	wait_until 5 has_mroute 10.0.0.2 239.1.1.9 eth0 eth1
	stream_begins
	ctl flush
	flows l1
	ctl flush
	has_no_mroute 10.0.0.2 239.1.1.9
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	has_mroute 10.0.0.2 239.2.2.2 eth0 eth1
	stream_lost_nothing
}

@test "monitor tells what happens" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	daemon_start -c 1
	net_start events router smcroutectl -u "$daemon_socket" monitor
	net_start json router smcroutectl -u "$daemon_socket" -j monitor
	wait_until 5 has_clients 2
	net_send source 239.1.1.1
	wait_for events ' learned route=\(10.0.0.2,239.1.1.1\) iif=eth0'
	wait_for json '"event":"learned".*"route":"\(10.0.0.2,239.1.1.1\)"'
	wait_for events ' forgotten route=\(10.0.0.2,239.1.1.1\)' 10
	on router ip link add eth9 type veth peer name eth8
	wait_for events ' interface name=eth9 state=new'
	on router ip link del eth9
	wait_for events ' interface name=eth9 state=gone'
	ctl reload
	wait_for events ' reload file=.*daemon.conf errors=0'
	while read -r line; do
		python3 -m json.tool <<<"$line" >/dev/null
	done <"$(net_log json)"
	net_stop events || true
	daemon_lives
}

# has_clients N: so many connections are established at the daemon
has_clients()
{
	[ "$(on router ss -xH state established src "$daemon_socket" | wc -l)" -eq "$1" ]
}

many_routes()
{
	local i

	for i in $(seq 0 $(($1 - 1))); do
		echo "add eth0 10.0.0.2 239.$((i >> 16 & 255)).$((i >> 8 & 255)).$((i & 255)) eth1"
	done
}

@test "a batch of 10000 lines, from a file and from standard input" {
	daemon_start
	many_routes 10000 >"$BATS_TEST_TMPDIR/batch"
	ctl -b "$BATS_TEST_TMPDIR/batch"
	assert_equal "$(mroutes | wc -l)" 10000
	sed 's/^add/remove/; s/ eth1$//' "$BATS_TEST_TMPDIR/batch" | ctl -b
	assert_equal "$(mroutes | wc -l)" 0
}

@test "a batch stops at the first error, or goes on with -k" {
	cat >"$BATS_TEST_TMPDIR/batch" <<-END
	# a comment

	   add eth0 239.1.1.1 eth1   # and another
		 # and one that is indented
	join eth1 239.1.1.1
	add eth0 10.1.1.1 eth1
	add eth0 239.1.1.2 eth1
	frobnicate
	add eth0 239.1.1.3 eth1
	END
	daemon_start
	run ctl -b "$BATS_TEST_TMPDIR/batch"
	assert_failure 1
	assert_output "line 6: 10.1.1.1 is no multicast group"
	run ctl -t show
	assert_output --partial "(*, 239.1.1.1)"
	refute_output --partial "239.1.1.2"
	is_member 239.1.1.1

	ctl leave eth1 239.1.1.1
	run ctl -k -b "$BATS_TEST_TMPDIR/batch"
	assert_failure 1
	assert_line "line 6: 10.1.1.1 is no multicast group"
	assert_line --regexp "^line 8: .*'frobnicate'"
	run ctl -t show
	assert_output --partial "(*, 239.1.1.2)"
	assert_output --partial "(*, 239.1.1.3)"
}

# The socket and the configuration where others can get at them
open_socket()
{
	setpriv --reuid nobody --regid nogroup --clear-groups true ||
		skip "needs other users"
	dir=$(mktemp -d /tmp/smc-XXXXXX)
	chmod 755 "$dir"
	daemon_socket=$dir/sock
	daemon_config=$dir/conf
}

as()
{
	on router setpriv --reuid "$1" --regid "$2" --clear-groups \
		"$SMCKIT_BUILD/smcroutectl/smcroutectl" -u "$daemon_socket" "${@:3}"
}

@test "others may neither look nor change" {
	open_socket
	daemon_start
	ctl add eth0 239.1.1.1 eth1
	run as nobody nogroup show
	assert_failure 1
	assert_output --partial "Permission denied"
	# the daemon looks for itself who it is
	chmod 777 "$daemon_socket"
	for command in show "add eth0 239.1.1.2 eth1" "remove eth0 239.1.1.1" kill reload; do
		# shellcheck disable=SC2086 # words
		run as nobody nogroup $command
		assert_failure 1
		assert_output "smcroutectl: permission denied"
	done
	run ctl -t show
	assert_output --regexp '^\(\*, 239.1.1.1\) +eth0 +eth1$'
}

@test "the group of the daemon's user may look, and not change" {
	open_socket
	daemon_start -p daemon:nogroup
	ctl add eth0 239.1.1.1 eth1
	assert_equal "$(stat -c %U:%G "/proc/${net_pid[daemon]}")" daemon:nogroup
	run as nobody nogroup -t show
	assert_success
	assert_output --regexp '^\(\*, 239.1.1.1\) +eth0 +eth1$'
	for command in "add eth0 239.1.1.2 eth1" "remove eth0 239.1.1.1" kill reload flush; do
		# shellcheck disable=SC2086 # words
		run as nobody nogroup $command
		assert_failure 1
		assert_output "smcroutectl: this may only be asked by root"
	done
	run as nobody "$(id -g games)" show
	assert_failure 1
	# the user itself may
	as daemon nogroup add eth0 239.1.1.2 eth1
	run ctl -t show
	assert_line --partial "(*, 239.1.1.2)"
	# and all works without root
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1
	got_all l1 1
	ctl join eth1 239.1.1.5
	is_member 239.1.1.5
	daemon_stop
}

@test "a client that says nothing, or is gone, disturbs nobody" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
	daemon_start
	many_routes 10000 | sed 's/ 239/ 238/' | ctl -b
	stream_begins
	net_start silent router python3 -c '
import socket, sys, time
held = []
for i in range(20):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    held.append(s)
    if i % 2:
        s.send(b"show rou")
print("connected", flush=True)
time.sleep(100)' "$daemon_socket"
	wait_for silent connected
	daemon_lives
	# in the middle of a table, and between request and reply
	on router python3 -c '
import socket, struct, sys
for i in range(20):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.send(b"show routes detail\n")
    if i % 3:
        assert len(s.recv(1000)) > 0
    s.close()' "$daemon_socket"
	daemon_lives
	assert_equal "$(ctl -t show | grep -c '^(')" 20002
	net_stop silent KILL || true
	daemon_lives
	wait_until 5 has_clients 0
	stream_lost_nothing
}

memory_of_daemon()
{
	awk '/^VmRSS/ { print $2 }' "/proc/${net_pid[daemon]}/status"
}

@test "a client that never reads is not waited for" {
	local before

	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
	daemon_start
	many_routes 10000 | sed 's/ 239/ 238/' | ctl -b
	stream_begins
	before=$(memory_of_daemon)
	# it asks for 100 tables of 2 MB each
	net_start greedy router python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.send(b"show routes detail\n" * 100)
print("asked", flush=True)
time.sleep(100)' "$daemon_socket"
	wait_for greedy asked
	daemon_lives
	assert_equal "$(ctl -t show | grep -c '^(')" 20002
	flows l1
	[ $(($(memory_of_daemon) - before)) -lt 4000 ]
	net_stop greedy KILL || true
	daemon_lives
	stream_lost_nothing
}

@test "junk and endless lines are refused" {
	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
	daemon_start
	stream_begins
	on router python3 -c '
import json, random, socket, sys
def ask(data):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(sys.argv[1])
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        pass
    reply = b""
    try:
        while True:
            more = s.recv(65536)
            if not more:
                return reply
            reply += more
    except ConnectionResetError:
        return reply
random.seed(1)
for i in range(20):
    data = bytes(random.randrange(256) for _ in range(5000))
    for line in ask(data + b"\n").splitlines():
        assert "error" in json.loads(line) or "ok" in json.loads(line), line
assert b"too long" in ask(b"x" * 2000000)
assert b"too long" in ask(b"add eth0 239.1.1.1 " * 120000 + b"\n")
# long, but not too long
reply = ask(b"add eth0 239.1.1.1 " + b"eth1 " * 100000 + b"\n")
assert reply == b"{\"ok\":true}\n", reply
assert b"error" in ask(b"\0\n")
assert b"error" in ask(b"show\x1b[31m\n")
' "$daemon_socket"
	daemon_lives
	stream_lost_nothing
}

@test "what a killed daemon left is replaced, what is no socket is not" {
	config </dev/null
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \
		"$daemon_socket"
	echo 999999 >"$daemon_pidfile"
	net_start daemon router smcrouted -n -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile"
	wait_until 10 grep -qx "${net_pid[daemon]}" "$daemon_pidfile"
	daemon_lives
	daemon_stop

	echo precious >"$daemon_socket"
	run on router timeout -k 1 20 smcrouted -n -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile"
	assert_failure 71
	assert_output --partial "$daemon_socket: cannot listen: File exists"
	assert_equal "$(cat "$daemon_socket")" precious
}

@test "a pid file of another is left alone" {
	config </dev/null
	daemon_start
	echo 1 >"$daemon_pidfile"
	daemon_stop
	assert_equal "$(cat "$daemon_pidfile")" 1
}

@test "the service manager is told of start, reload and end" {
	local manager=$BATS_TEST_TMPDIR/manager

	config <<<'mroute from eth0 group 239.1.1.1 source 10.0.0.2 to eth1'
	net_start manager router python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print("message", s.recv(65536).decode().replace("\n", " "), flush=True)' "$manager"
	wait_for manager '^bound'
	NOTIFY_SOCKET=$manager daemon_start
	wait_for manager "READY=1 .*MAINPID=${net_pid[daemon]}"
	# it is told when all is in force
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	net_signal daemon HUP
	wait_for manager "RELOADING=1 MONOTONIC_USEC=[0-9]+"
	ctl add eth0 10.0.0.2 239.1.1.2 eth1
	echo nonsense >>"$daemon_config"
	net_signal daemon HUP
	wait_for manager "READY=1 STATUS=.*refused"
	ctl kill
	wait_for manager "STOPPING=1"
}

@test "-i names the socket, the pid file and the configuration" {
	local name=smc-test-$$-$BATS_TEST_NUMBER

	net_start daemon router smcrouted -n -i "$name"
	daemon_pidfile=/run/$name.pid
	daemon_is_ready
	grep -q "/etc/$name.conf: No such file" "$(net_log daemon)"
	run on router smcroutectl -i "$name" version
	assert_success
	assert_line --partial smcrouted
	daemon_stop
	[ ! -e "/run/$name.pid" ]
	[ ! -e "/run/$name.sock" ]
}
