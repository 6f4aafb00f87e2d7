#!/usr/bin/env bats
# bridge.bats - vifs on bridges that snoop: the bridge knows of the router for as long as there is one

# shellcheck disable=SC2030,SC2031 # each test is a subshell
# shellcheck disable=SC2034,SC2154 # what the loaded files use, and set

load net
load daemon
load probe

# The router has br0 on top of eth1 and eth2, beside its eth0
setup()
{
	net_setup
	on router ip link add br0 type bridge mcast_snooping 1
	on router ip addr flush dev eth1
	on router ip addr flush dev eth2
	on router ip link set eth1 master br0
	on router ip link set eth2 master br0
	on router ip link set br0 up
	net_addr router br0 10.0.1.1/24 fd00:1::1/64
}

teardown()
{
	net_teardown
}

# mode [BRIDGE]: its own port's multicast router mode
mode()
{
	on router ip -d link show dev "${1:-br0}" | sed -nE 's/.* mcast_router ([0-9]+) .*/\1/p'
}

mode_is()
{
	[ "$(mode "${2:-br0}")" = "$1" ]
}

set_mode()
{
	on router ip link set dev "${2:-br0}" type bridge mcast_router "$1"
}

# loaded TEXT: it is the configuration from now on
loaded()
{
	config <<<"$1"
	ctl reload
}

# A route of the family that takes a vif on the interface
route()
{
	case $1 in
	4) echo "mroute from eth0 group 239.1.1.1 to $2" ;;
	6) echo "mroute from eth0 group ff05::1:1 to $2" ;;
	esac
}

@test "a bridge is told of a router while a vif of either family is on it" {
	config <<<"mroute from eth0 group 239.1.1.1 to eth9"
	daemon_start
	mode_is 1
	loaded "$(route 4 br0)"
	mode_is 2
	loaded "$(route 4 br0; route 6 br0)"
	loaded "$(route 6 br0)"
	mode_is 2
	loaded "$(route 6 eth9)"
	wait_until 5 mode_is 1

	# an upcall that makes the vif does it as well
	set_mode 0
	ctl add eth0 239.1.1.1 br0
	mode_is 2
	daemon_stop
	mode_is 0
}

# The bridge has heard of another router at eth1
knows_querier()
{
	on router bridge -d mdb show dev br0 | grep -q '^router ports on br0: .*eth1'
}

# What the bridge passes on to the router is seen by who does not ask for all
@test "with another querier on a port, data and reports of old hosts reach the router" {
	config <<-END
		mroute from br0 group 239.1.1.1 to eth0
		mroute from br0 group ff05::1:1 to eth0
	END
	daemon_start
	probe_start listener1
	probe_start listener2
	answer_is ok listener1 send 4 eth0 2 - 224.0.0.1 1 0xc0 alert 1164ee9b00000000
	answer_is ok listener1 send 6 eth0 58 - ff02::1 1 0 alert \
		"8200000027100000$(printf '%032d' 0)"
	wait_until 5 knows_querier
	net_listen four source 239.1.1.1
	net_listen six source ff05::1:1
	net_send listener2 239.1.1.1 count 4
	net_send listener2 ff05::1:1 count 4
	wait_until 5 net_has_received four 4
	wait_until 5 net_has_received six 4

	net_start wire router tcpdump -Z root -p -l -n -i br0 'igmp or ip6[6] == 0'
	wait_for wire 'listening on'
	answer_is ok listener2 send 4 eth0 2 - 239.1.1.2 1 0xc0 alert 1600f9fbef010102
	answer_is ok listener2 send 6 eth0 58 - ff05::1:2 1 0 alert \
		8300000000000000ff050000000000000000000000010002
	wait_for wire '10.0.2.2 > 239.1.1.2: igmp v2 report'
	wait_for wire '> ff05::1:2: .*multicast listener report'
	daemon_stop
}

