#!/usr/bin/env bats
# process.bats - the process and its surroundings: a kernel that others have or that lacks something,
# descriptors that run out, signals, the service unit

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

# holds NAME FAMILY...: a process of that name that has the families' multicast routing
holds()
{
	local fifo=$BATS_TEST_TMPDIR/$1.fifo family n=0

	mkfifo "$fifo"
	# shellcheck disable=SC2034 # it only keeps the fifo open
	exec {held}<>"$fifo"
	net_start "$1" router "$SMCKIT_BUILD/test/system/linux_probe" <"$fifo"
	wait_for "$1" '^ready$'
	for family in "${@:2}"; do
		echo "open $family" >"$fifo"
		n=$((n + 1))
		wait_until 5 test "$(grep -c '^= ok$' "$(net_log "$1")")" -ge "$n" ||
			wait_until 5 answered "$1" "$n"
	done
}

answered()
{
	[ "$(grep -c '^= ok$' "$(net_log "$1")")" -ge "$2" ]
}

# fails STATUS OPTION...: the daemon does not start, its output is in $output, and nothing is left
fails()
{
	config </dev/null
	run on router timeout -k 1 20 "${with[@]}" smcrouted -n -f "$daemon_config" \
		-u "$daemon_socket" -P "$daemon_pidfile" "${@:2}"
	assert_failure "$1"
	[ ! -e "$daemon_socket" ]
	[ ! -e "$daemon_pidfile" ]
}

held_by()
{
	echo "no multicast routing: another process does multicast routing in this table:" \
		"linux_probe (process ${net_pid[$1]})"
}

@test "who has a family is named, to the log and to commands" {
	holds other 4
	daemon_start
	wait_for daemon "IPv4: $(held_by other | sed 's/[()]/\\&/g')$"
	run ctl add eth0 239.1.1.1 eth1
	assert_failure 1
	assert_output --partial "linux_probe (process ${net_pid[other]})"
	ctl add eth0 fd00::2 ff05::1 eth1
	af=6 has_mroute fd00::2 ff05::1 eth0 eth1
}

@test "both families in others' hands: 69, and each is named" {
	holds four 4
	holds six 6
	fails 69
	assert_line --partial "IPv4: $(held_by four)"
	assert_line --partial "IPv6: $(held_by six)"
	# in the background too
	config </dev/null
	run on router timeout -k 1 20 smcrouted -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile" 3>&-
	assert_failure 69
	assert_line --partial "IPv4: $(held_by four)"
}

@test "several that may have it are all named" {
	holds four 4
	net_start innocent router python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 2)
print("open", flush=True)
time.sleep(1000)'
	wait_for innocent open
	holds six 6
	fails 69
	assert_line --partial ": one of "
	assert_line --partial "linux_probe (process ${net_pid[four]})"
	assert_line --partial "(process ${net_pid[innocent]})"
}

@test "who runs as another user still learns who has the family" {
	setpriv --reuid nobody --regid nogroup --clear-groups true || skip "needs other users"
	holds four 4
	holds six 6
	fails 69 -p nobody:nogroup
	assert_line --partial "IPv4: $(held_by four)"
}

@test "without a /proc to look at, it is said without names" {
	holds four 4 6
	# a sanitizer could not look for leaks, and has its options from there
	with=(unshare -m sh -c 'mount -t tmpfs none /proc && mkdir /proc/self &&
		printf "ASAN_OPTIONS=detect_leaks=0\0" >/proc/self/environ && exec "$@"' sh)
	fails 69
	assert_line --regexp 'IPv4: .*another process does multicast routing in this table$'
}

# A kernel that lacks something, played by a filter of system calls:
# lacks ERRNO FAMILY...: sockets for multicast routing of these address families fail so
lacks()
{
	cat >"$BATS_TEST_TMPDIR/lacks.py" <<-'END'
	import ctypes, os, platform, struct, sys
	nr = {"x86_64": 41, "aarch64": 198}[platform.machine()]
	error = int(sys.argv[1])
	families = [int(f) for f in sys.argv[2].split(",")]
	def op(code, jt, jf, k):
	    return struct.pack("HBBI", code, jt, jf, k)
	LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
	ALLOW = op(RETURN, 0, 0, 0x7fff0000)
	code = [op(LOAD, 0, 0, 0), op(EQUAL, 1, 0, nr), ALLOW]
	for f in families:
	    protocol = {2: 2, 10: 58}[f]
	    code += [op(LOAD, 0, 0, 16), op(EQUAL, 0, 3, f), op(LOAD, 0, 0, 32),
	             op(EQUAL, 0, 1, protocol), op(RETURN, 0, 0, 0x50000 | error)]
	code += [ALLOW]
	text = ctypes.create_string_buffer(b"".join(code))
	program = struct.pack("HL", len(code), ctypes.addressof(text))
	libc = ctypes.CDLL(None, use_errno=True)
	assert libc.prctl(38, 1, 0, 0, 0) == 0
	assert libc.prctl(22, 2, ctypes.create_string_buffer(program)) == 0, ctypes.get_errno()
	os.execvp(sys.argv[3], sys.argv[3:])
	END
	with=(python3 "$BATS_TEST_TMPDIR/lacks.py" "$1" "$(IFS=,; echo "${*:2}")")
	case $(uname -m) in
	x86_64|aarch64) ;;
	*) skip "the filter is not written for this machine" ;;
	esac
}

