#!/usr/bin/env bats
# reload.bats - a configuration is read again while packets are forwarded, checked, and saved

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
}

teardown()
{
	net_teardown
}

# big COUNT: so many routes, and those of the streams
big()
{
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "mroute from eth0 source 10.%d.%d.%d group 239.%d.%d.%d to eth2\n",
				100 + i / 65536, i / 256 % 256, i % 256,
				100 + i / 65536, i / 256 % 256, i % 256
	}'
	echo "mroute from eth0 group 239.1.1.1 to eth1"
	echo "mroute from eth0 group 239.1.1.2 to eth1"
	echo "mroute from eth0 group ff05::2 to eth1"
}

# What is written to the kernel's tables from now on
monitor_start()
{
	net_start monitor router ip monitor mroute
	wait_until 10 monitor_hears 239.9.9.9
	monitored=$(stat -c %s "$(net_log monitor)")
}

# monitor_hears GROUP: of a route that comes and goes
monitor_hears()
{
	ctl add eth0 10.0.0.9 "$1" eth1
	ctl remove eth0 10.0.0.9 "$1"
	grep -q "$1" "$(net_log monitor)"
}

# All that was written since, but for what is heard last
monitor_heard()
{
	wait_until 10 monitor_hears 239.9.9.8
	tail -c "+$((monitored + 1))" "$(net_log monitor)" | grep -v '239[.]9[.]9[.]' || :
}

reloads_start()
{
	# shellcheck disable=SC2016 # expanded there
	net_start reloads router sh -c \
		'while smcroutectl -u "$0" reload; do echo reloaded; done' "$daemon_socket"
	wait_for reloads reloaded 20
}

# reloads_end COUNT: they went well, and it were at least so many
reloads_end()
{
	kill -0 "${net_pid[reloads]}"
	wait_until 60 reloads_were "$1"
	net_stop reloads || :
	run cat "$(net_log reloads)"
	refute_line --regexp '[^d]$'
}

reloads_were()
{
	[ "$(grep -c reloaded "$(net_log reloads)")" -ge "$1" ]
}

@test "a reload of 50000 lines: a stream of 1000 a second loses nothing, nothing is written" {
	local sent

	big 50000 | config
	daemon_start -l notice
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 port 9
	wait_until 10 knows_group 239.1.1.1
	monitor_start
	net_start stream source smcroutectl send 239.1.1.1 via eth0 port 5000 interval 1
	flows l1
	for _ in 1 2 3; do
		ctl reload
		net_signal daemon HUP
	done
	ctl reload
	flows l1
	sent=$(stream_stop stream)
	got_all l1 "$sent"
	[ "$sent" -gt 300 ]
	run monitor_heard
	assert_output ""
	daemon_lives
}

@test "sources that are new during reloads of 50000 lines lose nothing" {
	local i

	big 50000 | config
	daemon_start -l notice
	net_listen four listener1 239.1.1.2
	net_listen six listener1 ff05::2
	for i in {11..60}; do
		net_addr source eth0 "10.0.0.$i/24" "fd00::$i/64"
	done
	reloads_start
	for i in {11..60}; do
		net_send source 239.1.1.2 count 4 interval 0 from "10.0.0.$i"
		net_send source ff05::2 count 4 interval 0 from "fd00::$i"
	done
	wait_until 20 net_has_received four 200
	wait_until 20 net_has_received six 200
	reloads_end 2
}

@test "what is asked for during a reload waits for it, and nobody's answer is lost" {
	local i

	big 50000 | config
	daemon_start -l notice
	for i in 1 2 3; do
		net_start "reload$i" router smcroutectl -u "$daemon_socket" reload
	done
	net_signal daemon HUP
	ctl add eth0 10.0.0.2 239.1.1.9 eth1
	for i in 1 2 3; do
		net_wait "reload$i"
	done
	# a table does not wait for it; the command came before or after, but not between
	ctl show interfaces
	net_signal daemon HUP
	ctl add eth0 10.0.0.2 239.1.1.9 eth1
	wait_until 5 has_mroute 10.0.0.2 239.1.1.9 eth0 eth1
	ctl reload
	has_no_mroute 10.0.0.2 239.1.1.9
}