@test "a bridge keeps what others say of it" {
	# it was so before
	set_mode 2
	config <<<"$(route 4 br0)"
	daemon_start
	mode_is 2
	daemon_stop
	mode_is 2

	# it is another one's wish
	set_mode 1
	daemon_start
	mode_is 2
	set_mode 0
	daemon_stop
	mode_is 0

	# nothing is said of a bridge without a vif
	daemon_start
	on router ip link add br1 type bridge
	on router ip link set br1 up
	loaded "$(route 4 br0; route 6 br0)"
	mode_is 1 br1
	daemon_stop
	mode_is 0
}

@test "a bridge under another device is told of the router on that" {
	on router ip link add link br0 name mac1 type macvlan
	on router ip link add link br0 name mac2 type macvlan
	on router ip link set mac1 up
	on router ip link set mac2 up
	config <<<"$(route 4 mac1; route 6 mac2)"
	daemon_start
	mode_is 2
	loaded "$(route 6 mac2)"
	mode_is 2
	loaded "$(route 6 eth9)"
	wait_until 5 mode_is 1
	loaded "$(route 6 mac1)"
	mode_is 2
	daemon_stop
	mode_is 1
}

@test "bridges that go and come are no trouble" {
	config <<<"$(route 4 br0; route 6 br0)"
	daemon_start
	mode_is 2
	on router ip link del br0
	on router ip link add br0 type bridge
	on router ip link set br0 up
	wait_until 5 mode_is 2
	on router ip link set br0 name br5
	wait_until 5 mode_is 1 br5
	on router ip link set br5 name br0
	wait_until 5 mode_is 2
	daemon_lives
	daemon_stop
	mode_is 1
	! grep -q 'warning.*mode' "$(net_log daemon)" || false
}

# The original is known to the one that takes over: by exec, and after a crash.
@test "what a bridge was outlives a restart in place" {
	set_mode 0
	config <<<"$(route 4 br0; route 6 br0)"
	daemon_start
	mode_is 2
	ctl upgrade
	mode_is 2
	ctl upgrade
	loaded "$(route 6 br0)"
	mode_is 2
	loaded "$(route 6 eth9)"
	wait_until 5 mode_is 0
	loaded "$(route 6 br0)"
	ctl upgrade
	mode_is 2
	daemon_stop
	mode_is 0
}

# As the service manager's restart or stop is: who comes next is told what the bridge was
managed_start()
{
	net_start manager router "$SMCKIT_BUILD/test/system/fdstore" "$BATS_TEST_TMPDIR/notify" \
		smcrouted -n -l debug -f "$daemon_config" -u "$daemon_socket" -P "$daemon_pidfile"
	wait_for manager '^ready'
}

readies()
{
	grep -c '^ready' "$(net_log manager)"
}

is_ready_again()
{
	[ "$(readies)" -gt "$1" ]
}

# ended KILL|TERM: the daemon is, and the manager starts another one
ended()
{
	local before

	before=$(readies)
	case $1 in
	KILL) kill -KILL "$(sed -n 's/^start //p' "$(net_log manager)" | tail -n 1)" ;;
	TERM) net_signal manager HUP ;;
	esac
	wait_until 10 is_ready_again "$before"
}

@test "what a bridge was outlives a crash where a manager keeps descriptors" {
	set_mode 0
	config <<<"$(route 4 br0; route 6 br0)"
	managed_start
	mode_is 2
	ended KILL
	mode_is 2
	ended KILL
	loaded "$(route 6 br0)"
	mode_is 2
	loaded "$(route 6 eth9)"
	wait_until 5 mode_is 0
	loaded "$(route 6 br0)"
	ended TERM
	mode_is 2
	ended KILL
	mode_is 2
	net_stop manager
	mode_is 0
}

@test "without a manager, a bridge stays as it was when the daemon was killed" {
	config <<<"$(route 4 br0)"
	daemon_start
	mode_is 2
	daemon_stop KILL || :
	mode_is 2
	rm "$daemon_pidfile"
	daemon_start
	mode_is 2
	daemon_stop
	mode_is 2
}
