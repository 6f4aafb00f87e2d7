#!/usr/bin/env bats
# hook.bats - the script of -e: what it is called for, what it finds, and that nothing waits for it

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell; helpers set what they say

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
	use 4
	script=$BATS_TEST_TMPDIR/script
	told=$BATS_TEST_TMPDIR/told
}

teardown()
{
	net_teardown
	[ -z "${dir:-}" ] || rm -rf "$dir"
}

use()
{
	af=$1
	case $af in
	4)
		s=10.0.0.2 g=239.1.1.1 family=ipv4
		;;
	6)
		s=fd00::2 g=ff05::1:1 family=ipv6
		;;
	esac
}

# The script from standard input, behind a line that notes the call
script()
{
	# shellcheck disable=SC2016 # expanded in the script
	{
		echo '#!/bin/sh'
		echo 'echo "$* ${source-}>${group-} ${iif-}>${oifs-} ${owner-} ${family-}"' \
			">>'$told'"
		cat
	} >"$script"
	chmod 755 "$script"
}

# is_told LINE...: the calls so far are just these, to be waited for
is_told()
{
	diff "$told" <(printf '%s\n' "$@")
}

told_has()
{
	grep -qx -- "$1" "$told"
}

from_start_to_stop()
{
	use "$1"
	script </dev/null
	config <<-END
	mroute from eth0 group $g to eth1 eth2
	mroute from eth0 source $s group ${g}9 to eth1
	END
	daemon_start -c 1 -e "$script"
	wait_until 5 is_told "start > > "' '
	net_send source "$g" count 2
	wait_until 5 told_has "install $s>$g eth0>eth1 eth2 static $family"
	ctl remove eth0 "$g" eth1
	wait_until 5 told_has "change $s>$g eth0>eth2 static $family"
	# nobody's, and one that is named whole
	net_send source "${g}7"
	net_send source "${g}9"
	wait_until 10 told_has "remove $s>$g eth0>eth2  $family"
	ctl reload
	wait_until 5 told_has 'reload > >  '
	echo nonsense >>"$daemon_config"
	run ctl reload
	assert_failure 1
	daemon_stop
	is_told "start > >  " "install $s>$g eth0>eth1 eth2 static $family" \
		"change $s>$g eth0>eth2 static $family" \
		"remove $s>$g eth0>eth2  $family" "reload > >  " "stop > >  "
}

@test "IPv4: the script is called from start to stop" {
	from_start_to_stop 4
}

@test "IPv6: the script is called from start to stop" {
	from_start_to_stop 6
}

@test "a source that moves is installed anew" {
	script </dev/null
	config <<-END
	mroute from eth0 group 239.1.0.0/16 to eth1
	mroute from eth2 group 239.1.0.0/16 to eth1
	END
	daemon_start -e "$script"
	net_addr listener2 eth0 "$s/24"
	net_send source "$g" from "$s"
	wait_until 5 told_has "install $s>$g eth0>eth1 static ipv4"
	net_send listener2 "$g" from "$s"
	wait_until 5 told_has "install $s>$g eth2>eth1 static ipv4"
}

@test "a script that cannot be one" {
	refused()
	{
		run on router timeout -k 1 20 smcrouted -n -f /dev/null -u "$daemon_socket" \
			-P "$daemon_pidfile" -e "$1"
		assert_failure 64
		assert_output "smcrouted: -e $1: $2"
		[ ! -e "$daemon_socket" ]
	}
	refused /nonexistent/script "No such file or directory"
	refused "$BATS_TEST_TMPDIR" "not a file"
	: >"$script"
	refused "$script" "not executable"
}

@test "a script that cannot be run, or fails, is told in the log" {
	script <<<'exit 3'
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start -e "$script"
	wait_for daemon "$script start : exit status 3"
	net_send source "$g"
	wait_for daemon "$script install source=$s: exit status 3"
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'kill -TERM $$'
	ctl reload
	wait_for daemon "$script reload : ended by signal 15"
	echo 'no interpreter' >"$script"
	ctl reload
	wait_for daemon "$script reload: cannot be run: Exec format error"
	rm "$script"
	ctl reload
	wait_for daemon "$script reload: cannot be run: No such file or directory"
	daemon_lives
	daemon_stop
}

