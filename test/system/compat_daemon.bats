#!/usr/bin/env bats
# compat_daemon.bats - the daemon is started as smcroute's is, and its files are where those were
#
# The numbers of tests are those of the list of what smcroute does: 1.2 is options, 1.5 files and
# signals.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	# shellcheck disable=SC2034 # for daemon.bash
	af=4
	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1'
}

teardown()
{
	net_teardown
}

# start_plain OPTION...: under a /run of its own, and an /etc with nothing but the configuration
start_plain()
{
	# shellcheck disable=SC2016 # expanded there
	net_start plain router sh -c '
		mount -t tmpfs none /run && mount -t tmpfs none /etc && cp "$1" /etc/smcroute.conf &&
			mkdir /etc/smcroute.d && shift && "$@" && echo started && exec sleep 100' \
		sh "$daemon_config" "$@"
}

# there COMMAND...: where it runs
there()
{
	nsenter -t "${net_pid[plain]}" -m -n "$@"
}

@test "1.5 without options: /etc/smcroute.conf, /run/smcroute.pid, /run/smcroute.sock" {
	echo 'include /etc/smcroute.d/*.conf' >>"$daemon_config"
	start_plain smcrouted
	wait_for plain started
	assert_equal "$(there cat /proc/"$(there cat /run/smcroute.pid)"/comm)" smcrouted
	assert_equal "$(there stat -c %a /run/smcroute.pid)" 644
	assert_equal "$(there stat -c %F:%u /run/smcroute.sock)" socket:0
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	there sh -c 'echo "mroute from eth0 source 10.0.0.2 group 239.1.1.2 to eth1" \
		>/etc/smcroute.d/10.conf'
	there touch -d '1 hour ago' /run/smcroute.pid
	there smcroutectl reload
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
	[ $(($(date +%s) - $(there stat -c %Y /run/smcroute.pid))) -lt 1000 ]
	there smcroutectl -t show | grep -qF '(10.0.0.2, 239.1.1.2)  '
	there smcroutectl kill
	wait_until 5 there test ! -e /run/smcroute.pid
	[ -z "$(there find /run -name 'smcroute*')" ]
	[ -z "$(mroutes)" ]
}

@test "1.2 -i and -I: two of them, each with its files and its table" {
	on router ip mrule add iif eth2 table 7
	# shellcheck disable=SC2016 # expanded there
	start_plain sh -c 'echo "mroute from eth2 source 10.0.2.2 group 239.1.1.1 to eth1" \
		>/etc/mrt1.conf && smcrouted && smcrouted -I mrt1 -t 7'
	wait_for plain started
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	assert_equal "$(mroutes_of 7)" "10.0.2.2 239.1.1.1 eth2 eth1"
	assert_equal "$(there find /run -name '*.*' | sort | tr '\n' ' ')" \
		"/run/mrt1.pid /run/mrt1.sock /run/smcroute.pid /run/smcroute.sock "
	for option in -i -I; do
		there smcroutectl $option mrt1 add eth2 10.0.2.2 239.1.1.1 eth0
		assert_equal "$(mroutes_of 7)" "10.0.2.2 239.1.1.1 eth2 eth0 eth1"
		there smcroutectl $option mrt1 remove eth2 10.0.2.2 239.1.1.1 eth0
		assert_equal "$(mroutes_of 7)" "10.0.2.2 239.1.1.1 eth2 eth1"
	done
	there smcroutectl -i mrt1 kill
	wait_until 5 there test ! -e /run/mrt1.pid
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	run there smcroutectl -i mrt1 show
	assert_failure 1
	assert_output --partial "/run/mrt1.sock"
	there smcroutectl kill
	wait_until 5 there test ! -e /run/smcroute.pid
}

@test "1.2 -m: the seconds between announcements" {
	config <<<'phyint eth1 mrdisc'
	net_capture seen listener1 eth0 'igmp[0] = 0x30'
	daemon_start -m 7
	# it stands in the second octet
	is_seven()
	{
		tcpdump -n -r "$BATS_TEST_TMPDIR/seen.pcap" 'igmp[1] = 7' 2>/dev/null | grep -q .
	}
	wait_until 5 is_seven
	daemon_stop
	for seconds in 3 181 x; do
		run on router smcrouted -n -m $seconds
		assert_failure 64
		assert_output --partial "-m $seconds: not from 4 to 180 seconds"
	done
}

@test "1.5 a reload without the file changes nothing" {
	daemon_start
	rm "$daemon_config"
	net_signal daemon HUP
	wait_for daemon 'nothing was changed'
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	daemon_lives
}
