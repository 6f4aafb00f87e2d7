#!/usr/bin/env bats
# module.bats - engines in files of their own: opened, ended, and opened again over a restart

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

bats_require_minimum_version 1.5.0

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	# shellcheck disable=SC2034 # for daemon.bash
	af=4
	# where a user without rights may read, too
	modules=$BATS_TEST_TMPDIR/modules
	mkdir "$modules"
	export SMCKIT_MODULES=$modules
	cp "$SMCKIT_BUILD/test/module/probe.so" "$modules"
}

teardown()
{
	net_teardown
}

probe="probe from eth0 source 10.0.0.2 group 239.1.1.1 to eth1"

@test "module: its statements, words, commands and events are there, and its wishes" {
	config <<-END
	module probe
	phyint eth0 probe-level 7
	$probe
	probe-rows 2000
	END
	daemon_start
	run ctl show modules
	assert_line --regexp '^MODULE +STATE +VERSION$'
	assert_line --regexp '^static +built-in +smckit'
	assert_line --regexp '^probe +opened +smckit'
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received l1 3
	run ctl -j show wishes
	assert_line --partial '"level":7'
	assert_line --partial '{"row":1999}'
	run ctl show config
	assert_line --index 0 "module probe"
	assert_line "phyint eth0 probe-level 7"
	assert_line "$probe"
	net_start monitor router smcroutectl -u "$daemon_socket" monitor probe
	wait_for monitor monitor
	run ctl -j show events
	assert_line --partial '"probed"'
	echo "probe it" | on router socat -t 5 - "UNIX-CONNECT:$daemon_socket"
	wait_for monitor 'probed.*it'
	# what is saved is the same again
	ctl show config >"$BATS_TEST_TMPDIR/saved"
	config <"$BATS_TEST_TMPDIR/saved"
	ctl reload
	ctl show config | diff "$BATS_TEST_TMPDIR/saved" -
}

@test "module: a reload without it ends all that it did, and it comes again" {
	local i

	config <<<"mroute from eth0 group 239.1.1.2 to eth1"
	daemon_start
	net_listen l1 listener1 239.1.1.1
	for i in 1 2 3; do
		config <<<"module probe
		$probe"
		net_signal daemon HUP
		wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
		on router ip maddr show dev eth0 | grep -q 239.1.1.1
		net_send source 239.1.1.1 count 2
		wait_until 5 net_has_received l1 $((2 * i))
		config <<<"mroute from eth0 group 239.1.1.2 to eth1"
		net_signal daemon HUP
		wait_until 5 has_no_mroute 10.0.0.2 239.1.1.1
		wait_until 5 lacks_group
		[ "$(grep -c 'module probe: smckit' "$(net_log daemon)")" -eq "$i" ]
		[ "$(grep -c 'module probe: ends' "$(net_log daemon)")" -eq "$i" ]
		run ctl show wishes
		assert_failure
	done
	daemon_stop
}

# held: what the daemon and the kernel have because of it
held()
{
	find "/proc/${net_pid[daemon]}/fd" -type l | wc -l
	on router sh -c 'cat /proc/net/ip_mr_vif /proc/net/ip6_mr_vif; ip -br link; ip maddr
		ip rule; ip -6 rule; ip route show table all; ip -6 route show table all
		ip mroute show table all' | sed 's/ expires [0-9]*sec//'
}

is_held()
{
	[ "$(held)" = "$1" ]
}

takes_registers()
{
	on router grep -q pimreg /proc/net/ip_mr_vif && on router grep -q pimreg /proc/net/ip6_mr_vif
}

@test "module: PIM gives back sockets, vifs, memberships, entries and its device" {
	local before

	SMCKIT_MODULES=$SMCKIT_BUILD/pim-module
	daemon_start
	before=$(held)
	config <<-'END'
	module pim
	phyint eth+ pim mrdisc
	rp-address 10.0.1.1
	rp-address fd00:1::1
	auto-rp
	bsr-candidate
	rp-candidate
	END
	ctl reload
	wait_until 10 takes_registers
	net_listen l1 listener1 239.1.1.1
	net_start stream source smcroutectl send 239.1.1.1 via eth0 port 5000 interval 5
	flows l1
	net_stop stream || :
	run ! is_held "$before"
	config </dev/null
	ctl reload
	wait_until 5 is_held "$before"
}

lacks_group()
{
	! on router ip maddr show dev eth0 | grep -q 239.1.1.1
}

@test "module: it is opened by a user without rights, be it at a reload" {
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$modules"
	config </dev/null
	chmod 644 "$daemon_config"
	# shellcheck disable=SC2046 # none, or two words
	daemon_start $(unprivileged)
	config <<<"module probe"
	ctl reload
	run ctl show modules
	assert_line --regexp '^probe +opened'
	ctl upgrade
	run ctl show modules
	assert_line --regexp '^probe +opened'
}

@test "module: a restart in place opens it again, and no packet is lost" {
	local sent

	config <<<"module probe
	$probe"
	daemon_start
	net_listen l1 listener1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows l1
	ctl upgrade
	flows l1
	run ctl show modules
	assert_line --regexp '^probe +opened'
	run ctl show routes
	assert_line --partial '239.1.1.1'
	sent=$(stream_stop stream)
	got_all l1 "$sent"
	# what it asked to be done again was known to the one that took over
	run cat "$(net_log daemon)"
	refute_line --partial 'of the process before'
}

@test "module: what cannot be opened is one error, wherever it is said" {
	local name file=$BATS_TEST_TMPDIR/file.conf

	cp "$SMCKIT_BUILD/test/module/stale.so" "$modules/stale.so"
	cp "$modules/probe.so" "$modules/other.so"
	echo "no module" >"$modules/text.so"
	cp "$(ldd "$SMCKIT_BUILD/smcrouted/smcrouted" |
		sed -n 's/.*=> \([^ ]*libmnl[^ ]*\).*/\1/p')" "$modules/library.so"
	config <<<"module probe
	$probe"
	daemon_start
	while read -r name why; do
		printf '# a comment\nmodule %s\n' "$name" >"$file"
		run smcrouted -F "$file"
		assert_failure 78
		assert_output --partial "$file:2:8: "
		assert_output --partial "$why"
		[ "${#lines[@]}" -eq 1 ]
		echo "$output" >"$BATS_TEST_TMPDIR/by-hand"
		run ctl check "$file"
		assert_failure 1
		head -n -1 <<<"$output" | diff "$BATS_TEST_TMPDIR/by-hand" -
		config <"$file"
		run ctl reload
		assert_failure 1
		assert_line --partial "$why"
		has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	done <<-END
	nosuch $modules/nosuch.so: cannot open shared object file: No such file or directory
	stale $modules/stale.so: is made for another version of this program
	other $modules/other.so: is the module 'probe'
	text $modules/text.so:
	library $modules/library.so: is no module of this program
	../probe '../probe' is no module: names are up to 15 letters, digits, - and _
	static the module 'static' is there already
	END
	run smcrouted -F /dev/stdin <<<"module probe
	probe-rows 1"
	assert_success
	# at a start, the good lines are used
	daemon_stop
	config <<<"module nosuch
	mroute from eth0 source 10.0.0.2 group 239.1.1.3 to eth1"
	daemon_start
	has_mroute 10.0.0.2 239.1.1.3 eth0 eth1
	run ctl show errors
	assert_output --partial "/nosuch.so: cannot open"
}
