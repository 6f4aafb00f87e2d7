#!/usr/bin/env bats
# manual.bats - what the manual pages and the sample configuration show as examples works
#
# Examples are cut out of the pages' source: lines that stand together, or a block, are one example.
# Those of smcroute.conf are loaded by a daemon that has the interfaces they name; the others are run
# as they stand there, on the host that the prompt names, where /etc and /run are the test's own.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # expanded there; each test is a subshell

bats_require_minimum_version 1.5.0

load net
load daemon

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_host router source tv far
	net_link router eth0 source eth0
	net_link router br-lan tv eth0
	net_addr router eth0 10.0.0.1/24 fd00::1/64
	net_addr source eth0 10.0.0.2/24 fd00::2/64
	net_addr router br-lan 10.0.1.1/24 fd00:1::1/64
	net_addr tv eth0 10.0.1.2/24 fd00:1::2/64
	man=$BATS_TEST_DIRNAME/../../man
	export SMCKIT_MODULES=$SMCKIT_BUILD/pim-module
	sample=$BATS_TEST_TMPDIR/sample.conf
	sed 's/^#\([a-z]\)/\1/' "$BATS_TEST_DIRNAME/../../conf/smcroute.conf" >"$sample"
	started=()
}

teardown()
{
	net_teardown
}