@test "a kernel without multicast routing: 76" {
	lacks 93 2 10                   # EPROTONOSUPPORT
	fails 76
	assert_line --partial "IPv4: no multicast routing: the kernel does not have this protocol"
	assert_line --partial "IPv6: no multicast routing: the kernel does not have this protocol"
}

@test "one family held, the other missing in the kernel: 69" {
	holds four 4
	lacks 97 10                     # EAFNOSUPPORT
	fails 69
}

@test "not permitted: 77" {
	lacks 1 2 10                    # EPERM
	fails 77
	assert_line --partial "not permitted, it needs CAP_NET_ADMIN and CAP_NET_RAW"
}

@test "the system refuses for lack of memory: 71" {
	lacks 12 2 10                   # ENOMEM
	fails 71
	assert_line --partial "IPv4: no multicast routing: Cannot allocate memory"
}

@test "a family that the kernel lacks leaves the other to work" {
	lacks 97 10
	config <<-END
	mroute from eth0 group 239.1.1.1 to eth1
	mroute from eth0 group ff05::1 to eth1
	END
	net_start daemon router "${with[@]}" smcrouted -n -l debug -f "$daemon_config" \
		-u "$daemon_socket" -P "$daemon_pidfile"
	daemon_is_ready
	wait_for daemon "IPv6: no multicast routing: the kernel does not have this protocol"
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 count 3
	got_all l1 3
	run ctl add eth0 ff05::2 eth1
	assert_failure 1
	assert_output --partial "the kernel does not have this protocol"
}

# The warning's lines, if there are any
no_rule_said()
{
	grep 'for lack of a rule' "$(net_log daemon)"
}

@test "-t: without a rule that leads to the table there is a warning" {
	daemon_start -t 100 -l warning
	run no_rule_said
	assert_line --partial "IPv4: no packet is looked up in table 100, for lack of a rule like 'ip mrule add iif IFNAME table 100'"
	assert_line --partial "IPv6: no packet is looked up in table 100, for lack of a rule like 'ip -6 mrule add iif IFNAME table 100'"
	daemon_stop
	# one for another table is none
	on router ip mrule add iif eth0 table 101
	on router ip -6 mrule add iif eth0 table 101
	daemon_start -t 100 -l warning
	run no_rule_said
	assert_line --partial "IPv4: no packet"
	daemon_stop
	# one of the families is enough to be quiet about the other
	on router ip -6 mrule add iif eth0 table 100
	daemon_start -t 100 -l warning
	run no_rule_said
	assert_failure
	daemon_stop
	on router ip mrule add iif eth0 table 100
	daemon_start -t 100
	run no_rule_said
	assert_failure
	daemon_stop
	# a large number, and the default table under its own
	on router ip mrule add iif eth0 table 70000
	on router ip -6 mrule add iif eth0 table 70000
	daemon_start -t 70000
	run no_rule_said
	assert_failure
	daemon_stop
	daemon_start
	run no_rule_said
	assert_failure
}

@test "a virtual router's own rule leads to its table" {
	on router ip link add red type vrf table 100 || skip "the kernel has no VRF"
	on router ip link set red up
	daemon_start -t 100 -l warning
	run no_rule_said
	assert_failure
}

# busy TICKS: the processor time of the daemon, in hundredths of a second
busy()
{
	awk '{ print $14 + $15 }' "/proc/${net_pid[daemon]}/stat"
}

