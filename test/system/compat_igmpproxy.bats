#!/usr/bin/env bats
# compat_igmpproxy.bats - igmpproxy is started, configured and seen as the one of that name
#
# Names begin with the part of what that one does: lexer, keywords, phyint, set-up, command line,
# observable. The upstream is eth0, whose other end is the source; eth1 and eth2 are downstream.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

bats_require_minimum_version 1.5.0

load net
load daemon
load gm

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	# shellcheck disable=SC2034 # for daemon.bash
	af=4
	igmpproxy=$SMCKIT_BUILD/igmpproxy/igmpproxy
	config <<-'END'
	phyint eth0 upstream ratelimit 0 threshold 1
	phyint eth1 downstream ratelimit 0 threshold 1
	phyint eth2 downstream
	END
}

teardown()
{
	net_teardown
}

# proxy_launch [OPTION...]: starts it on the router, and does not wait
proxy_launch()
{
	net_start daemon router "$igmpproxy" -d -vv -u "$daemon_socket" "$@" "$daemon_config"
}

# proxy_start [OPTION...]: returns when the configuration is in force
proxy_start()
{
	proxy_launch "$@"
	wait_for daemon ' started$'
}

# ends STATUS TEXT: it does by itself, with that said
ends()
{
	local status=0

	proxy_launch
	net_wait daemon || status=$?
	cat "$(net_log daemon)"
	[ "$status" -eq "$1" ]
	grep -qF -- "$2" "$(net_log daemon)"
}

# refused TEXT: the configuration from standard input is, with that said
refused()
{
	config
	ends 255 "$1"
	grep -qF "Unable to load config file..." "$(net_log daemon)"
}

# asked NAME GROUP [COUNT]: reports of the group were seen in that recording
asked()
{
	net_captured "$1" "igmp.type == 0x22 && igmp.maddr == $2 && igmp.record_type == 4" "${3:-1}"
}

# left NAME GROUP: it was left there
left()
{
	net_captured "$1" "igmp.type == 0x22 && igmp.maddr == $2 && igmp.record_type == 3"
}

# left_after NAME GROUP SINCE: so many ms after that time (of EPOCHREALTIME), by what was captured
left_after()
{
	wait_until 5 left "$1" "$2"
	net_packets "$1" -Y "igmp.type == 0x22 && igmp.maddr == $2 && igmp.record_type == 3" \
		-T fields -e frame.time_epoch |
		awk -v since="$3" 'NR == 1 { printf "%d\n", ($1 - since) * 1000 }'
}

# stream_runs GROUP [SEND-ARG...]: numbered packets from the source, until the end of the test
stream_runs()
{
	net_start "stream-$1" source smcroutectl send "$1" via eth0 port 5000 interval 2 "${@:2}"
}

# still NAME: nothing arrives there any more
still()
{
	local before

	before=$(net_received "$1")
	sleep 0.3
	[ "$(net_received "$1")" -eq "$before" ]
}

# Command line

@test "command line: -h, a wrong option, no file, two files" {
	run --separate-stderr "$igmpproxy" -h
	assert_success
	assert_output ""
	[[ $stderr == usage:* ]]
	run "$igmpproxy" -x "$daemon_config"
	assert_failure 1
	run "$igmpproxy"
	assert_failure 1
	assert_line --index 0 "You must specify the configuration file."
	run "$igmpproxy" -d "$daemon_config" "$daemon_config"
	assert_failure 1
	assert_line --index 0 "You must specify the configuration file."
	run "$igmpproxy" -V
	assert_success
	assert_output --partial smckit
	run "$igmpproxy" -t x "$daemon_config"
	assert_failure 1
}

@test "command line: without privileges it ends with 1" {
	run on router setpriv --reuid 65534 --clear-groups --bounding-set -all "$igmpproxy" -d \
		"$daemon_config"
	assert_failure 1
	assert_output --partial "must be root"
}

@test "command line: without -d and -n the parent ends when all is in force; no pid file" {
	run on router "$igmpproxy" -u "$daemon_socket" "$daemon_config"
	assert_success
	assert_output ""
	ctl version | grep -q '^smcrouted: '
	[ -z "$(find /run -name 'igmpproxy*.pid')" ]
	on router ip mroute show >/dev/null
	ctl kill
}

