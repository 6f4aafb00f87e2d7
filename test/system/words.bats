#!/usr/bin/env bats
# words.bats - operators' words to a running daemon: log, clear, counters, monitor, completion

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	af=4
}

teardown()
{
	net_teardown
}

@test "the log is turned up and down while it runs" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	daemon_start -l err
	run ctl -t log
	assert_success
	assert_line --regexp '^mfc +err$'
	ctl log router debug
	ctl add eth0 239.2.2.2 eth2
	wait_for daemon 'eth2: IPv4 vif'
	run ctl -j show log
	assert_output --partial '{"area":"router","level":"debug"}'
	python3 -m json.tool <<<"$output"
	ctl log none
	run ctl -t show log
	refute_output --partial debug
	run ctl log loud
	assert_failure 1
	assert_output --partial "'loud' is no level, there are: none err warning notice info debug"
	run ctl log nowhere debug
	assert_failure 1
	assert_output --partial "'nowhere' is no area of the log, there are: linux"
}

clear_forgets()
{
	config <<<"mroute from eth0 group $groups to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_send source "$g"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	net_send source "$other"
	wait_until 5 has_mroute "$s" "$other" eth0
	ctl clear "$other"
	has_no_mroute "$s" "$other"
	has_mroute "$s" "$g" eth0 eth1
	ctl clear "$s" "$g"
	has_no_mroute "$s" "$g"
	# the next packet is learned, and is not lost
	net_send source "$g"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	wait_until 5 net_has_received l1 2
	net_send source "$other"
	wait_until 5 has_mroute "$s" "$other" eth0
	ctl clear
	[ -z "$(mroutes)" ]
	run ctl clear 10.1.1.1
	assert_failure 1
	assert_output --partial "no multicast group"
}

@test "IPv4: clear forgets what was learned" {
	s=10.0.0.2 g=239.1.1.1 other=239.9.9.9 groups=239.1.0.0/16
	clear_forgets
}

@test "IPv6: clear forgets what was learned" {
	af=6 s=fd00::2 g=ff0e::1:1 other=ff0e::9:1 groups=ff0e::1:0/112
	clear_forgets
}

# counter AREA FAMILY NAME: its value
counter()
{
	ctl -t show counters | awk -v a="$1" -v f="$2" -v n="$3" '$1 == a && $2 == f && $3 == n {
		print $4 }'
}

@test "what happens, and what is refused, is counted" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	daemon_start
	assert_equal "$(counter mfc IPv4 upcalls)" 0
	net_send source 239.1.1.1
	net_send source 239.9.9.9
	wait_until 5 has_mroute 10.0.0.2 239.9.9.9 eth0
	assert_equal "$(counter mfc IPv4 upcalls)" 2
	assert_equal "$(counter mfc IPv4 entries)" 2
	assert_equal "$(counter mfc IPv4 negative)" 1
	assert_equal "$(counter netlink - link-listings)" 1
	run ctl add eth0 10.1.1.1 eth1
	assert_failure 1
	assert_equal "$(counter control - refused)" 1
	assert_equal "$(counter client - denied)" 0
	[ "$(counter client - accepted)" -gt 8 ]
	run ctl -j show counters
	python3 -c '
import json, sys
rows = json.load(sys.stdin)["counters"]
assert len(rows) > 30
assert len({(r["area"], r["family"], r["name"]) for r in rows}) == len(rows)
for r in rows:
    assert list(r) == ["area", "family", "name", "value", "help"], r
    assert isinstance(r["value"], int) and r["help"]
' <<<"$output"
}