# examples PAGE LEAST: each of its examples is a file of ${example[@]}; there are that many at least
examples()
{
	local dir=$BATS_TEST_TMPDIR/examples

	mkdir "$dir"
	awk -v dir="$dir" '
	function begin() { if (file) close(file); file = sprintf("%s/%02d", dir, ++n) }
	function put() { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print >file }
	/^[.]Sh / { inside = $2 == "EXAMPLES"; apart = 1; next }
	!inside { next }
	/^[.]Bd -literal/ { begin(); block = 1; next }
	/^[.]Ed/ { block = 0; apart = 1; next }
	block { put(); next }
	/^[.]Dl / { if (apart) begin(); apart = 0; sub(/^[.]Dl /, ""); put(); next }
	{ apart = 1 }' "$man/$1"
	example=("$dir"/*)
	[ ${#example[@]} -ge "$2" ]
}

# The interfaces that a configuration names; of a pattern, one that it takes in
interfaces_of()
{
	awk '!/^#/ {
		for (i = 2; i <= NF; i++)
			if ($(i - 1) ~ /^(from|phyint)$/ || to)
				print $i
			else
				to = $i == "to"
		to = 0
	}' "$1" | sed 's/[+*]$/0/' | sort -u
}

# Makes those that are not there.
make_interfaces()
{
	local name

	for name in $(interfaces_of "$1"); do
		on router ip link show "$name" >/dev/null 2>&1 ||
			net_link router "$name" far "peer-$name"
	done
}

# How many of the configuration's routes there are
rules()
{
	ctl -j show routes | sed '/"kernel":\[/,$d' | grep -c '"group"'
}

all_groups_are_joined()
{
	! ctl -j show groups | grep -qE '"state":"(pending|failed)"'
}

# holds FILE: the configuration is in force as a whole
holds()
{
	run ctl show errors
	assert_output ""
	run ctl show pending
	assert_output "No pending routes or groups"
	[ "$(rules)" -eq "$(grep -c '^mroute ' "$1")" ]
	wait_until 10 all_groups_are_joined
}

# gets FAMILY GROUP: what the source sends to it arrives at the television
gets()
{
	net_listen "tv$1" tv "$2"
	net_send source "$2" count 3
	wait_until 5 net_has_received "tv$1" 3
}

@test "each example of smcroute.conf is taken, and does what it can" {
	local file

	examples smcroute.conf.5 11
	daemon_start
	for file in "${example[@]}"; do
		echo "# $(basename "$file"):" "$(cat "$file")"
		run smcrouted -F "$file"
		assert_success
		assert_output ""
		make_interfaces "$file"
		config <"$file"
		run ctl reload
		assert_success
		assert_output ""
		holds "$file"
		if grep -q '^mroute from eth0 group 239.1.2.3 to br-lan$' "$file"; then
			gets 4 239.1.2.3
		elif grep -q '^mroute from eth0 group ff0e::1:3 to br-lan$' "$file"; then
			gets 6 ff0e::1:3
		fi
	done
	[ -n "${net_pid[tv4]}" ]
	[ -n "${net_pid[tv6]}" ]
}

@test "the sample configuration without its comment signs" {
	run smcrouted -F "$sample"
	assert_success
	assert_output ""
	[ "$(grep -c '^mroute ' "$sample")" -ge 10 ]
	make_interfaces "$sample"
	config <"$sample"
	daemon_start
	holds "$sample"
	gets 4 239.1.2.3
	gets 6 ff0e::1:3
	# and with them it says nothing
	config <"$BATS_TEST_DIRNAME/../../conf/smcroute.conf"
	ctl reload
	[ "$(rules)" -eq 0 ]
}

# A mount namespace in which /etc and /run can be written to
world_start()
{
	# shellcheck disable=SC2016 # expanded there
	net_start world router unshare --mount bash -c '
		mount -t tmpfs none /run && mkdir /run/etc && cp -a /etc/. /run/etc &&
			mount --bind /run/etc /etc && echo ready && exec sleep infinity'
	wait_for world '^ready$'
}

# in_world TEXT: as typed on the router, by root
in_world()
{
	on router nsenter -t "${net_pid[world]}" -m bash -c "$1" 3>&-
}

daemon_of_world_is_ready()
{
	in_world 'test -s /run/smcroute.pid'
}

# Whether the command goes on until it is interrupted, or others do what it waits for
goes_on()
{
	[[ $1 =~ ^smcrouted.*\ -n|^igmpproxy\ -d|^smcroutectl\ (monitor|listen) ]]
}

# go_on HOST TEXT: in the background, until it does what it is for
go_on()
{
	local name=started-${#started[@]}

	started+=("$name")
	if [ "$1" = router ]; then
		net_start "$name" router nsenter -t "${net_pid[world]}" -m bash -c "exec $2"
	else
		net_start "$name" "$1" bash -c "exec $2"
	fi
	case $2 in
	smcrouted*) wait_until 10 daemon_of_world_is_ready ;;
	igmpproxy*) wait_for "$name" ' started$' ;;
	*monitor*) wait_for "$name" ' monitor$' ;;
	*listen*) wait_for "$name" '^listening' ;;
	esac
}

# What was left to go on ends well.
end_started()
{
	local name status

	for name in "${started[@]}"; do
		status=0
		if grep -q '^listening' "$(net_log "$name")"; then
			net_wait "$name" || status=$?
		else
			net_stop "$name" || status=$?
		fi
		cat "$(net_log "$name")"
		[ "$status" -eq 0 ] || [ "$status" -eq 143 ]
	done
	started=()
}

# type_in PROMPT TEXT: "HOST#" and "HOST$" are on that host, "#" is on the router
type_in()
{
	local host=${1%[#$]}

	[ -n "$host" ] || host=router
	if goes_on "$2"; then
		go_on "$host" "$2"
	elif [ "$host" = router ]; then
		in_world "$2"
	else
		on "$host" bash -c "$2"
	fi
}

# run_example FILE: its commands one after another, each of which must succeed
run_example()
{
	local command=() line i

	mapfile -t command <"$1"
	echo "# $(basename "$1"):"
	printf '%s\n' "${command[@]}"
	# a line without a prompt goes on with the one before
	for ((i = ${#command[@]} - 1; i > 0; i--)); do
		[[ ! ${command[i]} =~ ^[a-z]*[#$]\  ]] || continue
		command[i - 1]+=$'\n'${command[i]}
		unset "command[i]"
	done
	for line in "${command[@]}"; do
		type_in "${line%% *}" "${line#* }"
	done
}

@test "each example of smcrouted" {
	local file

	examples smcrouted.8 6
	make_interfaces "$sample"
	net_link router eth5 far eth5
	world_start
	in_world "cp $sample /etc/smcroute.conf && cp $sample /etc/lab.conf"
	for file in "${example[@]}"; do
		if grep -q '^#!' "$file"; then
			in_world "cat $file >/etc/smcroute.script && chmod +x /etc/smcroute.script"
			continue
		fi
		run_example "$file"
		if grep -q smcroute.script "$file"; then
			net_send source 239.1.2.3
			wait_until 5 in_world 'grep -qFx "install 10.0.0.2 239.1.2.3 eth0: br-lan" /run/streams'
		elif grep -q mrule "$file"; then
			in_world 'smcroutectl -i lab show pending' | grep -q '^No pending'
			in_world 'smcroutectl -i lab kill'
		elif grep -q nobody "$file"; then
			in_world 'stat -c %U "/proc/$(cat /run/smcroute.pid)"' | grep -qx nobody
		fi
		end_started
		in_world '! test -s /run/smcroute.pid || smcroutectl kill'
		wait_until 5 in_world '! test -s /run/smcroute.pid'
		in_world 'rm -f /run/smcroute.*'
	done
	in_world 'test -s /run/streams'
}

# proxies CONF: it is in force, as a proxy that has all of its interfaces
proxies()
{
	local name

	run --separate-stderr igmpproxy -T "$1"
	assert_success
	[ -z "$stderr" ]
	sed -n 's/^phyint \([^ ]*\).*/\1/p' "$1" | while read -r name; do
		on router ip link show "$name" >/dev/null 2>&1 ||
			net_link router "$name" far "peer-$name"
	done
	net_start daemon router igmpproxy -d -vv -u "$daemon_socket" "$1"
	wait_for daemon ' started$'
	run ctl show errors
	assert_output ""
	ctl show proxy | grep -q '^igmpproxy '
}

@test "each example of igmpproxy.conf is a proxy, and the sample configuration" {
	local file

	examples igmpproxy.conf.5 4
	for file in "${example[@]}"; do
		echo "# $(basename "$file"):" "$(cat "$file")"
		proxies "$file"
		if [ "$file" = "${example[0]}" ]; then
			net_addr router eth0.4 10.0.4.1/24
			net_addr far peer-eth0.4 10.0.4.2/24
			net_listen tv tv 239.1.2.3
			wait_until 5 in_groups 239.1.2.3
			on far "$SMCKIT_BUILD/test/system/mcast" send peer-eth0.4 239.1.2.3 count 3
			wait_until 5 net_has_received tv 3
		fi
		daemon_stop
	done
	sed -E 's/^#([a-z]|\t(white|black|altnet|thres))/\1/' "$BATS_TEST_DIRNAME/../../conf/igmpproxy.conf" >"$sample"
	[ "$(grep -cE '^[[:blank:]]*[a-z]' "$sample")" -ge 12 ]
	proxies "$sample"
	[ "$(stat -c %U "/proc/${net_pid[daemon]}")" = nobody ]
	daemon_stop
	proxies "$BATS_TEST_DIRNAME/../../conf/igmpproxy.conf"
}

# in_groups GROUP: somebody listens
in_groups()
{
	ctl -j show groups | grep -qF "\"group\":\"$1\""
}

@test "each example of igmpproxy" {
	local file

	examples igmpproxy.8 4
	world_start
	in_world "cp $BATS_TEST_DIRNAME/../../conf/igmpproxy.conf /etc"
	for file in "${example[@]}"; do
		run_example "$file"
		if grep -q '^# smcrouted' "$file"; then
			in_world 'smcroutectl show config' | grep -q '^proxy name igmpproxy upstream eth0 '
			in_world 'smcroutectl kill'
		fi
		end_started
		in_world '! smcroutectl -i igmpproxy version >/dev/null 2>&1 || smcroutectl -i igmpproxy kill'
		wait_until 5 in_world '! test -e /run/igmpproxy.sock'
	done
}

@test "each example of pimd" {
	local file

	examples pimd.8 3
	world_start
	in_world "cp $BATS_TEST_DIRNAME/../../conf/pimd.conf /etc"
	for file in "${example[@]}"; do
		run_example "$file"
	done
	in_world 'smcroutectl -i pimd show pim interface' | grep -q '^eth0 '
	in_world 'pimd -q'
	wait_until 5 in_world '! test -e /run/pimd.sock'
}

@test "each example of smcroutectl" {
	local file

	examples smcroutectl.8 12
	net_link router eth1 far eth1
	world_start
	in_world 'echo "mroute from eth0 group 239.9.9.9 to eth1" >/etc/smcroute.new'
	in_world 'smcrouted'
	for file in "${example[@]}"; do
		run_example "$file"
		case $(cat "$file") in
		*' add -w tun7 '*)
			in_world 'smcroutectl show pending' | grep -q 'from tun7 .* to eth+$'
			;;
		*'seq 0 9999'*)
			[ "$(in_world 'smcroutectl -j show routes' | grep -c '"origin"')" -eq 10002 ]
			;;
		*' send 239.1.2.3 '*)
			wait_for started-0 '^10 packets, 0 lost'
			;;
		*'>/etc/smcroute.conf'*)
			[ "$(in_world 'grep -c ^mroute /etc/smcroute.conf')" -eq 10002 ]
			;;
		*' check /etc/smcroute.new '*)
			in_world 'smcroutectl show config' |
				cmp - <(echo "mroute from eth0 group 239.9.9.9 to eth1")
			;;
		*' monitor stream'*)
			net_send source 239.9.9.9
			wait_for started-0 ' learned '
			;;
		esac
		end_started
	done
	in_world 'smcroutectl kill'
	wait_until 5 in_world '! test -e /run/smcroute.pid'
}