@test "command line: -n stays in the foreground and says nothing, -d -v says more than -d" {
	local quiet

	net_start daemon router "$igmpproxy" -n -vv -u "$daemon_socket" "$daemon_config"
	wait_until 10 ctl version
	[ ! -s "$(net_log daemon)" ]
	daemon_stop
	net_start daemon router "$igmpproxy" -d -u "$daemon_socket" "$daemon_config"
	wait_until 10 ctl version
	daemon_stop
	quiet=$(wc -l <"$(net_log daemon)")
	net_start daemon router "$igmpproxy" -d -v -u "$daemon_socket" "$daemon_config"
	wait_until 10 ctl version
	daemon_stop
	grep -qF 'groups of 239.255.0.0/16 stay among' "$(net_log daemon)"
	[ "$(wc -l <"$(net_log daemon)")" -gt "$quiet" ]
}

@test "command line: -n logs to syslog, by its name and with the facility user" {
	cat >"$BATS_TEST_TMPDIR/log.py" <<-'END'
	import os, socket, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	s.bind("/dev/log")
	if os.fork():
	    os.execvp(sys.argv[2], sys.argv[2:])
	with open(sys.argv[1], "w", buffering=1) as f:
	    while True:
	        f.write(s.recv(65536).decode().rstrip("\0\n") + "\n")
	END
	# shellcheck disable=SC2016 # expanded there
	net_start daemon router unshare -m sh -c '
		mkdir "$0" && mount --rbind /dev "$0" && mount -t tmpfs none /dev || exit 1
		for device in null urandom; do
			: >/dev/$device && mount --bind "$0/$device" /dev/$device || exit 1
		done
		exec "$@"' "$BATS_TEST_TMPDIR/dev" \
		python3 "$BATS_TEST_TMPDIR/log.py" "$BATS_TEST_TMPDIR/syslog" \
		"$igmpproxy" -n -vv -u "$daemon_socket" "$daemon_config"
	wait_until 10 grep -qE "^<13>.*igmpproxy\[${net_pid[daemon]}\]: .* started$" \
		"$BATS_TEST_TMPDIR/syslog"
	[ ! -s "$(net_log daemon)" ]
}

@test "command line: SIGTERM and SIGINT end it with 0, and leave nothing" {
	local signal

	for signal in TERM INT; do
		proxy_start
		net_listen tv listener1 239.1.1.1
		wait_until 5 has_group eth1 239.1.1.1
		net_send source 239.1.1.1
		wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
		net_stop daemon "$signal"
		[ -z "$(mroutes)" ]
		[ -z "$(on router cat /proc/net/ip_mr_vif | tail -n +2)" ]
		net_stop tv || :
	done
}

@test "command line: SIGUSR1, SIGUSR2 and SIGPIPE do nothing" {
	local signal

	proxy_start
	for signal in USR1 USR2 PIPE; do
		net_signal daemon "$signal"
	done
	daemon_lives
}

@test "command line: -T prints what smcrouted takes, -t another table" {
	run --separate-stderr "$igmpproxy" -T "$daemon_config"
	assert_success
	[ -z "$stderr" ]
	"$igmpproxy" -T "$daemon_config" >"$BATS_TEST_TMPDIR/own.conf"
	run smcrouted -F "$BATS_TEST_TMPDIR/own.conf"
	assert_success
	assert_output ""
	on router ip mrule add iif eth0 table 7
	on router ip mrule add iif eth1 table 7
	proxy_start -t 7
	net_listen tv listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv 3
	[ -n "$(mroutes_of 7)" ]
}

