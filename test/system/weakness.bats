#!/usr/bin/env bats
# weakness.bats - where smcroute routes wrongly, dies or hangs: that does not happen here
#
# The numbers of tests are those of the list of its weaknesses: 3.1 is wrong routing, 3.2 what ends
# or holds it up, 3.3 what does not scale.

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
	net_teardown
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

# More pairs of interfaces than a family has vifs: d1, d2, ...
devices()
{
	local i

	for i in $(seq 1 2 "$1"); do
		echo "link add d$i type veth peer name d$((i + 1))"
	done | on router ip -batch -
}

@test "3.1 a reload takes a removed outgoing interface out of the kernel" {
	for af in 4 6; do
		use $af
		config <<<"mroute from eth0 source $s group $g to eth1 eth2
			   mroute from eth0 group $groups to eth1 eth2
			   mroute from eth1 group $g to eth2"
		daemon_start
		net_send source "$g2"
		wait_until 5 has_mroute "$s" "$g2" eth0 eth1 eth2
		config <<<"mroute from eth0 source $s group $g to eth1
			   mroute from eth0 group $groups to eth1
			   mroute from eth1 group $g to eth2"
		ctl reload
		has_mroute "$s" "$g" eth0 eth1
		has_mroute "$s" "$g2" eth0 eth1
		daemon_stop
	done
}

@test "3.1 IPv6 goes on where IPv4 has no vif left" {
	devices 32
	config <<<"mroute from eth0 source 10.0.0.2 group 239.1.1.1 to $(printf 'd%d ' $(seq 31))
		   mroute from eth0 group ff05::1:1 to eth1
		   mroute from eth2 source fd00:2::2 group ff05::1:1 to eth1"
	daemon_start
	use 6
	has_mroute fd00:2::2 ff05::1:1 eth2 eth1
	net_listen l1 listener1 "$g"
	net_send source "$g" count 3
	net_send listener2 "$g" from fd00:2::2 count 3
	got_all l1 6
}

@test "3.1 IPv4 goes on where IPv6 has no vif left" {
	devices 32
	config <<<"mroute from eth0 source fd00::2 group ff05::1:1 to $(printf 'd%d ' $(seq 31))
		   mroute from eth0 group 239.1.1.1 to eth1"
	daemon_start
	net_listen l1 listener1 "$g"
	net_send source "$g" count 3
	got_all l1 3
}

@test "3.2 show after the incoming interface of a stop filter was made again" {
	for af in 4 6; do
		use $af
		daemon_start
		ctl add eth2 "$g2" eth1
		ctl add eth0 "$s" "$g" eth1
		ctl remove eth0 "$s" "$g" eth1
		# and one that the kernel asked for
		net_send listener2 "$g"
		nobodys()
		{
			mroutes | grep -q " $g eth2$"
		}
		wait_until 5 nobodys
		on router ip link del eth2
		ctl show >/dev/null
		ctl -d show >/dev/null
		ctl -j -d show | python3 -m json.tool >/dev/null
		net_stub 2 listener2
		ctl -d show | grep -qF "($s, $g) "
		ctl show interfaces | grep -q ' eth2 '
		net_listen "l$af" listener1 "$g2"
		net_send listener2 "$g2" count 3
		got_all "l$af" 3
		daemon_lives
		daemon_stop
	done
}

has_many_sockets()
{
	[ "$(find "/proc/${net_pid[daemon]}/fd" | wc -l)" -gt 1024 ]
}

# With select() that many sockets end in memory of others.
@test "3.2 more sockets than 1024: groups" {
	local limit

	limit=$(ulimit -Hn)
	[ "$limit" = unlimited ] || [ "$limit" -gt 4096 ] || skip "needs more descriptors"
	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
	daemon_start
	net_listen l1 listener1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows l1
	ctl join eth1 225.0.0.0/17
	flows l1
	daemon_lives
	# how many it takes depends on the system, and is told
	[ "$(ctl -t show groups | awk -F '[(/), ]+' '/[(][*], 225/ {
		n += 2 ^ (32 - ($4 ~ /^[0-9]+$/ ? $4 : 32)) } END { print n }')" -eq 32768 ]
	wait_until 20 has_many_sockets
	got_all l1 "$(stream_stop stream)"
	ctl leave eth1 225.0.0.0/17
	daemon_lives
}