@test "the script gets nothing that is the daemon's" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<-'END'
	exec >"$OUT.new" 2>&1
	grep -E '^(SigBlk|SigIgn|SigCgt)' /proc/self/status
	for fd in /proc/self/fd/*; do
		[ "${fd##*/}" -gt 2 ] && readlink "$fd" && echo "open: $(readlink "$fd")"
	done
	readlink /proc/$$/fd/0
	pwd
	ulimit -n
	env | grep -E '^(NOTIFY_SOCKET|LISTEN_|WATCHDOG|SMCKIT_RESTART|source|group|iif)'
	echo "group $(ps -o pgid= -p $$ 2>/dev/null || cut -d ' ' -f 5 /proc/$$/stat) $$"
	mv "$OUT.new" "$OUT"
	END
	# some shells unblock signals themselves
	sed -i '1s,sh,bash,' "$script"
	config </dev/null
	exec {held}</etc/hostname
	OUT=$BATS_TEST_TMPDIR/out NOTIFY_SOCKET=$BATS_TEST_TMPDIR/none LISTEN_PID=1 LISTEN_FDS=1 \
		WATCHDOG_USEC=1 source=wrong daemon_start -e "$script"
	exec {held}<&-
	wait_until 5 test -e "$BATS_TEST_TMPDIR/out"
	run cat "$BATS_TEST_TMPDIR/out"
	assert_line --regexp '^SigBlk:\s+0+$'
	# but for two signals that are the C library's own
	assert_line --regexp '^SigIgn:\s+0+[01]?[08]0000000$'
	assert_line /dev/null
	assert_line /
	assert_line 1024
	assert_line --regexp '^group +([0-9]+) \1$'
	refute_line --partial open:
	refute_line --regexp '^(NOTIFY|LISTEN|WATCHDOG|SMCKIT|source|group=|iif)'
}

@test "what the script prints goes where the log goes" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'echo "out of $1"; echo "err of $1" >&2'
	config </dev/null
	daemon_start -e "$script"
	wait_for daemon '^out of start$'
	wait_for daemon '^err of start$'
}

# calls N: the script was called that often, to be waited for
calls()
{
	[ "$(wc -l <"$told")" -ge "$1" ]
}

@test "a script that hangs holds up nobody, and is killed with what it started" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'[ $1 = start ] || exit 0; sleep 1000 & echo $! >$0.pid; sleep 1001'
	config <<<"mroute from eth0 group 239.1.0.0/16 to eth1"
	daemon_start -e "$script"
	wait_until 5 test -s "$script.pid"
	net_listen l1 listener1 "$g"
	net_send source "$g" count 3
	got_all l1 3
	ctl add eth0 "$s" 239.9.9.9 eth1
	has_mroute "$s" 239.9.9.9 eth0 eth1
	calls 1
	run calls 2
	assert_failure
	wait_for daemon "$script start: killed, it took more than 10 s" 15
	# those that waited have their turn
	wait_until 5 told_has "install $s>$g eth0>eth1 static ipv4"
	wait_until 5 on router sh -c "! kill -0 $(cat "$script.pid")"
	daemon_lives
}

@test "the end does not wait for a script that hangs" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'[ $1 = start ] || exit 0; exec sleep 1000'
	config </dev/null
	daemon_start -e "$script"
	wait_until 5 calls 1
	SECONDS=0
	daemon_stop
	[ $SECONDS -le 8 ]
	is_told "start > >  " "stop > >  "
	[ ! -e "$daemon_socket" ]
}

@test "more sources than the script can take: all are forwarded, the rest is counted" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'[ $1 = start ] && while ! [ -e $0.go ]; do sleep 0.05; done'
	config <<<"mroute from eth0 group 239.1.0.0/16 to eth1"
	daemon_start -l info -e "$script"
	wait_until 5 calls 1
	on source python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.0.0.2"))
for i in range(1500):
    s.sendto(b"x", ("239.1.%d.%d" % (i >> 8, i & 255), 5000))'
	all_learned()
	{
		[ "$(mroutes | wc -l)" -eq 1500 ]
	}
	wait_until 10 all_learned
	wait_for daemon "$script: too slow, 1000 calls wait: not called for install"
	[ "$(grep -c 'too slow' "$(net_log daemon)")" -le 10 ]
	: >"$script.go"
	wait_until 60 calls 1001
	wait_for daemon "$script: was not called 500 times"
	daemon_lives
	daemon_stop
	assert_equal "$(tail -n 1 "$told")" "stop > >  "
	assert_equal "$(sort "$told" | uniq -d)" ""
}

