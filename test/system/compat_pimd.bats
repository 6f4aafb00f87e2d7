#!/usr/bin/env bats
# compat_pimd.bats - pimd is started, configured and seen as the one of that name
#
# The router is the rendezvous point of all groups; eth0 leads to the source.

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
	pimd=$SMCKIT_BUILD/pim-module/pimd
	export SMCKIT_MODULES=$SMCKIT_BUILD/pim-module
	config <<-'END'
	# pimd.conf as it is shipped, and a rendezvous point
	default-route-distance 101
	default-route-metric   1024
	hello-interval 30
	phyint ETH0 enable
	rp-address 10.0.0.1
	bsr-candidate priority 5
	rp-candidate time 30 priority 20
	group-prefix 224.0.0.0 masklen 4
	spt-threshold packets 0 interval 100
	END
}

teardown()
{
	net_teardown
}

files()
{
	echo -c "$daemon_config" -u "$daemon_socket" -p "$daemon_pidfile"
}

# pimd_start [OPTION...]: in the foreground; returns when the configuration is in force
pimd_start()
{
	# shellcheck disable=SC2046 # words
	net_start daemon router "$pimd" -f -d $(files) "$@"
	wait_for daemon ' started$'
}

is_up()
{
	ctl show pim interface | grep -q "^$1 .* up .*we are DR"
}

is_gone()
{
	! ctl version
}

# routed GROUP: the kernel forwards it
routed()
{
	mroutes | grep -q " $1 eth0 eth1$"
}

@test "command line: -h, -v, what is wrong, a configuration that cannot be read" {
	run "$pimd" -dfrob
	assert_failure 64
	assert_output --partial "-d wants names of parts"
	run "$pimd" -h
	assert_success
	assert_line --index 0 --partial "usage: pimd"
	run "$pimd" --version
	assert_success
	assert_output --partial smckit
	run "$pimd" -x
	assert_failure 64
	run "$pimd" more
	assert_failure 64
	run "$pimd" -t 1000000000
	assert_failure 64
	run "$pimd" -s loud
	assert_failure 64
	run "$pimd" -i a/b
	assert_failure 64
	run on router "$pimd" -c "$daemon_config/none"
	assert_failure 66
	assert_output --partial "Not a directory"
	SMCKIT_MODULES=/none run on router "$pimd" -c "$daemon_config"
	assert_failure 78
	assert_output --partial "/none/pim.so"
}

@test "the sample configuration, and completion of the command line" {
	sed 's/^#\([a-z]\)/\1/' "$BATS_TEST_DIRNAME/../../conf/pimd.conf" >"$daemon_config"
	run "$pimd" -T -c "$daemon_config"
	assert_success
	refute_output --partial "# line"
	run bash -c '
	. "$1"
	COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
	_pimd
	echo "${COMPREPLY[@]}"
	' - "$BATS_TEST_DIRNAME/../../conf/pimd.bash" pimd -s no
	assert_output "none notice"
}

@test "command line: -T prints it in our words, which our daemon takes" {
	run --separate-stderr "$pimd" -T -c "$daemon_config"
	assert_success
	assert_line "module pim"
	assert_line "phyint + pim4"
	assert_line "rp-address 10.0.0.1 224.0.0.0/4 priority 1"
	assert_line "bsr-candidate priority 5 interval 30"
	assert_line "rp-candidate priority 20 interval 30"
	assert_line "group-prefix 224.0.0.0/4"
	[ -z "$stderr" ]
	echo "$output" >"$BATS_TEST_TMPDIR/ours.conf"
	run smcrouted -F "$BATS_TEST_TMPDIR/ours.conf"
	assert_success
	assert_output ""
}

@test "command line: without a file it is a candidate on all interfaces" {
	rm "$daemon_config"
	pimd_start
	grep -q 'No such file or directory, defaults' "$(net_log daemon)"
	wait_until 10 is_up eth0
	wait_until 10 is_up eth2
	ctl show config >"$BATS_TEST_TMPDIR/shown"
	run cat "$BATS_TEST_TMPDIR/shown"
	assert_line "bsr-candidate priority 5 interval 30"
	assert_line "rp-candidate priority 20 interval 30"
}

has_no_pidfile()
{
	[ ! -e "$daemon_pidfile" ]
}

@test "command line: in the background, -l, -r, -q" {
	# shellcheck disable=SC2046 # words
	run on router "$pimd" $(files)
	assert_success
	[ -s "$daemon_pidfile" ]
	wait_until 10 is_up eth1
	# shellcheck disable=SC2046 # words
	run on router "$pimd" $(files) -r
	assert_success
	assert_line --partial "PIM Interfaces"
	assert_line --regexp '^224.0.0.0/4 +10.0.0.1 +static '
	echo "hello-interval 7" >>"$daemon_config"
	# shellcheck disable=SC2046 # words
	run on router "$pimd" $(files) -l
	assert_success
	ctl -j show pim interface | grep -q '"hello_interval":7000'
	# shellcheck disable=SC2046 # words
	run on router "$pimd" $(files) -q
	assert_success
	wait_until 10 is_gone
	wait_until 10 has_no_pidfile
	# shellcheck disable=SC2046 # words
	run on router "$pimd" $(files) -r
	assert_failure
}