@test "bad input is a counted drop, by its reason" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	daemon_start
	on source ip addr add 169.254.7.7/16 dev eth0
	net_send source 239.1.1.1 from 169.254.7.7
	wait_until 5 has_mroute 169.254.7.7 239.1.1.1 eth0
	assert_equal "$(counter mfc IPv4 local)" 1
	# others may not connect, even where they get at the socket
	setpriv --reuid nobody --regid nogroup --clear-groups true || skip "needs other users"
	dir=$(mktemp -d /tmp/smc-XXXXXX)
	chmod 755 "$dir"
	ln "$daemon_socket" "$dir/sock"
	chmod 777 "$dir/sock"
	run on router setpriv --reuid nobody --regid nogroup --clear-groups \
		"$SMCKIT_BUILD/smcroutectl/smcroutectl" -u "$dir/sock" show
	rm -r "$dir"
	assert_failure 1
	assert_output "smcroutectl: permission denied"
	assert_equal "$(counter client - denied)" 1
}

# has_clients N: so many connections are established at the daemon
has_clients()
{
	[ "$(on router ss -xH state established src "$daemon_socket" | wc -l)" -eq "$1" ]
}

@test "monitor: all events, or those of some kinds, as text and JSON" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	daemon_start
	net_start all router smcroutectl -u "$daemon_socket" monitor
	net_start streams router smcroutectl -u "$daemon_socket" -j monitor stream
	net_start some router smcroutectl -u "$daemon_socket" mon vif address
	wait_until 5 has_clients 3
	wait_for some ' monitor'
	wait_for streams '"event":"monitor"'
	net_send source 239.1.1.1
	wait_for streams '"event":"learned".*"iif":"eth0"'
	ctl join eth1 239.1.1.1
	wait_for all ' group group=239.1.1.1 iif=eth1 state=joined$'
	ctl add eth2 239.1.1.9 eth1
	wait_for some ' vif name=eth2 family=IPv4 state=made$'
	on router ip addr add 10.77.0.1/24 dev eth2
	wait_for some ' address name=eth2 address=10.77.0.1/24 state=new'
	on router ip link add eth9 type veth peer name eth8
	on router ip link set eth9 name wan
	wait_for all ' interface name=wan state=renamed from=eth9'
	ctl reload
	wait_for all ' reload file='
	[ "$(grep -vc '"event":"\(learned\|monitor\)"' "$(net_log streams)")" -eq 0 ]
	[ "$(grep -vc ' \(monitor\|vif\|address\)' "$(net_log some)")" -eq 0 ]
	run ctl monitor nothing
	assert_failure 1
	assert_output --partial "there is no event 'nothing'; areas of events: stream "
	run ctl -t show events
	assert_line --regexp '^stream +learned +a stream came in'
}

@test "a monitor that does not read is dropped, and counted" {
	daemon_start
	net_start deaf router python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.send(b"monitor\n")
s.recv(4096)
print("on", flush=True)
time.sleep(100)' "$daemon_socket"
	wait_for deaf '^on'
	for i in $(seq 20000); do
		echo "join eth1 239.1.1.1"
		echo "leave eth1 239.1.1.1"
	done | ctl -b
	assert_equal "$(counter control - deaf)" 1
	# what it was sent already is given some time to be read
	wait_until 15 has_clients 0
	assert_equal "$(counter client - dropped)" 1
	daemon_lives
}