# completed WORD...: what bash would offer for the last one, sorted
completed()
{
	bash -c '
		. "$1"
		COMP_WORDS=(igmpproxy "${@:2}") COMP_CWORD=$(($# - 1))
		_igmpproxy
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' - "$BATS_TEST_DIRNAME/../../conf/igmpproxy.bash" "$@" | sort -u | tr '\n' ' '
}

@test "command line: bash completes options and files" {
	run completed -
	assert_output "-T -V -d -h -n -t -u -v "
	run completed -d "${daemon_config%.conf}"
	assert_output "$daemon_config "
	run completed -t ""
	assert_output ""
}

# Lexer, keywords: what is wrong

@test "lexer: an empty file is fatal" {
	refused "Config file was empty." </dev/null
}

@test "lexer: an unknown token is fatal, and stands with its line" {
	refused "$daemon_config:2:13: Unknown token 'downstreem' in configfile" <<-'END'
	phyint eth0 upstream
	phyint eth1 downstreem
	END
}

@test "set-up: without an upstream it is fatal" {
	refused "There must be at least 1 Vif as upstream." <<<'phyint eth1 downstream'
}

@test "keywords: hashtablesize before quickleave is fatal" {
	refused "$daemon_config:1:1: hashtablesize must come after quickleave" \
		<<<'hashtablesize 32 quickleave phyint eth0 upstream'
}

@test "keywords: an unknown user is fatal" {
	echo 'user nobody-at-all' >>"$daemon_config"
	ends 255 'user nobody-at-all: there is no such user'
}

@test "command line: a file that is not there is fatal" {
	run on router "$igmpproxy" -d "$BATS_TEST_TMPDIR/none"
	assert_failure 255
	assert_line --index 0 "$BATS_TEST_TMPDIR/none: No such file or directory"
}

@test "keywords: user" {
	echo 'user nobody' >>"$daemon_config"
	proxy_start
	[ "$(stat -c %U "/proc/${net_pid[daemon]}")" = nobody ]
	net_listen tv listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv 3
	# only root may look into the folder of the test
	grep -qF "$daemon_config: only root may read this" "$(net_log daemon)"
	run ctl reload
	assert_failure
	assert_output --partial "$daemon_config: Permission denied"
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv 6
}

@test "set-up: who has multicast routing is named, 255" {
	proxy_start
	run on router "$igmpproxy" -d -u "$BATS_TEST_TMPDIR/other.sock" "$daemon_config"
	assert_failure 255
	assert_output --partial "IPv4: no multicast routing: another process does"
	assert_output --partial ": igmpproxy (process ${net_pid[daemon]})"
	# a socket that another one has is no reason to end: it may be in another network
	net_host router2
	net_start second router2 "$igmpproxy" -d -vv -u "$daemon_socket" "$daemon_config"
	wait_for second ' started$'
	daemon_lives
	net_stop second
	daemon_lives
}

@test "set-up: IPv6 is left to others" {
	proxy_start
	echo 'mroute from eth0 source fd00::2 group ff0e::1 to eth1' >"$BATS_TEST_TMPDIR/six.conf"
	net_start six router smcrouted -n -f "$BATS_TEST_TMPDIR/six.conf" \
		-u "$BATS_TEST_TMPDIR/six.sock" -P "$BATS_TEST_TMPDIR/six.pid"
	wait_until 10 test -s "$BATS_TEST_TMPDIR/six.pid"
	on router ip -6 mroute show table 254 | grep -q 'ff0e::1'
	net_stop six
}

# Observable

@test "observable: a report is handed on, data flow, a leave is handed on" {
	proxy_start
	net_capture wire source eth0 igmp
	net_listen tv listener1 239.1.1.1
	wait_until 5 asked wire 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv 3
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	net_stop tv || :
	wait_until 10 left wire 239.1.1.1
	has_no_group eth1 239.1.1.1
	net_send source 239.1.1.1
	run ! has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
}

@test "observable: reports of IGMPv2 and v1, from the time of such hosts" {
	local version

	proxy_start
	for version in 2 1; do
		on listener1 sh -c "echo $version >/proc/sys/net/ipv4/conf/eth0/force_igmp_version"
		net_listen tv$version listener1 239.1.2.$version
		wait_until 5 has_group eth1 239.1.2.$version
		net_send source 239.1.2.$version count 3
		wait_until 5 net_has_received tv$version 3
	done
}

@test "observable: from which source is handed on, and only that one is forwarded" {
	proxy_start
	net_capture wire source eth0 igmp
	net_listen tv listener1 232.1.1.1 source 10.0.0.2
	wait_until 5 net_captured wire 'igmp.maddr == 232.1.1.1 && igmp.saddr == 10.0.0.2'
	net_addr source eth0 10.0.0.3/24
	net_send source 232.1.1.1 count 3 from 10.0.0.3
	net_send source 232.1.1.1 count 3
	wait_until 5 net_has_received tv 3
	run ! has_mroute 10.0.0.3 232.1.1.1 eth0 eth1
}

@test "observable: two downstreams, each gets what it asks for, one leaves" {
	proxy_start
	net_listen tv1 listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	stream_runs 239.1.1.1
	flows tv1
	# the stream is there before the second one asks
	net_listen tv2 listener2 239.1.1.1
	flows tv2
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
	net_stop tv1 || :
	wait_until 10 has_mroute 10.0.0.2 239.1.1.1 eth0 eth2
	flows tv2
}

@test "observable: what is sent downstream goes to other downstreams and not upstream" {
	proxy_start
	net_listen up source 239.1.1.1
	net_listen tv2 listener2 239.1.1.1
	wait_until 5 has_group eth2 239.1.1.1
	net_send listener1 239.1.1.1 count 3
	wait_until 5 net_has_received tv2 3
	has_mroute 10.0.1.2 239.1.1.1 eth1 eth2
	[ "$(net_received up)" -eq 0 ]
}

@test "observable: link-local groups and those of the house are not asked for upstream" {
	proxy_start
	net_capture wire source eth0 igmp
	net_listen mdns listener1 224.0.0.251
	net_listen ssdp listener1 239.255.255.250
	net_listen tv listener1 239.1.1.1
	wait_until 5 asked wire 239.1.1.1
	run ! asked wire 224.0.0.251
	run ! asked wire 239.255.255.250
	net_send listener2 239.255.255.250 count 3
	wait_until 5 net_has_received ssdp 3
}

@test "phyint: whitelist of an upstream, which may name groups of the house" {
	config <<-'END'
	phyint eth0 upstream whitelist 239.0.0.0/8 blacklist 239.7.0.0/16 whitelist 239.7.7.7
	phyint eth1 downstream
	END
	proxy_start
	net_capture wire source eth0 igmp
	net_listen a listener1 225.1.1.1
	net_listen b listener1 239.7.1.1
	net_listen c listener1 239.7.7.7
	net_listen d listener1 239.255.1.1
	wait_until 5 asked wire 239.7.7.7
	wait_until 5 asked wire 239.255.1.1
	run ! asked wire 225.1.1.1
	run ! asked wire 239.7.1.1
}

@test "phyint: lists of a downstream, of which the last that matches decides" {
	config <<-'END'
	phyint eth0 upstream
	phyint eth1 downstream
		blacklist 239.0.0.0/8
		whitelist 239.7.0.0/16
		blacklist 239.7.7.0/24
	phyint eth2 downstream
		blacklist 239.0.0.0/8
	END
	proxy_start
	net_listen a listener1 239.1.1.1
	net_listen b listener1 239.7.7.7
	net_listen c listener1 225.1.1.1
	net_listen d listener1 239.7.1.1
	net_listen e listener2 239.1.1.1
	net_listen f listener2 225.1.1.1
	wait_until 5 has_group eth1 239.7.1.1
	wait_until 5 has_group eth2 225.1.1.1
	has_no_group eth1 239.1.1.1
	has_no_group eth1 239.7.7.7
	has_no_group eth1 225.1.1.1
	has_no_group eth2 239.1.1.1
}

@test "phyint: altnet of a downstream, of a host, and any" {
	config <<-'END'
	phyint eth0 upstream
	phyint eth1 downstream altnet 10.7.0.0/16 altnet 10.8.8.8
	phyint eth2 downstream altnet 0.0.0.0/0
	END
	proxy_start
	gmcast listener1 report2 239.1.1.1 from 10.9.9.9
	gmcast listener1 report2 239.1.1.2 from 10.8.8.9
	gmcast listener1 report2 239.1.1.3 from 10.8.8.8
	gmcast listener1 report2 239.1.1.4 from 10.7.7.7
	gmcast listener1 report2 239.1.1.5 from 10.0.1.77
	gmcast listener2 report2 239.1.1.1 from 10.9.9.9
	wait_until 5 has_group eth1 239.1.1.3
	wait_until 5 has_group eth1 239.1.1.4
	wait_until 5 has_group eth1 239.1.1.5
	wait_until 5 has_group eth2 239.1.1.1
	has_no_group eth1 239.1.1.1
	has_no_group eth1 239.1.1.2
}

@test "phyint: altnet of an upstream restricts nothing" {
	config <<-'END'
	phyint eth0 upstream altnet 10.99.0.0/16
	phyint eth1 downstream
	END
	net_addr source eth0 172.16.5.5/24
	proxy_start
	net_listen tv listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	net_send source 239.1.1.1 count 3 from 172.16.5.5
	wait_until 5 net_has_received tv 3
}

@test "phyint: threshold" {
	config <<-'END'
	phyint eth0 upstream
	phyint eth1 downstream threshold 8
	phyint eth2 downstream
	END
	proxy_start
	net_listen tv1 listener1 239.1.1.1
	net_listen tv2 listener2 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	wait_until 5 has_group eth2 239.1.1.1
	net_send source 239.1.1.1 count 3 ttl 8
	wait_until 5 net_has_received tv2 3
	net_send source 239.1.1.1 count 3 ttl 9
	wait_until 5 net_has_received tv1 3
	net_has_received tv2 6
}

@test "phyint: disabled, and no role at all, have no part" {
	config <<-'END'
	phyint eth0 upstream
	phyint eth1 downstream
	phyint eth2 disabled
	END
	proxy_start
	net_listen tv1 listener1 239.1.1.1
	net_listen tv2 listener2 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv1 3
	[ "$(net_received tv2)" -eq 0 ]
}

@test "keywords: defaultdown takes in all others, those that come later too" {
	config <<-'END'
	defaultdown
	phyint eth0 upstream
	phyint eth1 disabled
	END
	proxy_start
	net_listen tv1 listener1 239.1.1.1
	net_listen tv2 listener2 239.1.1.1
	wait_until 5 has_group eth2 239.1.1.1
	has_no_group eth1 239.1.1.1
	net_host late
	net_stub 3 late
	net_listen tv3 late 239.1.1.1
	wait_until 10 has_group eth3 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv2 3
	wait_until 5 net_has_received tv3 3
	[ "$(net_received tv1)" -eq 0 ]
}

@test "keywords: quickleave leaves when the last host does, with the stream there before" {
	local start

	echo quickleave >>"$daemon_config"
	proxy_start
	net_capture wire source eth0 igmp
	stream_runs 239.1.1.1
	wait_until 5 knows_group 239.1.1.1
	net_listen tv1 listener1 239.1.1.1
	flows tv1
	net_listen tv2 listener2 239.1.1.1
	flows tv2
	net_stop tv1 || :
	wait_until 2 has_mroute 10.0.0.2 239.1.1.1 eth0 eth2
	flows tv2
	run ! left wire 239.1.1.1
	start=${EPOCHREALTIME/,/.}
	net_stop tv2 || :
	run -0 left_after wire 239.1.1.1 "$start"
	[ "$output" -lt 1500 ]
}

@test "keywords: quickleave is for a box of IGMPv2, too" {
	local start

	on listener1 sh -c "echo 2 >/proc/sys/net/ipv4/conf/eth0/force_igmp_version"
	echo quickleave >>"$daemon_config"
	proxy_start
	net_capture wire source eth0 igmp
	stream_runs 239.1.1.1
	net_listen tv1 listener1 239.1.1.1
	flows tv1
	start=${EPOCHREALTIME/,/.}
	net_stop tv1 || :
	run -0 left_after wire 239.1.1.1 "$start"
	[ "$output" -lt 1500 ]
}

@test "set-up: several upstreams are all asked, data are taken from where they come" {
	config <<-'END'
	phyint eth0 upstream
	phyint eth2 upstream
	phyint eth1 downstream
	END
	proxy_start
	net_capture wire0 source eth0 igmp
	net_capture wire2 listener2 eth0 igmp
	net_listen tv listener1 239.1.1.1
	wait_until 5 asked wire0 239.1.1.1
	wait_until 5 asked wire2 239.1.1.1
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv 3
	net_send listener2 239.1.1.1 count 3
	wait_until 5 net_has_received tv 6
}

@test "set-up: an upstream that appears later is asked then" {
	config <<-'END'
	phyint ppp0 upstream
	phyint eth1 downstream
	END
	proxy_start
	net_listen tv listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	net_host isp
	net_link router ppp0 isp eth0
	net_capture wire isp eth0 igmp
	net_addr router ppp0 10.0.9.1/24
	net_addr isp eth0 10.0.9.2/24
	wait_until 10 asked wire 239.1.1.1
	net_send isp 239.1.1.1 count 3
	wait_until 5 net_has_received tv 3
	# and again when it was dialled anew
	net_stop wire INT || :
	ip -n "$(net_ns router)" link del ppp0
	net_link router ppp0 isp eth0
	net_capture wire2 isp eth0 igmp
	net_addr router ppp0 10.0.8.1/24
	net_addr isp eth0 10.0.8.2/24
	wait_until 10 asked wire2 239.1.1.1
	net_send isp 239.1.1.1 count 3
	wait_until 5 net_has_received tv 6
}

@test "igmpv3proxy: updownstream, proxylocalmc, querierver" {
	config <<-'END'
	proxylocalmc
	phyint eth0 updownstream
	phyint eth1 downstream querierver 2
	END
	net_capture wire source eth0 igmp
	net_capture lan listener1 eth0 igmp
	proxy_start
	net_listen ssdp listener1 239.255.255.250
	wait_until 5 asked wire 239.255.255.250
	net_listen up source 239.1.1.1
	net_send listener1 239.1.1.1 count 3
	wait_until 5 net_has_received up 3
	wait_until 5 net_captured lan 'igmp.type == 0x11 && igmp.version == 2'
	run ! net_captured lan 'igmp.type == 0x11 && igmp.version == 3'
}

# What that one cannot

@test "reload by SIGHUP keeps the stream, and takes what is new" {
	local sent

	config <<-'END'
	phyint eth0 upstream
	phyint eth1 downstream
	END
	proxy_start
	net_listen tv1 listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows tv1
	net_listen tv2 listener2 239.1.1.1
	echo 'phyint eth2 downstream' >>"$daemon_config"
	net_signal daemon HUP
	wait_until 10 has_mroute 10.0.0.2 239.1.1.1 eth0 eth1 eth2
	flows tv2
	sent=$(stream_stop stream)
	got_all tv1 "$sent"
}

@test "a reload with an error changes nothing and names the line of the file" {
	proxy_start
	net_listen tv listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	printf 'phyint eth0 upstream\n\n\tphyint eth2\n\t\tdownstream thresholt 3\n' | config
	run ctl reload
	assert_failure
	assert_output --partial "$daemon_config:4:14: Unknown token 'thresholt' in configfile"
	run ctl show errors
	assert_output --partial "$daemon_config:4:14: Unknown token"
	run ctl check "$daemon_config"
	assert_failure
	net_send source 239.1.1.1 count 3
	wait_until 5 net_has_received tv 3
}

@test "smcroutectl shows the proxy and what is in force" {
	proxy_start
	run ctl show config
	assert_success
	assert_output --partial 'proxy name igmpproxy upstream eth0 igmp receive-only'
	assert_output --partial 'proxy name igmpproxy downstream eth1'
	assert_output --partial 'phyint eth0 ttl-threshold 1'
	run ctl show proxy
	assert_success
	assert_output --partial eth0
	run ctl show proxy groups
	assert_success
}

@test "restart in place keeps the stream" {
	local sent

	proxy_start
	net_listen tv listener1 239.1.1.1
	wait_until 5 has_group eth1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows tv
	ctl upgrade
	flows tv
	sent=$(stream_stop stream)
	got_all tv "$sent"
	daemon_lives
}