@test "command line: -i names files, -w waits" {
	local from=$EPOCHSECONDS

	net_start daemon router "$pimd" -n -i "smc-$$" -c "$daemon_config" -w 1 -s info
	wait_for daemon ' started$'
	[ $((EPOCHSECONDS - from)) -ge 1 ]
	[ -s "/run/smc-$$.pid" ]
	on router smcroutectl -i "smc-$$" kill
	net_wait daemon
	[ ! -e "/run/smc-$$.pid" ]
}

@test "command line: -N, and no phyint, have those alone that are enabled" {
	pimd_start -N
	wait_until 10 is_up eth0
	ctl show pim interface >"$BATS_TEST_TMPDIR/shown"
	run cat "$BATS_TEST_TMPDIR/shown"
	refute_output --partial eth1
	config <<-'END'
	no phyint
	phyint 10.0.1.1 enable
	END
	net_stop daemon
	pimd_start
	wait_until 10 is_up eth1
	run ctl show pim interface
	refute_output --partial eth2
}

has_tunnels()
{
	on router ip link show pimreg && on router ip link show pimreg77
}

@test "command line: another table, IPv6 left alone" {
	on router ip mrule add iif eth2 table 77
	pimd_start -t 77
	wait_until 10 is_up eth1
	[ "$(on router cat /proc/net/ip6_mr_vif | wc -l)" -le 1 ]
	# beside one that has the default table
	net_start other router "$pimd" -n -c "$daemon_config" -u "$BATS_TEST_TMPDIR/other.sock" \
		-p "$BATS_TEST_TMPDIR/other.pid"
	wait_until 10 has_tunnels
	ctl upgrade
	wait_until 10 is_up eth1
	has_tunnels
	run cat "$(net_log daemon)" "$(net_log other)"
	refute_output --partial "tunnel"
	refute_output --partial "cannot be taken over"
}

@test "an existing pimd.conf: what is sent arrives at who listens" {
	local sent

	pimd_start
	wait_until 10 is_up eth1
	net_listen tv listener1 239.1.1.1
	net_listen other listener2 239.1.1.2
	net_start stream source smcroutectl send 239.1.1.1 via eth0 port 5000 interval 5
	flows tv
	wait_until 5 routed 239.1.1.1
	sent=$(stream_stop stream)
	[ "$(net_received tv)" -gt 0 ]
	[ "$(net_received tv)" -le "$sent" ]
	[ "$(net_received other)" -eq 0 ]
}

@test "an interface that is disabled, until SIGHUP enables it" {
	cp "$daemon_config" "$BATS_TEST_TMPDIR/all.conf"
	echo "phyint eth1 disable" >>"$daemon_config"
	pimd_start
	wait_until 10 is_up eth2
	net_listen tv listener1 239.1.1.1
	net_listen other listener2 239.1.1.1
	net_start stream source smcroutectl send 239.1.1.1 via eth0 port 5000 interval 5
	flows other
	[ "$(net_received tv)" -eq 0 ]
	cp "$BATS_TEST_TMPDIR/all.conf" "$daemon_config"
	net_signal daemon HUP
	flows tv
	flows other
}

# dumped: tables of PIM and of IGMP are in the file
dumped()
{
	grep -q '^eth1 .*we are DR' "$dump" && grep -q '^eth2 *querier ' "$dump"
}

# written_anew: it is another file than before
written_anew()
{
	[ "$(stat -c %i "$dump")" != "$before" ] && dumped
}

@test "signals: goodbye at SIGTERM, the state in a file at SIGUSR1" {
	local dump=/run/smc-$$/smc-$$.dump before

	net_capture said listener1 eth0 'proto 103'
	pimd_start -i "smc-$$"
	wait_until 10 net_captured said 'pim.type == 0 && pim.holdtime == 105'
	wait_until 10 is_up eth1
	net_signal daemon USR1
	wait_until 10 dumped
	before=$(stat -c %i "$dump")
	ln -f "$dump" "$BATS_TEST_TMPDIR/kept"
	net_signal daemon USR1
	wait_until 10 written_anew
	daemon_lives
	net_stop daemon
	rm -r "/run/smc-$$"
	wait_until 5 net_captured said 'pim.type == 0 && pim.holdtime == 0'
	run mroutes
	assert_output ""
}
