#!/usr/bin/env bats
# options.bats - each option of smcrouted does what smcroute's does; -e is hook.bats', -m mrd.bats'

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
	name=smc-test-$$-$BATS_TEST_NUMBER
	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1'
}

teardown()
{
	local pid

	# a daemon that went to the background
	for pid in $(ip netns pids "$(net_ns router)"); do
		kill -KILL "$pid" || :
	done
	net_teardown
	rm -f "/run/$name.pid" "/run/$name.sock" "/etc/$name.conf"
	[ -z "${dir:-}" ] || rm -rf "$dir"
}

# run_daemon OPTION...: without those of daemon_start, until it ends
run_daemon()
{
	run on router timeout -k 1 20 smcrouted "$@" 3>&-
}

# ms: the time, to measure with
ms()
{
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

others_may()
{
	setpriv --reuid nobody --regid nogroup --clear-groups true || skip "needs other users"
	dir=$(mktemp -d /tmp/smc-XXXXXX)
	chmod 777 "$dir"
}

@test "-c: unused learned routes go after that time, with 0 never" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1
		   mroute from eth2 group 239.1.0.0/16 to eth1'
	# two daemons see the same: the one that forgets is the other one's clock
	on router ip mrule add iif eth2 table 100
	daemon_start -c 0
	net_start forgetful router smcrouted -n -c 1 -t 100 -f "$daemon_config" \
		-u "$BATS_TEST_TMPDIR/b.sock" -P "$BATS_TEST_TMPDIR/b.pid"
	wait_until 10 test -s "$BATS_TEST_TMPDIR/b.pid"
	net_send source 239.1.1.2
	wait_until 5 has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
	net_send listener2 239.1.1.2
	learned()
	{
		mroutes_of 100 | grep -q '^10.0.2.2 239.1.1.2 '
	}
	forgotten()
	{
		! learned
	}
	wait_until 5 learned
	started=$(ms)
	wait_until 10 forgotten
	[ $(($(ms) - started)) -ge 700 ]
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
}

@test "-d: nothing is done before that time, and it can be ended meanwhile" {
	started=$(ms)
	daemon_launch -d 2
	is_running()
	{
		[ "$(cat "/proc/${net_pid[daemon]}/comm")" = smcrouted ]
	}
	wait_until 2 is_running
	[ ! -e "$daemon_socket" ]
	daemon_is_ready
	[ $(($(ms) - started)) -ge 2000 ]
	daemon_lives
	daemon_stop

	daemon_launch -d 1000
	wait_until 2 is_running
	signals_are_caught()
	{
		grep -q '^SigBlk:.*4[0-9a-f]*3$' "/proc/${net_pid[daemon]}/status"
	}
	wait_until 2 signals_are_caught
	daemon_stop
	[ ! -e "$daemon_socket" ]
	[ ! -e "$daemon_pidfile" ]
}

@test "-D: it ends after that time by itself, with 0 and a clean kernel" {
	started=$(ms)
	daemon_start -D 1
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	net_wait daemon
	[ $(($(ms) - started)) -ge 1000 ]
	[ -z "$(mroutes)" ]
	[ ! -e "$daemon_pidfile" ]
	[ ! -e "$daemon_socket" ]
}

@test "-f: another configuration, from the folder that it was started in" {
	cp "$daemon_config" "$BATS_TEST_TMPDIR/other.conf"
	cd "$BATS_TEST_TMPDIR"
	# shellcheck disable=SC2034 # for daemon.bash
	daemon_config=other.conf
	daemon_start
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	# after the start as well
	echo 'mroute from eth0 source 10.0.0.2 group 239.1.1.2 to eth1' >>other.conf
	ctl reload
	has_mroute 10.0.0.2 239.1.1.2 eth0 eth1
}