@test "reload keep: what was done by command stays" {
	local sent

	config <<<"mroute from eth0 group 239.1.1.1 to eth1"
	daemon_start
	ctl add eth0 239.1.1.1 eth2
	ctl add eth0 239.1.1.2 eth2
	ctl join eth2 239.7.7.7
	net_listen l2 listener2 239.1.1.1
	stream_start stream source 239.1.1.1
	flows l2
	config <<<"mroute from eth0 group 239.1.1.3 to eth1"
	ctl reload keep
	wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth2
	flows l2
	run ctl show config
	assert_output - <<-END
	mroute from eth0 group 239.1.1.1 to eth2
	mroute from eth0 group 239.1.1.2 to eth2
	mroute from eth0 group 239.1.1.3 to eth1
	mgroup from eth2 group 239.7.7.7
	END
	sent=$(stream_stop stream)
	got_all l2 "$sent"
	# a signal is a plain reload
	net_signal daemon HUP
	wait_until 5 has_no_mroute 10.0.0.2 239.1.1.1
	run ctl show config
	assert_output "mroute from eth0 group 239.1.1.3 to eth1"
}

@test "show config: saved and read again it is the same" {
	config <<-END
	phyint eth2 ttl-threshold 3
	phyint eth1 enable
	mroute from eth0 source 10.0.0.7/24 group 239.1.0.1/16 to eth1
	mroute from eth0 source fd00::2 group ff05::1 to eth1
	mgroup from eth0 group 239.2.0.0/22
	include $BATS_TEST_TMPDIR/none*.conf
	END
	daemon_start
	ctl add eth0 10.0.0.2 239.1.1.1 eth2
	ctl add eth0 239.1.0.1 eth2
	ctl join eth0 10.0.0.4/30 232.1.1.0/28
	ctl show config >"$BATS_TEST_TMPDIR/saved"
	run cat "$BATS_TEST_TMPDIR/saved"
	assert_output - <<-END
	phyint eth2 ttl-threshold 3
	phyint eth1 enable
	mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth2
	mroute from eth0 group 239.1.0.1 to eth2
	mroute from eth0 source 10.0.0.7/24 group 239.1.0.1/16 to eth1
	mroute from eth0 source fd00::2 group ff05::1 to eth1
	mgroup from eth0 source 10.0.0.4/30 group 232.1.1.0/28
	mgroup from eth0 group 239.2.0.0/22
	END
	monitor_start
	ctl show >"$BATS_TEST_TMPDIR/before"
	config <"$BATS_TEST_TMPDIR/saved"
	ctl reload
	ctl show | diff "$BATS_TEST_TMPDIR/before" -
	ctl show config | diff "$BATS_TEST_TMPDIR/saved" -
	run monitor_heard
	assert_output ""
	run ctl -j show config
	assert_line --index 0 '{"config":['
	assert_line --partial '{"line":"mgroup from eth0 group 239.2.0.0/22"}'
	python3 -m json.tool <<<"$output" >/dev/null
	daemon_stop
	daemon_start
	ctl show config | diff "$BATS_TEST_TMPDIR/saved" -
}

@test "check: the daemon and -F say the same, and nothing is changed" {
	local line file=$BATS_TEST_TMPDIR/file.conf

	config <<<"mroute from eth0 group 239.1.1.1 to eth1"
	daemon_start
	ctl show >"$BATS_TEST_TMPDIR/before"
	while read -r line; do
		printf '# a comment\n%b\n' "$line" >"$file"
		run smcrouted -F "$file"
		assert_failure 78
		echo "$output" >"$BATS_TEST_TMPDIR/by-hand"
		run ctl check "$file"
		assert_failure 1
		head -n -1 <<<"$output" | diff "$BATS_TEST_TMPDIR/by-hand" -
		assert_line "smcroutectl: errors: 1"
	done <<-'END'
	frobnicate
	mroute from eth0
	mroute from eth0 group 239.1.1.1 to # eth1
	mgroup from eth0 group 225.0.0.0/5
	phyint eth0 ttl-threshold 256
	mroute from eth0\\001
	END
	# a file in the client's folder, warnings only
	echo "mroute from eth0 group 239.1.1.9 to eth0 eth1" >"$file"
	warning="$file:1:37: warning: packets never leave by where they came in"
	cd "$BATS_TEST_TMPDIR"
	run ctl check file.conf
	assert_success
	assert_output "$warning"
	run smcrouted -F "$file"
	assert_success
	assert_output "$warning"
	run ctl -j check file.conf
	assert_output "{\"message\":\"$warning\"}"
	run ctl check nosuch
	assert_failure 1
	assert_line "$BATS_TEST_TMPDIR/nosuch: No such file or directory"
	run ctl check
	assert_failure 64
	ctl show | diff "$BATS_TEST_TMPDIR/before" -
	# who may only look may not have files read
	if setpriv --reuid nobody --regid nogroup --clear-groups true; then
		chmod 755 "$BATS_TEST_TMPDIR"
		chmod 666 "$daemon_socket"
		run on router setpriv --reuid nobody --regid nogroup --clear-groups \
			smcroutectl -u "$daemon_socket" check "$file"
		assert_failure
		refute_output --partial warning
	fi
}