@test "3.2 a batch with blank, indented, commented and long lines" {
	daemon_start
	ctl -b <<-END

	   # a comment
	add eth0 10.0.0.2 239.1.1.1 eth1

	   add eth0 10.0.0.2 239.1.1.2 eth1   # and another one
	$(printf '\t')add eth0 10.0.0.2 239.1.1.3 $(printf 'eth1 %.0s' $(seq 2000)) eth2
	END
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
	has_mroute 10.0.0.2 239.1.1.3 eth0 eth1 eth2
}

@test "3.2 a join that fails is shown as failed" {
	# too little for IPv6
	on router ip link set eth1 mtu 1000
	daemon_start
	run ctl join eth1 ff05::7
	assert_failure 1
	assert_output --regexp "^smcroutectl: eth1: .*ff05::7"
	run ctl -t show groups
	assert_output --partial "[failed: "
	config <<<'mgroup from eth1 group ff05::7'
	ctl reload
	run ctl -t show groups
	assert_output --partial "[failed: "
}

@test "3.2 contradicting and repeated lines, groups of one source without it" {
	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1
		   mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth2
		   mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1
		   mroute from eth0 source 10.0.0.2 group 239.1.1.1
		   mroute from eth0 group 232.1.1.1 to eth1'
	run smcrouted -F "$daemon_config"
	assert_failure 78
	assert_line --regexp "^$daemon_config:4:[0-9]+: an earlier line says that this leads somewhere"
	assert_line --regexp "^$daemon_config:5:[0-9]+: warning: 232.1.1.1 is source-specific"
	assert_equal "${#lines[@]}" 2
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
}

# Thousands of learned routes are looked at, and forgotten, beside a stream and commands.
@test "3.3 routes are looked after while traffic and commands go on" {
	config <<<"mroute from eth0 group 239.0.0.0/8 to eth1
		   mroute from eth2 group 239.1.1.1 to eth1"
	daemon_start -c 1
	net_listen l1 listener1 239.1.1.1
	stream_start stream listener2 239.1.1.1
	net_send source 239.2.0.0 groups 5000 count 5000
	learned()
	{
		test "$(ctl -t show | grep -c '^(10.0.0.2, 239.2')" "$1" "$2"
	}
	wait_until 5 learned -gt 2000
	wait_until 20 learned -eq 0
	flows l1
	got_all l1 "$(stream_stop stream)"
}

# told GROUP: a route for it is written and deleted, and the kernel has said so
told()
{
	ctl add eth0 10.0.0.9 "$1" eth1
	ctl remove eth0 10.0.0.9 "$1"
	grep -q "Deleted.*$1" "$(net_log monitor)"
}

@test "3.3 of a reload the difference is what is written" {
	local i seen

	for i in $(seq 2000); do
		echo "mroute from eth0 source 10.1.$((i / 250)).$((i % 250 + 1)) group 239.1.1.1 to eth1"
		echo "mroute from eth0 source fd01::$i group ff05::1:1 to eth1"
	done >"$daemon_config"
	daemon_start
	net_start monitor router ip monitor mroute
	wait_until 10 told 239.9.9.9
	seen=$(wc -l <"$(net_log monitor)")
	ctl reload
	sed -i -e '1s/eth1$/eth2/' -e 2d "$daemon_config"
	ctl reload
	wait_until 10 told 239.9.9.8
	run sh -c 'tail -n "+$1" "$2" | grep -v 239.9.9' sh $((seen + 1)) "$(net_log monitor)"
	assert_equal "${#lines[@]}" 2
	assert_line --regexp '^\(10.1.0.2,239.1.1.1\) .*Iif: eth0 .*Oifs: eth2'
	assert_line --regexp '^Deleted \(fd01::1,ff05::1:1\)'
}
