#!/usr/bin/env bats
# upgrade.bats - a restart in place, asked for or after a crash: traffic does not notice

# shellcheck disable=SC2016 # awk and sed have words that look like the shell's
# shellcheck disable=SC2030,SC2031 # each test is a subshell
# shellcheck disable=SC2034,SC2154 # what the loaded files use, and set

load net
load daemon

v4=(239.1.1.1 239.1.1.2 239.1.1.3)
v6=(ff05::1:1 ff05::1:2 ff05::1:3)

setup()
{
	net_setup
	program_copy
}

teardown()
{
	net_teardown
}

# The daemon's program in a folder of its own, where a user without rights can reach it too
program_copy()
{
	program=$BATS_TEST_TMPDIR/bin/smcrouted
	mkdir "${program%/*}"
	cp "$(type -P smcrouted)" "$program"
	PATH=${program%/*}:$PATH
	chmod a+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
}

# Routes and memberships of each kind from the file
config_of_each_kind()
{
	config <<-END
		mgroup from eth0 group 225.1.2.3
		mgroup from eth0 source 10.0.0.2 group 232.1.2.3
		mgroup from eth0 group ff05::1:2:3
		mgroup from eth0 source fd00::2 group ff3e::1:2:3
		mroute from eth0 source 10.0.0.2 group ${v4[0]} to eth1
		mroute from eth0 group ${v4[1]} to eth1
		mroute from eth0 source fd00::2 group ${v6[0]} to eth1
		mroute from eth0 group ${v6[1]} to eth1
	END
}

# The client, without the cost of entering the router's namespace
ask()
{
	smcroutectl -u "$daemon_socket" "$@"
}

# By command, two of each family, and a further way for each route from the file
add_by_command()
{
	local group

	ask add eth0 "${v4[2]}" eth1
	ask add eth0 fd00::2 "${v6[2]}" eth1
	ask join eth0 225.1.2.4
	ask join eth0 fd00::2 ff3e::1:2:4
	for group in 10.0.0.2\ "${v4[0]}" "${v4[1]}" fd00::2\ "${v6[0]}" "${v6[1]}"; do
		# shellcheck disable=SC2086 # words
		ask add eth0 $group eth2
	done
}

pid()
{
	cat "$daemon_pidfile"
}

# The memberships that the daemon has on eth0, as the other end of the cable hears of them
wire_start()
{
	net_start wire source tcpdump -Z root -l -v -n -i eth0 \
		'igmp or (ip6[6] == 0 and ip6[40] == 58)'
	wait_for wire 'listening on'
}

# reports GROUP: how often it was reported so far, in whatever way
reports()
{
	grep -cF "[gaddr $1 " "$(net_log wire)" || :
}

memberships=(225.1.2.3 225.1.2.4 232.1.2.3 ff05::1:2:3 ff3e::1:2:3 ff3e::1:2:4)

# All memberships were reported, and for longer than a report is repeated after, nothing else was
wire_is_settled()
{
	local now=${EPOCHREALTIME/[.,]/} last group

	last=$(stat -c %.6Y "$(net_log wire)")
	[ $((now - ${last/[.,]/})) -gt 1200000 ] || return 1
	for group in "${memberships[@]}"; do
		[ "$(reports "$group")" -ge 2 ] || return 1
	done
}

wire_settles()
{
	wait_until 10 wire_is_settled
	cp "$(net_log wire)" "$BATS_TEST_TMPDIR/settled"
}

wire_was_silent()
{
	diff "$BATS_TEST_TMPDIR/settled" "$(net_log wire)"
}

# in_order: sorts the words of each line from the fourth on, then the lines
in_order()
{
	awk '{
		for (i = 5; i <= NF; i++)
			for (j = i; j > 4 && $j < $(j - 1); j--) {
				swap = $j
				$j = $(j - 1)
				$(j - 1) = swap
			}
		$1 = $1
		print
	}' | sort
}

# What the kernel holds of both families: SOURCE GROUP IIF OIF...
entries()
{
	on router sh -c 'ip -4 mroute; ip -6 mroute' |
		sed -nE 's/^\((.*),(.*)\) +Iif: (\S+) +(Oifs: (.*\S) +)?State: resolved.*/\1 \2 \3 \5/p' |
		in_order
}

# has_entries COUNT: of both families together
has_entries()
{
	[ "$(on router sh -c 'ip -4 mroute; ip -6 mroute' | grep -c 'State: resolved')" -eq "$1" ]
}

# 1000 packets a second to each group, when the kernel forwards all of them
streams_start()
{
	local group

	for group in "${v4[@]}" "${v6[@]}"; do
		net_send source "$group" port 5001
	done
	wait_until 10 has_entries 6
	for group in "${v4[@]}" "${v6[@]}"; do
		net_start "to-$group" listener1 smcroutectl listen "$group" on eth0 port 5000
		net_start "also-to-$group" listener2 smcroutectl listen "$group" on eth0 port 5000
		wait_for "to-$group" '^listening$'
		wait_for "also-to-$group" '^listening$'
	done
	for group in "${v4[@]}" "${v6[@]}"; do
		net_start "from-$group" source smcroutectl send "$group" via eth0 port 5000 \
			interval 1
	done
}

# Datagrams that listeners took on a host
taken()
{
	on "$1" awk '/^Udp: [0-9]/ || /^Udp6InDatagrams/ { n += $2 } END { print n }' \
		/proc/net/snmp /proc/net/snmp6
}

has_taken()
{
	[ "$(taken "$1")" -eq "$2" ]
}

# listener_got NAME SENT: all of it, and once
listener_got()
{
	net_stop "$1" INT
	if ! grep -q "^$2 packets, 0 lost, 0 duplicated" "$(net_log "$1")"; then
		echo "$1: $2 were sent, but: $(cat "$(net_log "$1")")"
		return 1
	fi
}

# All that was sent arrived; what a route by command leads to, at one listener only
streams_end()
{
	local group all=0 half=0 status=0
	local -A sent

	for group in "${v4[@]}" "${v6[@]}"; do
		net_stop "from-$group" INT
		sent[$group]=$(sed -nE 's/^([0-9]+) packets sent.*/\1/p' "$(net_log "from-$group")")
		all=$((all + sent[$group]))
	done
	half=$((all - sent[${v4[2]}] - sent[${v6[2]}]))
	wait_until 10 has_taken listener1 "$all" || :
	wait_until 10 has_taken listener2 "$half" || :
	for group in "${v4[@]}" "${v6[@]}"; do
		listener_got "to-$group" "${sent[$group]}" || status=1
		[ "$group" = "${v4[2]}" ] || [ "$group" = "${v6[2]}" ] ||
			listener_got "also-to-$group" "${sent[$group]}" || status=1
	done
	return $status
}

# Rules, what the kernel holds, memberships, and which vif is whose
show()
{
	ask show routes
	ask show groups
	ask -j show interfaces
}

remember()
{
	show >"$BATS_TEST_TMPDIR/shown"
}

shows_the_same()
{
	diff "$BATS_TEST_TMPDIR/shown" <(show)
}

# What must not change from one upgrade to the next: descriptors, the size of what is handed over,
# the environment but for numbers
footprint()
{
	local at fd

	at=/proc/$(pid)
	for fd in "$at"/fd/*; do
		case $(readlink "$fd") in
		/memfd:*)
			stat -L -c 'state %s' "$fd"
			;;
		*)
			echo descriptor
			;;
		esac
	done | sort | uniq -c
	tr '\0' '\n' <"$at/environ" | sed -E 's/[0-9]+/N/g'
}

memory()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$(pid)/status"
}

@test "upgrade: no packet is lost, nothing is said on the wire, nothing leaks" {
	local before print kilobytes group

	config_of_each_kind
	wire_start
	# shellcheck disable=SC2046 # words
	daemon_start $(unprivileged)
	add_by_command
	wire_settles
	streams_start
	before=$(pid)
	remember

	ask upgrade
	print=$(footprint)
	kilobytes=$(memory)
	for _ in {1..100}; do
		ask upgrade
	done

	[ "$(pid)" = "$before" ]
	kill -0 "$before"
	[ "$(footprint)" = "$print" ]
	[ "$(memory)" -lt $((kilobytes + 500)) ]
	shows_the_same
	streams_end
	wire_was_silent
	[ "$(grep -c ' took over$' "$(net_log daemon)")" -eq 101 ]

	# what is not there any more after an end would have been seen
	daemon_stop
	for group in "${memberships[@]}"; do
		wait_for wire "$group (to_in|block)"
	done
}

# Upgrades one after the other, until they are told to stop
upgrade_on_and_on()
{
	until [ -e "$BATS_TEST_TMPDIR/stop" ]; do
		ask upgrade || exit 1
		echo upgraded
	done
}

upgrades_start()
{
	upgrade_on_and_on >"$(net_log upgrades)" 2>&1 3>&- &
	net_pid[upgrades]=$!
	wait_for upgrades upgraded
}

# All of them went well, and it were that many or more
upgrades_end()
{
	touch "$BATS_TEST_TMPDIR/stop"
	wait "${net_pid[upgrades]}"
	unset "net_pid[upgrades]"
	[ "$(grep -c upgraded "$(net_log upgrades)")" -ge "$1" ]
}

@test "upgrade: sources that are new meanwhile lose nothing" {
	local i

	config_of_each_kind
	# shellcheck disable=SC2046 # words
	daemon_start $(unprivileged)
	net_listen four listener1 "${v4[1]}"
	net_listen six listener1 "${v6[1]}"
	for i in {11..60}; do
		net_addr source eth0 "10.0.0.$i/24" "fd00::$i/64"
	done
	upgrades_start
	for i in {11..60}; do
		net_send source "${v4[1]}" count 4 interval 0 from "10.0.0.$i"
		net_send source "${v6[1]}" count 4 interval 0 from "fd00::$i"
	done
	wait_until 10 net_has_received four 200
	wait_until 10 net_has_received six 200
	upgrades_end 20
}

# replace FILE: by what stands at standard input, as package managers do
replace()
{
	cat >"$1.new"
	chmod 755 "$1.new"
	mv "$1.new" "$1"
}

# The file of the program that runs
runs()
{
	stat -L -c %i "/proc/$(pid)/exe"
}

# refused REASON: an upgrade is
refused()
{
	run ask upgrade
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"cannot start anew: "*"$1"* ]]
	shows_the_same
	[ "$(pid)" = "$first" ]
	[ "$(runs)" = "$inode" ]
}

@test "upgrade: the new program's file is taken, a broken one is not" {
	local version newer first inode good=$BATS_TEST_TMPDIR/good

	version=$(smcrouted -v)
	newer=${version//[0-9]/9}
	config_of_each_kind
	# shellcheck disable=SC2046 # words
	daemon_start $(unprivileged)
	add_by_command
	streams_start
	first=$(pid)
	remember

	cp "$program" "$good"
	LC_ALL=C sed "s/$version/$newer/g" "$good" | replace "$program"
	[ "$(smcrouted -v)" = "$newer" ]
	ask version | grep -F "$version"
	ask upgrade
	ask version | grep -F "$newer"
	[ "$(pid)" = "$first" ]
	[ "$(runs)" = "$(stat -c %i "$program")" ]
	inode=$(runs)

	echo garbage | replace "$program"
	refused 'Exec format error'
	printf '#!/bin/sh\nexit 3\n' | replace "$program"
	refused 'does not run'
	replace "$program" <"$good"
	chmod 644 "$program"
	refused 'Permission denied'
	rm "$program"
	refused 'No such file or directory'
	ask version | grep -F "$newer"

	replace "$program" <"$good"
	ask upgrade
	ask version | grep -F "$version"
	[ "$(pid)" = "$first" ]
	shows_the_same
	streams_end
}

# managed_start [OPTION...]: as daemon_start, but started by a service manager that keeps
# descriptors
managed_start()
{
	net_start manager router "$SMCKIT_BUILD/test/system/fdstore" "$BATS_TEST_TMPDIR/notify" \
		smcrouted -n -l debug -f "$daemon_config" -u "$daemon_socket" -P "$daemon_pidfile" "$@"
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

# The daemon is killed; returns when another one is ready
crash()
{
	local before

	before=$(readies)
	kill -KILL "$(daemon_pid)"
	wait_until 10 is_ready_again "$before"
}

# The process that the manager started last
daemon_pid()
{
	sed -n 's/^start //p' "$(net_log manager)" | tail -n 1
}

@test "crash: no packet is lost, nothing is said on the wire, what was done by command stays" {
	local before

	config_of_each_kind
	wire_start
	# shellcheck disable=SC2046 # words
	managed_start $(unprivileged)
	add_by_command
	wire_settles
	streams_start
	remember

	for _ in {1..25}; do
		crash
		shows_the_same
		ask upgrade
	done
	[ "$(grep -c '^killed 9' "$(net_log manager)")" -eq 25 ]
	shows_the_same

	# and one that is told to end, to be started again
	before=$(readies)
	net_signal manager HUP
	wait_until 10 is_ready_again "$before"
	shows_the_same
	streams_end
	wire_was_silent
}

# A module that registers what is forwarded to the tunnel from eth0 of the router, and one that
# takes it out on the RP, which is there by eth3, and has a listener behind its eth0.
register_network()
{
	net_host rp there
	net_link router eth3 rp eth1
	net_link rp eth0 there eth0
	net_addr router eth3 10.0.8.1/24 fd00:8::1/64
	net_addr rp eth1 10.0.8.2/24 fd00:8::2/64
	net_addr rp eth0 10.0.7.1/24 fd00:7::1/64
	net_addr there eth0 10.0.7.2/24 fd00:7::2/64
	export SMCKIT_MODULES=$BATS_TEST_TMPDIR/modules
	mkdir "$SMCKIT_MODULES"
	cp "$SMCKIT_BUILD/test/module/probe.so" "$SMCKIT_MODULES"
	config <<-END
		module probe
		probe-register from 10.0.8.1 to 10.0.8.2 on eth3
		probe-register from fd00:8::1 to fd00:8::2 on eth3
		probe from eth0 source 10.0.0.2 group ${v4[0]} to pimreg
		probe from eth0 source fd00::2 group ${v6[0]} to pimreg
	END
	cat >"$BATS_TEST_TMPDIR/rp.conf" <<-END
		module probe
		probe-register from 10.0.8.2 to 10.0.8.1 on eth1
		probe-register from fd00:8::2 to fd00:8::1 on eth1
		probe from pimreg source 10.0.0.2 group ${v4[0]} to eth0
		probe from pimreg source fd00::2 group ${v6[0]} to eth0
	END
}

rp_start()
{
	# shellcheck disable=SC2046 # words
	net_start rp rp smcrouted -n -l debug -f "$BATS_TEST_TMPDIR/rp.conf" \
		-u "$BATS_TEST_TMPDIR/rp.sock" -P "$BATS_TEST_TMPDIR/rp.pid" $(unprivileged)
	wait_until 10 test -s "$BATS_TEST_TMPDIR/rp.pid"
}

# Both routers have their entry of either family
registers_are_routed()
{
	local host

	for host in router rp; do
		[ "$(on $host sh -c 'ip -4 mroute; ip -6 mroute' | grep -c 'pimreg.*resolved')" -eq 2 ] ||
			return 1
	done
}

registers_start()
{
	local group

	wait_until 10 registers_are_routed
	for group in "${v4[0]}" "${v6[0]}"; do
		net_start "to-$group" there smcroutectl listen "$group" on eth0 port 5000
		wait_for "to-$group" '^listening$'
		net_start "from-$group" source smcroutectl send "$group" via eth0 port 5000 \
			interval 1
	done
}

# registers_end LOST: no more than that many of a group were lost, and none came twice
registers_end()
{
	local group sent got all=0

	for group in "${v4[0]}" "${v6[0]}"; do
		net_stop "from-$group" INT
		sent=$(sed -nE 's/^([0-9]+) packets sent.*/\1/p' "$(net_log "from-$group")")
		[ "$sent" -gt 100 ]
		all=$((all + sent))
	done
	[ "$1" -gt 0 ] || wait_until 10 has_taken there "$all" || :
	for group in "${v4[0]}" "${v6[0]}"; do
		sent=$(sed -nE 's/^([0-9]+) packets sent.*/\1/p' "$(net_log "from-$group")")
		net_stop "to-$group" INT
		cat "$(net_log "to-$group")"
		got=$(sed -nE 's/^([0-9]+) packets, [0-9]+ lost, 0 dup.*/\1/p' "$(net_log "to-$group")")
		[ "$got" -ge $((sent - $1)) ]
	done
}

@test "upgrade: registers lose nothing, at neither end" {
	[ -w /dev/net/tun ] || skip "there is no /dev/net/tun for us"
	register_network
	# shellcheck disable=SC2046 # words
	daemon_start $(unprivileged)
	rp_start
	registers_start
	for _ in {1..20}; do
		ask upgrade
		smcroutectl -u "$BATS_TEST_TMPDIR/rp.sock" upgrade
	done
	registers_end 0
}

@test "crash: registers lose what the process had in its hands" {
	[ -w /dev/net/tun ] || skip "there is no /dev/net/tun for us"
	register_network
	# shellcheck disable=SC2046 # words
	managed_start $(unprivileged)
	rp_start
	registers_start
	for _ in {1..10}; do
		crash
		flows_there
	done
	[ "$(grep -c '^killed 9' "$(net_log manager)")" -eq 10 ]
	registers_end 10

	# without the module, there is no tunnel
	config <<<""
	ask reload
	wait_until 10 tunnel_is_gone
	wait_for manager '^remove tunnel$'
}

takes_more()
{
	[ "$(taken there)" -gt "$1" ]
}

# What waited has come, and more of it
flows_there()
{
	wait_until 10 takes_more $(($(taken there) + 50))
}

tunnel_is_gone()
{
	! on router test -e /proc/sys/net/ipv4/conf/pimreg
}

# rules: (S,G) rules, as they are asked for
rules()
{
	ask show routes | sed -nE '/^\(S,G\) Rules/,/^Kernel/ s/^\((.*), (.*)\) +(\S+) +(\S+) *$/\3 \1 \2 \4/p'
}

# The same as the daemon tells it
told_entries()
{
	ask show routes | sed -nE '/^Kernel/,$ s/^\((.*), (.*)\) +(.*)/\1 \2 \3/p' | in_order
}

# The kernel's vifs, as "FAMILY VIF DEVICE", and those that the daemon tells
vifs()
{
	on router awk 'FNR > 1 { print /mr_vif/ ? 4 : FILENAME ~ /ip6/ ? 6 : 4, $1 + 0, $2 }' \
		/proc/net/ip_mr_vif /proc/net/ip6_mr_vif
}

told_vifs()
{
	ask -j show interfaces |
		sed -nE 's/.*"name":"([^"]*)".*"vif":([0-9]+).*/4 \2 \1/p'
	ask -j show interfaces |
		sed -nE 's/.*"name":"([^"]*)".*"mif":([0-9]+).*/6 \2 \1/p'
}

# The kernel is as the daemon says
is_consistent()
{
	diff <(entries) <(told_entries) && diff <(vifs | sort) <(told_vifs | sort)
}

# Change number N: what it is about, an own device for each fourth
change()
{
	if [ $(($1 % 2)) -eq 0 ]; then
		echo "eth0 10.1.0.$1 239.2.0.$1 far$(($1 % 8))"
	else
		echo "eth0 fd01::$1 ff05::2:$1 far$(($1 % 8))"
	fi
}

# changes N...: makes each that is not made, undoes each that is, until one fails
changes()
{
	local n verb

	for n in "$@"; do
		verb=add
		[ -z "${made[$n]:-}" ] || verb=remove
		# shellcheck disable=SC2046 # words
		ask "$verb" $(change "$n") 2>/dev/null || return 0
		echo "$n"
	done
}

# What the rules are after the first COUNT of the changes N...: changed COUNT N...
changed()
{
	local n
	local -A now=()

	for n in "${!made[@]}"; do
		now[$n]=yes
	done
	for n in "${@:2:$1}"; do
		if [ -n "${now[$n]:-}" ]; then
			unset "now[$n]"
		else
			now[$n]=yes
		fi
	done
	for n in "${!now[@]}"; do
		change "$n"
	done | sort
}

@test "crash: at any moment of a change, what was confirmed stays, and the kernel agrees" {
	local n confirmed before midway=0
	local -A made=()

	for n in {0..7}; do
		net_link router "far$n" listener1 "far$n"
	done
	config </dev/null
	# shellcheck disable=SC2046 # words
	managed_start $(unprivileged)
	for _ in {1..25}; do
		# shellcheck disable=SC2046 # words
		set -- $(shuf -i 1-80 -n 50)
		before=$(readies)
		changes "$@" >"$BATS_TEST_TMPDIR/confirmed" 3>&- &
		net_pid[changes]=$!
		sleep "0.0$((RANDOM % 9))"
		kill -KILL "$(daemon_pid)"
		n=$(wc -l <"$BATS_TEST_TMPDIR/confirmed")
		[ "$n" -eq 0 ] || [ "$n" -eq 50 ] || midway=$((midway + 1))
		wait "${net_pid[changes]}"
		unset "net_pid[changes]"
		wait_until 10 is_ready_again "$before"

		# the rest of the changes came after the crash, unless one lost its connection; that
		# one was made or not
		confirmed=$(wc -l <"$BATS_TEST_TMPDIR/confirmed")
		rules | sort >"$BATS_TEST_TMPDIR/rules"
		if ! diff <(changed "$confirmed" "$@") "$BATS_TEST_TMPDIR/rules"; then
			confirmed=$((confirmed + 1))
			diff <(changed "$confirmed" "$@") "$BATS_TEST_TMPDIR/rules"
		fi
		for n in "${@:1:$confirmed}"; do
			if [ -n "${made[$n]:-}" ]; then
				unset "made[$n]"
			else
				made[$n]=yes
			fi
		done
		wait_until 5 is_consistent
	done
	echo "$midway of 25 were in the midst of changes"
	[ "$midway" -ge 5 ]
}

# The daemon is dead, and no other one is started
is_dead()
{
	! readlink "/proc/$1/exe"
}

# crash_begin, crash_end: what is done between them is done while there is no daemon
crash_begin()
{
	readies_before=$(readies)
	net_signal manager STOP
	kill -KILL "$(daemon_pid)"
	wait_until 5 is_dead "$(daemon_pid)"
}

crash_end()
{
	net_signal manager CONT
	wait_until 10 is_ready_again "$readies_before"
}

has_no_vif()
{
	! vifs | grep -q " $1$"
}

@test "crash: what changes meanwhile is in force after it, what nobody wants any more goes" {
	config_of_each_kind
	cat >>"$daemon_config" <<-END
		mroute from eth0 source 10.0.0.2 group 239.1.1.5 to eth1
		mroute from eth0 source fd00::2 group ff05::1:5 to eth1
	END
	net_link router eth3 listener1 eth3
	wire_start
	managed_start
	add_by_command
	ask add eth0 10.0.0.2 239.1.1.4 eth2 eth3
	ask add eth0 fd00::2 ff05::1:4 eth2 eth3
	net_send source "${v4[1]}"
	net_send source "${v6[1]}"
	wait_until 5 has_entries 9
	wire_settles

	crash_begin
	ip -n "$(net_ns router)" link del eth3
	config <<-END
		mgroup from eth0 group 225.1.2.3
		mroute from eth0 source 10.0.0.2 group ${v4[0]} to eth1
		mroute from eth0 source 10.0.0.3 group ${v4[0]} to eth1
		mroute from eth0 source fd00::3 group ${v6[0]} to eth1
	END
	crash_end

	af=4
	has_mroute 10.0.0.2 "${v4[0]}" eth0 eth1 eth2
	has_mroute 10.0.0.3 "${v4[0]}" eth0 eth1
	has_mroute 10.0.0.2 239.1.1.4 eth0 eth2
	wait_until 40 has_no_mroute 10.0.0.2 239.1.1.5
	wait_until 40 has_mroute 10.0.0.2 "${v4[1]}" eth0 eth2
	af=6
	has_mroute fd00::3 "${v6[0]}" eth0 eth1
	has_mroute fd00::2 ff05::1:4 eth0 eth2
	wait_until 40 has_no_mroute fd00::2 ff05::1:5
	wait_until 40 has_mroute fd00::2 "${v6[0]}" eth0 eth2
	wait_until 40 has_mroute fd00::2 "${v6[1]}" eth0 eth2
	wait_until 5 is_consistent
	has_no_vif eth3
	wait_for wire 'ff05::1:2:3 to_in' 40
	[ "$(grep -cF '225.1.2.3 to_in' "$(net_log wire)")" -eq 0 ]
}

@test "crash: the vif of a device that went meanwhile leads nowhere when another gets it" {
	config <<-END
		mroute from eth0 source 10.0.0.2 group ${v4[0]} to eth1 eth2
		mroute from eth0 source fd00::2 group ${v6[0]} to eth1 eth2
	END
	managed_start
	wait_until 5 has_entries 2
	vifs | grep -x '4 2 eth2'
	vifs | grep -x '6 2 eth2'

	crash_begin
	ip -n "$(net_ns router)" link del eth2
	net_link router eth3 listener2 eth0
	crash_end

	ask add eth0 10.0.0.2 239.9.9.9 eth3
	ask add eth0 fd00::2 ff05::9:9 eth3
	vifs | grep -x '4 2 eth3'
	vifs | grep -x '6 2 eth3'
	af=4
	has_mroute 10.0.0.2 "${v4[0]}" eth0 eth1
	af=6
	has_mroute fd00::2 "${v6[0]}" eth0 eth1
	is_consistent
}

has_ended()
{
	! kill -0 "${net_pid[$1]}"
}

# Connects 1000 times; one that fails ends it
connect_on_and_on()
{
	local i

	for i in {1..1000}; do
		socat -u OPEN:/dev/null "UNIX-CONNECT:$daemon_socket" || exit 1
	done
}

@test "upgrade: other clients' connections end, new ones are had at any moment" {
	config_of_each_kind
	# shellcheck disable=SC2046 # words
	daemon_start $(unprivileged)
	net_start monitor router smcroutectl -u "$daemon_socket" monitor
	wait_for monitor .
	ask upgrade
	wait_until 5 has_ended monitor

	upgrades_start
	connect_on_and_on
	upgrades_end 20
	ask version
}

@test "upgrade: with 10000 routes nothing in the kernel is touched" {
	local i start took

	for ((i = 0; i < 5000; i++)); do
		printf 'mroute from eth0 source 10.1.%d.%d group 239.1.1.1 to eth1 eth2\n' \
			$((i / 250)) $((i % 250))
		printf 'mroute from eth0 source fd01::%x group ff05::1 to eth1\n' $((i + 1))
	done | config
	daemon_start
	wait_until 10 has_entries 10000
	net_start seen router ip monitor mroute
	wait_until 5 on router grep -q " ${net_pid[seen]} " /proc/net/netlink
	ask add eth0 10.0.0.2 239.1.1.2 eth1
	wait_for seen 239.1.1.2

	start=${EPOCHREALTIME/[.,]/}
	ask upgrade
	took=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
	echo "it took $took ms"
	[ "$took" -lt 5000 ]
	ask add eth0 10.0.0.2 239.1.1.3 eth1
	wait_for seen 239.1.1.3
	[ "$(wc -l <"$(net_log seen)")" -eq 2 ]
	has_entries 10002
}