open_descriptors()
{
	find "/proc/${net_pid[daemon]}/fd" -mindepth 1 | wc -l
}

@test "without descriptors for clients: no busy loop, traffic goes on, it recovers" {
	local before sent

	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	daemon_start
	net_listen l1 listener1 239.1.1.1
	# two more, and then no more
	prlimit --pid "${net_pid[daemon]}" --nofile=$(($(open_descriptors) + 2)):4096
	net_start clients router python3 -c '
import socket, sys, time
held = []
for i in range(10):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    held.append(s)
print("connected", flush=True)
time.sleep(1000)' "$daemon_socket"
	wait_for clients connected
	wait_for daemon "control: cannot accept a client: Too many open files"
	before=$(busy)
	net_send source 239.1.1.1 count 300 interval 5
	got_all l1 300
	[ $(($(busy) - before)) -lt 50 ]
	[ "$(grep -c 'cannot accept' "$(net_log daemon)")" -le 10 ]
	# learned although nobody could ask for it
	wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	net_stop clients KILL || :
	run timeout 10 "$SMCKIT_BUILD/smcroutectl/smcroutectl" -u "$daemon_socket" -t show
	assert_success
	assert_line --partial "(10.0.0.2, 239.1.1.1)"
}

@test "without descriptors for memberships: told, and joined when there are some again" {
	daemon_start
	ctl add eth0 239.1.1.1 eth1
	# one for the client, and two for some of the groups
	prlimit --pid "${net_pid[daemon]}" --nofile=$(($(open_descriptors) + 3)):4096
	run ctl join eth1 239.7.0.0/24
	assert_failure 1
	assert_output --partial "Too many open files"
	daemon_lives
	prlimit --pid "${net_pid[daemon]}" --nofile=4096:4096
	all_joined()
	{
		[ "$(on router ip -4 maddr show dev eth1 | grep -c 239.7.0.)" -eq 256 ]
	}
	wait_until 30 all_joined
}

@test "streams are taken in while the groups of the configuration are being joined" {
	config <<-'END'
		mroute from eth0 group 239.1.0.0/16 to eth1
		mgroup from eth0 group ff15::/114
	END
	net_listen l1 listener1 239.1.1.1
	some_joined()
	{
		on router grep -q ' ff15' /proc/net/igmp6
	}
	daemon_launch
	wait_until 10 some_joined
	net_send source 239.1.1.1
	got_all l1 1
	# and that was long before it was ready
	[ ! -s "$daemon_pidfile" ]
	wait_until 100 test -s "$daemon_pidfile"
	[ "$(on router grep -c ' ff15' /proc/net/igmp6)" -eq 16384 ]
}

@test "without descriptors when news of interfaces were lost: listed as soon as there are some" {
	local n

	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth9'
	daemon_start
	on router ip link add eth8 type veth peer name eth7
	prlimit --pid "${net_pid[daemon]}" --nofile=3:4096
	# more news than it has room for
	net_signal daemon STOP
	for n in $(seq 8000); do
		echo "link set eth8 mtu $((1000 + n % 2))"
	done | on router ip -batch -
	on router ip link add eth9 type veth peer name eth10
	on router ip link set eth9 up
	net_signal daemon CONT
	wait_for daemon "netlink: cannot list links and addresses: Too many open files" 10
	has_mroute 10.0.0.2 239.1.1.1 eth0
	prlimit --pid "${net_pid[daemon]}" --nofile=4096:4096
	wait_until 5 has_mroute 10.0.0.2 239.1.1.1 eth0 eth9
}

@test "signals that mean nothing to it do nothing" {
	local sent

	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
	daemon_start
	net_listen l1 listener1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows l1
	for signal in USR1 USR2 PIPE CHLD WINCH URG USR1; do
		net_signal daemon "$signal"
		daemon_lives
	done
	# stopped for a while, in the middle of a wait
	net_signal daemon STOP
	flows l1
	net_signal daemon CONT
	daemon_lives
	sent=$(stream_stop stream)
	got_all l1 "$sent"
	run grep -E 'reloading|took over' "$(net_log daemon)"
	assert_failure
	daemon_stop
}