@test "a reload while the script runs: each is told, in order" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'while [ $1 = start ] && ! [ -e $0.go ]; do sleep 0.05; done'
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start -e "$script"
	wait_until 5 calls 1
	net_send source "$g"
	wait_until 5 has_mroute "$s" "$g" eth0 eth1
	ctl reload
	ctl reload
	ctl reload
	: >"$script.go"
	wait_until 5 calls 3
	daemon_stop
	# reloads that wait are one
	is_told "start > >  " "install $s>$g eth0>eth1 static ipv4" "reload > >  " "stop > >  "
}

@test "a restart in place: the new process starts, and leaves no child behind" {
	# shellcheck disable=SC2016 # expanded in the script
	script <<<'[ -e $0.go ] || { : >$0.go; sleep 1; echo slept; }'
	config <<<"mroute from eth0 group $g to eth1"
	daemon_start -e "$script"
	wait_until 5 test -e "$script.go"
	ctl upgrade
	wait_until 5 calls 2
	wait_for daemon slept
	has_no_child()
	{
		[ -z "$(cat "/proc/${net_pid[daemon]}/task/${net_pid[daemon]}/children")" ]
	}
	wait_until 5 has_no_child
	net_send source "$g"
	wait_until 5 told_has "install $s>$g eth0>eth1 static ipv4"
	# not even a script that is gone stops it
	rm "$script"
	ctl upgrade
	daemon_lives
	wait_for daemon "$script: cannot be run by this user: No such file or directory"
	has_mroute "$s" "$g" eth0 eth1
	daemon_stop
}

# The script changes the network as the daemon's user
as_user()
{
	if ! setpriv --reuid nobody --regid nogroup --clear-groups true; then
		skip "needs other users"
	fi
	dir=$(mktemp -d /tmp/smc-XXXXXX)
	chown nobody:nogroup "$dir"
	told=$dir/told
	script=$dir/script
	script <<-'END'
	[ $1 = install ] || exit 0
	ip route add 192.0.2.0/24 dev eth1 || exit 1
	nft add table ip smctest || exit 2
	id -un >>"$0.done"
	grep Cap /proc/self/status >>"$0.done"
	END
	daemon_config=$dir/conf
	config <<<"mroute from eth0 group $g to eth1"
	chmod 644 "$daemon_config"
}

did_as_user()
{
	net_send source "$g"
	wait_until 5 told_has "install $s>$g eth0>eth1 static ipv4"
	wait_until 5 grep -q CapAmb "$script.done"
	on router ip route show 192.0.2.0/24 | grep 'dev eth1'
	on router nft list tables | grep smctest
	run cat "$script.done"
	assert_line nobody
	assert_line --regexp '^CapEff:\s+0+3000$'
	assert_line --regexp '^CapAmb:\s+0+3000$'
	assert_line --regexp '^CapPrm:\s+0+3000$'
}

@test "-p: the script runs as that user, with the network capabilities" {
	as_user
	daemon_socket=$dir/sock
	daemon_start -p nobody:nogroup -e "$script"
	did_as_user
	# the daemon itself gives nothing on but to the script
	grep -qE '^CapAmb:\s+0+$' "/proc/${net_pid[daemon]}/status"
	assert_equal "$(stat -c %U "$told")" nobody
	daemon_stop || :
}

@test "under a user that the service manager chose, too" {
	as_user
	daemon_socket=$dir/sock
	daemon_pidfile=$dir/pid
	cp "$SMCKIT_BUILD/smcrouted/smcrouted" "$dir/smcrouted"
	chmod 755 "$dir" "$dir/smcrouted"
	net_start daemon router setpriv --reuid nobody --regid nogroup --clear-groups \
		--inh-caps -all,+net_admin,+net_raw --ambient-caps -all,+net_admin,+net_raw \
		--bounding-set -all,+net_admin,+net_raw --no-new-privs \
		"$dir/smcrouted" -n -l debug -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile" -e "$script"
	daemon_is_ready
	did_as_user
}