# completed LINE: what bash would offer at its end, one a line, sorted
completed()
{
	bash -c '
		. "$1"
		COMP_LINE=$2 COMP_POINT=${#2}
		read -ra COMP_WORDS <<<"$2"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_smcroutectl smcroutectl
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' - "$BATS_TEST_DIRNAME/../../conf/smcroutectl.bash" "smcroutectl $1" | sort -u | tr '\n' ' '
}

@test "completion: without a daemon, by the client's own tables" {
	run completed "-u $BATS_TEST_TMPDIR/none re"
	assert_output "reload remove restart "
	run completed "-u $BATS_TEST_TMPDIR/none show "
	assert_output --partial "groups igmp interfaces "
	run completed "-u $BATS_TEST_TMPDIR/none log n"
	assert_output "none notice "
	run completed "-u $BATS_TEST_TMPDIR/none send 239.1.1.1 via lo t"
	assert_output "ttl "
	run completed "-u $BATS_TEST_TMPDIR/none join l"
	assert_output --regexp '(^| )lo '
	run completed "-"
	assert_output "-I -b -d -h -i -j -k -p -t -u -v -w "
	run completed "help mon"
	assert_output "monitor "
	run completed "frob "
	assert_output ""
	touch "$BATS_TEST_TMPDIR/a-file"
	run completed "-u $BATS_TEST_TMPDIR/a-f"
	assert_output "$BATS_TEST_TMPDIR/a-file "
	run completed "-b $BATS_TEST_TMPDIR/a-f"
	assert_output "$BATS_TEST_TMPDIR/a-file "
}

@test "completion: with a daemon, by what it says of itself" {
	daemon_start
	on router ip link add veth-long type veth peer name veth-other
	wait_until 5 on router sh -c "smcroutectl -u $daemon_socket show i | grep -q veth-long"
	run completed "-u $daemon_socket show "
	for word in counters events groups igmp interfaces log mld mrd pending routes; do
		assert_output --regexp "(^| )$word "
	done
	run completed "-u $daemon_socket -d show routes "
	assert_output "detail "
	run completed "-u$daemon_socket add veth-l"
	assert_output "veth-long "
	run completed "-u $daemon_socket add "
	assert_output --regexp '^-w .*eth0 eth1 eth2 .*kernel lo .*veth-long veth-other '
	run completed "-u $daemon_socket log "
	assert_output "debug err gm info linux mfc mrd none notice proxy router static warning "
	# behind the interface there are addresses, and behind them interfaces again
	run completed "-u $daemon_socket add eth0 "
	assert_output ""
	run completed "-u $daemon_socket add -w eth0 ff05::1:1 eth"
	assert_output "eth0 eth1 eth2 "
	run completed "-u $daemon_socket remove eth0 fd00::2 ff05::1:1 eth1 eth2"
	assert_output "eth2 "
	run completed "-u $daemon_socket leave eth0 239.1.1.1 "
	assert_output ""
	run completed "-u $daemon_socket log mf"
	assert_output "mfc "
	run completed "-u $daemon_socket log mfc d"
	assert_output "debug "
	run completed "-u $daemon_socket monitor vif s"
	assert_output "shadowed stream "
}

@test "completion waits for no daemon that does not answer" {
	daemon_start
	net_signal daemon STOP
	SECONDS=0
	run completed "-u $daemon_socket show cou"
	assert_output "counters "
	[ $SECONDS -lt 8 ]
}

@test "-w stands anywhere, and goes with add and join alone" {
	daemon_start
	run ctl add eth9 239.1.1.1 eth1
	assert_failure 1
	ctl -w add eth9 239.1.1.1 eth1
	ctl add -w eth9 239.1.1.2 eth1
	ctl add eth9 239.1.1.3 eth1 -w
	ctl join eth9 239.1.1.1 -w
	ctl -b <<<'add -w eth9 239.1.1.4 eth1'
	assert_equal "$(ctl show pending | grep -c ' from eth9 ')" 5
	run ctl -w show
	assert_failure 64
	assert_output "smcroutectl: -w goes with add and join"
	run ctl -w -b /dev/null
	assert_failure 64
	assert_output "smcroutectl: in a batch, -w stands in the lines"
}

@test "help names what the daemon knows and the client does not" {
	daemon_start
	run ctl help show
	assert_line --partial "show [routes|groups|interfaces|pending] [detail]"
	assert_line --regexp '^  show counters +what was done, refused and dropped'
	assert_line --regexp '^  show events '
	refute_line --regexp '^  show groups'
	ctl -j help | python3 -c '
import json, sys
commands = json.load(sys.stdin)["help"]
assert {"add", "clear", "log"} <= {c["words"] for c in commands["smcrouted"]} | \
	{c["words"] for c in commands["smcroutectl"]}
assert all(c["help"] for c in commands["smcroutectl"])'
}