@test "whoever reads the log may go" {
	config <<<'mroute from eth0 group 239.1.0.0/16 to eth1'
	mkfifo "$BATS_TEST_TMPDIR/log"
	exec {reader}<>"$BATS_TEST_TMPDIR/log"
	ip netns exec "$(net_ns router)" smcrouted -n -l debug -f "$daemon_config" \
		-u "$daemon_socket" -P "$daemon_pidfile" \
		>"$BATS_TEST_TMPDIR/log" 2>&1 3>&- {reader}<&- &
	net_pid[daemon]=$!
	wait_until 10 test -s "$daemon_pidfile"
	exec {reader}<&-
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 count 3
	got_all l1 3
	ctl reload
	daemon_lives
	daemon_stop
}

@test "a second daemon disturbs neither the first one's files nor its routes" {
	config <<<'mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth1'
	daemon_start
	ino=$(stat -c %i "$daemon_socket")
	# of the same names, in every way to be told: another table would be free
	for options in "" "-t 7" "-p nobody"; do
		# shellcheck disable=SC2086 # words
		run on router timeout -k 1 20 smcrouted -n -f "$daemon_config" \
			-u "$daemon_socket" -P "$daemon_pidfile" $options
		assert_failure 69
		assert_output --partial "another smcrouted answers on $daemon_socket"
	done
	# of the same table and pid file
	run on router timeout -k 1 20 smcrouted -n -f "$daemon_config" \
		-u "$BATS_TEST_TMPDIR/b" -P "$daemon_pidfile"
	assert_failure 69
	assert_output --partial "smcrouted (process ${net_pid[daemon]})"
	assert_equal "$(cat "$daemon_pidfile")" "${net_pid[daemon]}"
	assert_equal "$(stat -c %i "$daemon_socket")" "$ino"
	has_mroute 10.0.0.2 239.1.1.1 eth0 eth1
	daemon_lives
}

# manager_heard WORD...: the first words of what the service manager was told so far, just these
manager_heard()
{
	diff <(sed -nE 's/^message ([A-Z]+=1).*/\1/p' "$(net_log manager)" | xargs) <(echo "$*")
}

@test "each reload is announced to the service manager, and its end" {
	net_start manager router python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    text = s.recv(65536).decode().replace("\n", " ")
    if not text.startswith("FDSTORE"):
        print("message", text, flush=True)' "$BATS_TEST_TMPDIR/manager"
	wait_for manager '^bound'
	config <<<'mroute from eth0 group 239.1.1.1 source 10.0.0.2 to eth1'
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/manager daemon_start
	wait_until 5 manager_heard READY=1
	net_signal daemon HUP
	wait_until 5 manager_heard READY=1 RELOADING=1 READY=1
	touch -d '1 hour ago' "$daemon_pidfile"
	ctl reload
	wait_until 5 manager_heard READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1
	[ $(($(date +%s) - $(stat -c %Y "$daemon_pidfile"))) -lt 1000 ]
	# one that is refused has an end as well
	echo frob >>"$daemon_config"
	ctl reload || :
	wait_until 5 manager_heard READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1
	tail -n 1 "$(net_log manager)" | grep refused
	# a restart in place is one to the manager
	ctl upgrade
	wait_until 5 manager_heard READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1 RELOADING=1 \
		READY=1 RELOADING=1 READY=1
	tail -n 1 "$(net_log manager)" | grep "MAINPID=${net_pid[daemon]}"
}

@test "the service units are such, and as tight as they say" {
	local name

	command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
	for name in smcrouted.service igmpproxy.service pimd.service; do
		# its programs are where they were built
		sed "s,/usr/sbin/pimd,$SMCKIT_BUILD/pim-module/pimd,
			s,/usr/sbin/\([a-z]*\),$SMCKIT_BUILD/\1/\1," \
			"$BATS_TEST_DIRNAME/../../conf/$name" >"$BATS_TEST_TMPDIR/$name"
		run env SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no \
			"$BATS_TEST_TMPDIR/$name"
		refute_output --partial "$name"
		assert_success
		run systemd-analyze security --no-pager --offline=yes --threshold=22 \
			"$BATS_TEST_TMPDIR/$name"
		assert_success
		[ "$name" != igmpproxy.service ] || continue
		# a private /dev has no net/tun, a /proc of processes alone no rp_filter
		grep -qx 'DeviceAllow=/dev/net/tun rw' "$BATS_TEST_TMPDIR/$name"
		run grep -E '^(PrivateDevices|ProcSubset)=' "$BATS_TEST_TMPDIR/$name"
		assert_failure 1
	done
}