@test "-F: tells what is wrong on standard output, and touches nothing" {
	printf 'phyint\nmroute from eth0 group 239.1.1.1 to eth1\nfrob\n' >"$daemon_config"
	run on router smcrouted -F "$daemon_config" -u "$daemon_socket" -P "$daemon_pidfile"
	assert_failure 78
	assert_equal "$(on router smcrouted -F "$daemon_config" 2>/dev/null || :)" "$output"
	assert_line --index 0 "$daemon_config:1:7: the name of an interface is missing"
	assert_line --index 1 "$daemon_config:3:1: unknown statement 'frob'"
	[ ! -e "$daemon_socket" ]
	[ ! -e "$daemon_pidfile" ]
	config <<<'mroute from nosuch0 group 239.1.1.1 to nosuch1'
	run on router smcrouted -F "$daemon_config"
	assert_success
	assert_output ""
	# beside a daemon that runs, and by anybody
	daemon_start
	run on router smcrouted -F "$daemon_config"
	assert_success
	others_may
	cp "$daemon_config" "$dir/conf"
	chmod 644 "$dir/conf"
	run setpriv --reuid nobody --regid nogroup --clear-groups \
		"$SMCKIT_BUILD/smcrouted/smcrouted" -F "$dir/conf"
	assert_success
	daemon_lives
}

@test "-h, -v: to standard output, with 0" {
	assert_equal "$(smcrouted -h 2>/dev/null | head -c 16)" "usage: smcrouted"
	smcrouted -v 2>/dev/null | grep -qE '^smckit [0-9.]+$'
	# whatever else is said
	run smcrouted -n -f /nonexistent -v
	assert_success
	# every option has its line in the help
	for option in c d D e f F h i l m n N p P s t u v; do
		smcrouted -h | grep -qE "^  -$option "
	done
}

named_by()
{
	cp "$daemon_config" "/etc/$name.conf" || skip "/etc cannot be written"
	net_start daemon router smcrouted -n "$1" "$name"
	# shellcheck disable=SC2034 # for daemon.bash
	daemon_pidfile=/run/$name.pid
	daemon_is_ready
	assert_equal "$(cat "/run/$name.pid")" "${net_pid[daemon]}"
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	run on router smcroutectl -i "$name" version
	assert_success
	# and it is the log's name
	wait_for daemon "^$name: .* started$"
	daemon_stop
	[ ! -e "/run/$name.pid" ]
	[ ! -e "/run/$name.sock" ]
}

@test "-i: names the configuration, the pid file, the socket and the log" {
	named_by -i
}

@test "-I: means -i" {
	named_by -I
}

# logs LEVEL LEVELS: at that level there are lines of these levels, and no others
logs()
{
	local out=$BATS_TEST_TMPDIR/out level

	printf '%s\n' "frob" "mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1" \
		>"$daemon_config"
	daemon_pidfile=$BATS_TEST_TMPDIR/level.pid
	net_start daemon router smcrouted -n -l "$1" -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile" -e /bin/true
	daemon_is_ready
	echo >"$daemon_config"
	ctl reload
	daemon_stop
	cp "$(net_log daemon)" "$out"
	for level in err warning notice info debug; do
		if [[ " $2 " = *" $level "* ]]; then
			grep -q -- "${sign[$level]}" "$out"
		elif grep -q -- "${sign[$level]}" "$out"; then
			echo "-l $1 logs what is $level"
			return 1
		fi
	done
	[ -n "$2" ] || [ ! -s "$out" ]
}

@test "-l: a level, the beginning of its name, or its number" {
	declare -A sign=(
		[err]="unknown statement 'frob'"
		[warning]="going on without the 1 lines in error"
		[notice]=" started"
		[info]="told to end by signal"
		[debug]="/bin/true start"
	)
	logs none ""
	logs 0 ""
	logs err "err"
	logs 3 "err"
	logs warning "err warning"
	logs w "err warning"
	logs 4 "err warning"
	logs notice "err warning notice"
	logs not "err warning notice"
	logs info "err warning notice info"
	logs 6 "err warning notice info"
	logs debug "err warning notice info debug"
	logs d "err warning notice info debug"
	logs 7 "err warning notice info debug"
}

@test "-n: stays in the foreground; without it, the command returns" {
	daemon_start
	wait_for daemon ' started$'
	assert_equal "$(cat "$daemon_pidfile")" "${net_pid[daemon]}"
	daemon_stop
	run_daemon -f "$daemon_config" -u "$daemon_socket" -P "$daemon_pidfile"
	assert_success
	assert_output ""
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	# it let go of all that was its starter's
	assert_equal "$(readlink "/proc/$(cat "$daemon_pidfile")/cwd")" /
	for fd in 0 1 2; do
		assert_equal "$(readlink "/proc/$(cat "$daemon_pidfile")/fd/$fd")" /dev/null
	done
	[ "$(awk '{ print $6 }' "/proc/$(cat "$daemon_pidfile")/stat")" = \
		"$(cat "$daemon_pidfile")" ]
}

# runs_as UID GID OPTION
runs_as()
{
	daemon_start -p "$3"
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	run cat "/proc/${net_pid[daemon]}/status"
	assert_line --regexp "^Uid:\s+$1\s+$1\s+$1\s+$1$"
	assert_line --regexp "^Gid:\s+$2\s+$2\s+$2\s+$2$"
	assert_line --regexp '^CapPrm:\s+0+3000$'
	assert_line --regexp '^CapEff:\s+0+3000$'
	assert_line --regexp '^CapAmb:\s+0+$'
	assert_equal "$(stat -c %u:%g "$daemon_socket")" "$1:$2"
	ctl reload
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 count 3
	got_all l1 3
	net_stop l1 || :
	daemon_stop
	rm -f "$daemon_socket" "$daemon_pidfile"
}

@test "-p: another user, a group, and two capabilities only" {
	local uid gid

	others_may
	daemon_config=$dir/conf
	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1'
	chmod 644 "$daemon_config"
	uid=$(id -u nobody) gid=$(id -g nobody)
	runs_as "$uid" "$gid" nobody
	runs_as "$uid" "$(getent group daemon | cut -d : -f 3)" nobody:daemon
	runs_as "$uid" 7 "$uid:7"
	# without it root stays, within a bound
	daemon_start
	run cat "/proc/${net_pid[daemon]}/status"
	assert_line --regexp '^Uid:\s+0\s'
	refute_line --regexp '^CapBnd:\s+000001ffffffffff$'
}

@test "-P: a path, or a name for one in /run" {
	daemon_pidfile=/run/$name.pid
	net_start daemon router smcrouted -n -f "$daemon_config" -u "$daemon_socket" -P "$name"
	daemon_is_ready
	assert_equal "$(cat "/run/$name.pid")" "${net_pid[daemon]}"
	assert_equal "$(stat -c %a "/run/$name.pid")" 644
	daemon_stop
	[ ! -e "/run/$name.pid" ]
	cd "$BATS_TEST_TMPDIR"
	daemon_pidfile=./sub.pid
	daemon_start
	assert_equal "$(cat "$BATS_TEST_TMPDIR/sub.pid")" "${net_pid[daemon]}"
	# a reload shows in its time
	touch -d '1 hour ago' sub.pid
	ctl reload
	[ $(($(date +%s) - $(stat -c %Y sub.pid))) -lt 1000 ]
}

@test "-s: to the system's log in the foreground too, and no longer to standard error" {
	# a folder for devices of its own, where the system's log is ours
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
		smcrouted -n -s -l info -f "$daemon_config" -u "$daemon_socket" -P "$daemon_pidfile"
	daemon_is_ready
	wait_until 5 grep -qE "^<29>.*smcrouted\[${net_pid[daemon]}\]: .* started$" \
		"$BATS_TEST_TMPDIR/syslog"
	net_signal daemon HUP
	wait_until 5 grep -qE '^<30>.*smcrouted\[[0-9]+\]: reload' "$BATS_TEST_TMPDIR/syslog"
	assert_equal "$(cat "$(net_log daemon)")" ""
}

@test "-t: that table of the kernel's, 0 is the default one" {
	daemon_start -t 100
	mroutes_of 100 | grep -qx '10.0.0.2 239.1.1.1 eth0 eth1'
	[ -z "$(mroutes)" ]
	daemon_stop
	daemon_start -t 0
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	[ -z "$(mroutes_of 100)" ]
}

@test "-u: another socket, from the folder that it was started in" {
	cd "$BATS_TEST_TMPDIR"
	daemon_socket=./other.sock
	daemon_start
	[ -S "$BATS_TEST_TMPDIR/other.sock" ]
	ctl version | grep -q '^smcrouted: '
	daemon_stop
	[ ! -e "$BATS_TEST_TMPDIR/other.sock" ]
}

@test "an option that is none, or lacks its argument: the usage, and 64" {
	for option in -x --help "-c" "-t" "-e"; do
		run_daemon -n "$option"
		assert_failure 64
		assert_line --partial "usage: smcrouted"
	done
	[ ! -e "$daemon_socket" ]
}
