#!/usr/bin/env bats
# badinput.bats - a bad option, file or command costs one clear message, and disturbs nothing

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
	file=$BATS_TEST_TMPDIR/file.conf
}

teardown()
{
	net_teardown
	[ -z "${dir:-}" ] || rm -rf "$dir"
}

# refused MESSAGE COMMAND...: the client says just that, and exits with 1
refused()
{
	run ctl "${@:2}"
	assert_failure 1
	assert_output "smcroutectl: $1"
}

# misused MESSAGE COMMAND...: it is the client that sees it
misused()
{
	run ctl "${@:2}"
	assert_failure 64
	assert_output --partial "$1"
}

# What was there before the bad input, and a stream that runs meanwhile
all_is_well()
{
	config <<-END
	mroute from eth0 group 239.1.1.1 to eth1
	mroute from eth0 source fd00::2 group ff05::1 to eth2
	mgroup from eth1 group 239.7.7.7
	END
	daemon_start
	net_listen l1 listener1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows l1
	state >"$BATS_TEST_TMPDIR/before"
}

state()
{
	ctl show
	ctl show groups
	ctl show interfaces
}

all_is_still_well()
{
	local sent

	daemon_lives
	diff "$BATS_TEST_TMPDIR/before" <(state)
	flows l1
	sent=$(stream_stop stream)
	got_all l1 "$sent"
}

@test "commands: addresses that are none" {
	all_is_well
	for what in "add eth0" "remove eth0" "join eth1" "leave eth1"; do
		local oif=""
		[[ $what != add* ]] || oif=eth1
		# shellcheck disable=SC2086 # words
		{
			refused "'239.1.1.1/33' is no address or prefix" $what 239.1.1.1/33 $oif
			refused "'239.1.1.1/-1' is no address or prefix" $what 239.1.1.1/-1 $oif
			refused "'239.1.1.1/' is no address or prefix" $what 239.1.1.1/ $oif
			refused "'239.1.1.1/8x' is no address or prefix" $what 239.1.1.1/8x $oif
			refused "'ff05::1/129' is no address or prefix" $what ff05::1/129 $oif
			refused "'239.1.1' is no address or prefix" $what 239.1.1 $oif
			refused "'10.0.0.2/33' is no address or prefix" \
				$what 10.0.0.2/33 239.1.1.2 $oif
			refused "'10.0.0.256' is no address or prefix" \
				$what 10.0.0.256 239.1.1.2 $oif
			refused "'fd00::2/-1' is no address or prefix" \
				$what fd00::2/-1 ff05::2 $oif
			refused "10.1.1.1 is no multicast group" $what 10.1.1.1 $oif
			refused "fd00::1 is no multicast group" $what fd00::1 $oif
			refused "10.2.2.2 is no multicast group" $what 10.0.0.2 10.2.2.2 $oif
			refused "224.0.0.5 never leaves its link" $what 224.0.0.5 $oif
			refused "ff02::5 never leaves its link" $what ff02::5 $oif
			refused "224.0.0.0/24 never leaves its link" $what 224.0.0.0/24 $oif
			refused "what fe80::1 sends never leaves its link" \
				$what fe80::1 ff05::2 $oif
			refused "what 169.254.1.1 sends never leaves its link" \
				$what 169.254.1.1 239.1.1.2 $oif
			refused "239.1.1.1 is a group, not a source" \
				$what 239.1.1.1 239.1.1.2 $oif
		}
	done
	all_is_still_well
}

@test "commands: source and group of different families" {
	all_is_well
	local why="source and group are of different families"
	refused "$why" add eth0 2001:db8::1 225.1.2.3 eth1
	refused "$why" add eth0 10.0.0.2 ff05::2 eth1
	refused "$why" remove eth0 10.0.0.2 ff05::2
	refused "$why" join eth0 2001:db8::1 225.1.2.3
	refused "$why" leave eth0 10.0.0.2 ff05::2
	refused "$why" add eth0 2001:db8::/32 225.0.0.0/8 eth1
	all_is_still_well
}

@test "commands: words that are missing, too many, unknown" {
	all_is_well
	misused "usage: smcroutectl add [-w] [kernel] IIF" add
	misused "usage: smcroutectl add [-w] [kernel] IIF" add eth0
	misused "usage: smcroutectl add [-w] [kernel] IIF" add eth0 239.1.1.2
	misused "usage: smcroutectl remove IIF" remove eth0
	misused "usage: smcroutectl join [-w] IIF" join
	misused "usage: smcroutectl leave IIF" leave eth0
	misused "there is no command 'frob'" frob
	misused "there is no command 'pending'" pending
	misused "unknown command 'xyz'" show xyz
	misused "there is no option -z" -z show
	misused "-i wants a word behind it" -i
	misused "usage: smcroutectl kill" kill now
	misused "usage: smcroutectl reload" reload now
	misused "usage: smcroutectl flush" flush it
	misused "usage: smcroutectl version" version 2
	refused "'frob' is too much" show routes frob
	refused "'frob' is too much" show interfaces frob
	refused "'eth2' is too much" join eth1 239.1.1.2 eth2
	refused "'eth2' is too much" leave eth1 239.7.7.7 eth2
	# in a batch the daemon sees it
	run ctl -b <<<'kill now'
	assert_failure 1
	assert_output "line 1: 'now' is too much"
	run ctl -b <<<'add eth0 239.1.1.2 eth2 eth1 239.1.1.3/33'
	assert_failure 1
	assert_output "line 1: '239.1.1.3/33' cannot be the name of an interface"
	all_is_still_well
}

@test "commands: what is not there, what is there already" {
	all_is_well
	refused "there is no such route" remove eth0 239.1.1.2
	refused "there is no such route" remove eth2 239.1.1.1
	refused "there is no such route" remove eth0 10.0.0.2 239.1.1.1
	refused "there is no such route" remove eth0 239.1.1.0/24
	refused "there is no such membership" leave eth1 239.7.7.8
	refused "there is no such membership" leave eth2 239.7.7.7
	refused "there is no such membership" leave eth1 10.0.0.2 239.7.7.7
	refused "joined already" join eth1 239.7.7.7
	refused "more than 65536 groups and sources at once" join eth1 225.0.0.0/5
	refused "more than 65536 groups and sources at once" join eth1 10.0.0.0/8 239.7.7.8
	refused "'an-interface-name' cannot be the name of an interface" \
		add eth0 239.1.1.2 an-interface-name
	refused "'a/b' cannot be the name of an interface" add a/b 239.1.1.2 eth1
	refused "'..' cannot be the name of an interface" join .. 239.1.1.2
	all_is_still_well
}

@test "commands: more interfaces than there can be" {
	all_is_well
	# 40 that are not there yet are no harm
	# shellcheck disable=SC2046 # words
	ctl add eth0 239.1.1.2 $(printf 'no%d ' $(seq 40))
	assert_equal "$(ctl show pending | grep -o ' no[0-9]*' | wc -l)" 40
	# but there are no more than 64 names
	# shellcheck disable=SC2046 # words
	run ctl add eth0 239.1.1.3 $(printf 'other%d ' $(seq 40))
	assert_failure 1
	assert_output --regexp '^smcroutectl: .*64'
	ctl remove eth0 239.1.1.2
	all_is_still_well
}

@test "commands: a line of 10000 words" {
	all_is_well
	run ctl -b < <(echo "add eth0 239.1.1.2 $(printf 'eth1 %.0s' $(seq 9999)) a/b")
	assert_failure 1
	assert_output "line 1: 'a/b' cannot be the name of an interface"
	all_is_still_well
}

# checks LINE MESSAGE: -F refuses a file of that line, with place and reason
checks()
{
	printf '%s\n' "# first line" "$1" >"$file"
	run smcrouted -F "$file"
	assert_failure 78
	assert_output "$file:2:$2"
}

@test "files: each bad line has its place and its reason" {
	checks "frobnicate" "1: unknown statement 'frobnicate'"
	checks "mrouted from eth0 group 239.1.1.1" "1: unknown statement 'mrouted'"
	checks "mroute" "7: 'from IFNAME' is missing"
	checks "mroute from" "12: the name of an interface is missing"
	checks "mroute from eth0" "17: 'group ADDRESS' is missing"
	checks "mroute from eth0 group" "23: the group is missing"
	checks "mroute from eth0 grup 239.1.1.1 to eth1" "18: unknown word 'grup'"
	checks "mroute from eth0 group 239.1.1.1 to" "36: an interface is missing after 'to'"
	checks "mroute from eth0 group 239.1.1.1 to # eth1" \
		"36: an interface is missing after 'to'"
	checks "mroute from eth0 group 239.1.1.1/33 to eth1" \
		"24: '239.1.1.1/33' is no address or prefix"
	checks "mroute from eth0 group 239.1.1.1/-1 to eth1" \
		"24: '239.1.1.1/-1' is no address or prefix"
	checks "mroute from eth0 group 10.1.1.1 to eth1" "24: 10.1.1.1 is no multicast group"
	checks "mroute from eth0 group 224.0.0.1 to eth1" "24: 224.0.0.1 never leaves its link"
	checks "mroute from eth0 group ff01::1 to eth1" "24: ff01::1 never leaves its link"
	checks "mroute from eth0 source 2001:db8::1 group 225.1.2.3 to eth1" \
		"60: source and group are of different families"
	checks "mroute from eth0 source 239.1.1.1 group 225.1.2.3 to eth1" \
		"25: 239.1.1.1 is a group, not a source"
	checks "mroute from a-name-that-is-too-long group 225.1.2.3 to eth1" \
		"13: 'a-name-that-is-too-long' cannot be the name of an interface"
	checks "mgroup from eth0" "17: 'group ADDRESS' is missing"
	checks "mgroup from eth0 group 225.0.0.0/5" \
		"35: more than 65536 groups and sources in one line"
	checks "mgroup from eth0 group 225.1.1.1 to eth1" "34: unknown word 'to'"
	checks "mgroup from eth0 group 224.0.0.22" "24: 224.0.0.22 never leaves its link"
	checks "phyint" "7: the name of an interface is missing"
	checks "phyint eth0 enabled" "13: unknown word 'enabled' after phyint"
	checks "phyint eth0 ttl-threshold" "26: ttl-threshold wants a number from 1 to 255"
	checks "phyint eth0 ttl-threshold 0" \
		"27: ttl-threshold wants a number from 1 to 255, not '0'"
	checks "phyint eth0 ttl-threshold 256" \
		"27: ttl-threshold wants a number from 1 to 255, not '256'"
	checks "phyint eth0 ttl-threshold 1x" \
		"27: ttl-threshold wants a number from 1 to 255, not '1x'"
	checks "include" "8: include wants a file or a pattern"
	checks "include /nonexistent/*/x [" "26: '[' is too much"
	checks $'mroute from\x01 eth0' "12: control character 0x01"
}

@test "files: good ones" {
	# names of interfaces that are not there, no newline at the end, any order, comments
	cat >"$file" <<-END
	# comment
	   # indented

	phyint nosuch0 enable ttl-threshold 10
	phyint nosuch1 disable
	mroute group 225.1.2.3 source 10.0.0.1 from nosuch0 to nosuch1 # a comment here
	mroute from nosuch0 group ff0e::/32 to nosuch1 nosuch2
	mgroup group 225.1.2.0/24 from nosuch0
	ssmgroup from nosuch0 source 10.0.0.1 group 232.1.1.1
	include $BATS_TEST_TMPDIR/none-*.conf
	END
	printf 'mroute from eth0 group 239.1.1.1' >>"$file"
	run smcrouted -F "$file"
	assert_success
	assert_output ""
	printf '\r\nphyint eth0 enable\r\n' >>"$file"
	run smcrouted -F "$file"
	assert_success
	: >"$file"
	run smcrouted -F "$file"
	assert_success
	# not only root may ask
	if setpriv --reuid nobody --regid nogroup --clear-groups true; then
		dir=$(mktemp -d /tmp/smc-XXXXXX)
		chmod 755 "$dir"
		echo frobnicate >"$dir/conf"
		run setpriv --reuid nobody --regid nogroup --clear-groups \
			"$SMCKIT_BUILD/smcrouted/smcrouted" -F "$dir/conf"
		assert_failure 78
		assert_output --partial "unknown statement"
	fi
}

@test "files: missing, unreadable, a folder" {
	run smcrouted -F /nonexistent/file
	assert_failure 78
	assert_output "/nonexistent/file: No such file or directory"
	run smcrouted -F "$BATS_TEST_TMPDIR"
	assert_failure 78
	assert_output "$BATS_TEST_TMPDIR: Is a directory"
}

@test "files: one that is missing at the start, or at a reload" {
	rm -f "$daemon_config"
	daemon_launch
	daemon_is_ready
	wait_for daemon "$daemon_config: No such file or directory, commands are waited for"
	run ctl show errors
	assert_output ""
	ctl add eth0 239.1.1.1 eth1
	net_listen l1 listener1 239.1.1.1
	stream_start stream source 239.1.1.1
	flows l1
	state >"$BATS_TEST_TMPDIR/before"
	run ctl reload
	assert_failure 1
	assert_line "$daemon_config: No such file or directory"
	assert_line "smcroutectl: nothing was changed: 1 errors in $daemon_config"
	# what is there but cannot be read is wrong at the start, too
	mkdir "$daemon_config"
	net_signal daemon HUP
	wait_for daemon "$daemon_config: Is a directory"
	all_is_still_well
	daemon_stop
	daemon_launch
	daemon_is_ready
	wait_for daemon "going on without the 1 lines in error"
	ctl show errors | grep -qFx "$daemon_config: Is a directory"
	rmdir "$daemon_config"
}

@test "files: the good lines of a bad one are used at the start, and show says so" {
	config <<-END
	mroute from eth0 group 239.1.1.1 to eth1
	frobnicate
	mroute from eth0 group 239.1.1.2 to
	END
	daemon_start
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 count 3
	got_all l1 3
	run --separate-stderr ctl show
	assert_success
	refute_output --partial errors
	# shellcheck disable=SC2154 # run sets it
	[ "$stderr" = "smcroutectl: the configuration has 2 errors, see show errors" ]
	run --separate-stderr ctl -j show
	python3 -m json.tool <<<"$output" >/dev/null
	run ctl show errors
	assert_output - <<-END
	$daemon_config:2:1: unknown statement 'frobnicate'
	$daemon_config:3:36: an interface is missing after 'to'
	END
	# a reload that is refused leaves others
	config <<<"junk"
	run ctl reload
	assert_failure 1
	run ctl show errors
	assert_output "$daemon_config:1:1: unknown statement 'junk'"
	config <<<"mroute from eth0 group 239.1.1.1 to eth1"
	ctl reload
	run --separate-stderr ctl show
	[ -z "$stderr" ]
	run ctl show errors
	assert_output ""
}

@test "files: one that includes itself by a link, by a pattern, or in a ring" {
	mkdir "$BATS_TEST_TMPDIR/d"
	printf 'include link.conf\n' >"$file"
	ln -s file.conf "$BATS_TEST_TMPDIR/link.conf"
	run timeout 20 smcrouted -F "$file"
	assert_failure 78
	link=$BATS_TEST_TMPDIR/link.conf
	assert_output "$link:1:1: $link includes itself"
	# links that each name all others: as many ways as there are orders of them
	for i in {1..30}; do
		ln -s all "$BATS_TEST_TMPDIR/d/$i.conf"
	done
	echo "include *.conf" >"$BATS_TEST_TMPDIR/d/all"
	run timeout 20 smcrouted -F "$BATS_TEST_TMPDIR/d/all"
	assert_failure 78
	[ "${#lines[@]}" -le 1001 ]
	config <<<"include $BATS_TEST_TMPDIR/d/all"
	daemon_start
	net_listen l1 listener1 239.1.1.1
	ctl add eth0 239.1.1.1 eth1
	stream_start stream source 239.1.1.1
	flows l1
	run ctl reload
	assert_failure 1
	flows l1
	sent=$(stream_stop stream)
	got_all l1 "$sent"
}

@test "files: 100000 lines of junk, bytes of all kinds" {
	all_is_well
	yes "mroute from eth0 grup 239.1.1.1 to eth1" | head -n 100000 >"$daemon_config"
	run timeout 20 smcrouted -F "$daemon_config"
	assert_failure 78
	[ "${#lines[@]}" -eq 1001 ]
	assert_line --index 0 "$daemon_config:1:18: unknown word 'grup'"
	assert_line --index 999 "$daemon_config:1000:18: unknown word 'grup'"
	assert_line --index 1000 "and 99000 more"
	run timeout 20 smcroutectl -u "$daemon_socket" check "$daemon_config"
	assert_failure 1
	[ "${#lines[@]}" -eq 1002 ]
	run ctl reload
	assert_failure 1
	assert_line --index 1001 \
		"smcroutectl: nothing was changed: 100000 errors in $daemon_config"
	# what a program is, and all bytes that there are, one a line and one after another
	cp "$SMCKIT_BUILD/smcrouted/smcrouted" "$daemon_config"
	run ctl reload
	assert_failure 1
	for i in {0..255}; do
		# shellcheck disable=SC2059 # that is what it is for
		printf "\\x$(printf %02x "$i")\n"
	done >"$daemon_config"
	tr -d '\n' <"$daemon_config" >"$file"
	cat "$file" >>"$daemon_config"
	run ctl reload
	assert_failure 1
	assert_line "$daemon_config:1:1: control character 0x00"
	head -c 3000000 /dev/zero | tr '\0' x >"$daemon_config"
	run ctl reload
	assert_failure 1
	head -c 3000000 /dev/zero >"$daemon_config"
	run ctl reload
	assert_failure 1
	assert_line "$daemon_config:1:1: control character 0x00"
	cat >"$daemon_config" <<-END
	mroute from eth0 group 239.1.1.1 to eth1
	mroute from eth0 source fd00::2 group ff05::1 to eth2
	mgroup from eth1 group 239.7.7.7
	END
	ctl reload
	all_is_still_well
}

@test "files: comments, line ends and lines that stand twice" {
	all_is_well
	printf '%s\r\n' "# comment" "mroute from eth0 group 239.1.1.1 to eth1 # eth2" \
		"mroute from eth0 group 239.1.1.1 to eth1#not" "  # $(printf '\001')" \
		"mroute from eth0 group 239.1.1.1 to eth1" "" "	" \
		"mroute	from	eth0	source fd00::2 group ff05::1 to eth2 eth2 #" \
		"mgroup from eth1 group 239.7.7.7 #" >"$daemon_config"
	printf 'mgroup from eth1 group 239.7.7.7' >>"$daemon_config"
	sed -i /not/d "$daemon_config"
	run ctl reload
	assert_success
	assert_output ""
	all_is_still_well
}

@test "files: one that includes itself, and globs" {
	mkdir "$BATS_TEST_TMPDIR/d"
	printf '%s\n' "include $file" "include file.conf" "include ./file.conf" >"$file"
	run timeout 20 smcrouted -F "$file"
	assert_failure 78
	assert_line "$file:1:1: $file includes itself"
	assert_line "$file:2:1: $file includes itself"

	# one another
	echo "include d/a.conf" >"$file"
	echo "include b.conf" >"$BATS_TEST_TMPDIR/d/a.conf"
	echo "include ../d/a.conf" >"$BATS_TEST_TMPDIR/d/b.conf"
	run timeout 20 smcrouted -F "$file"
	assert_failure 78
	assert_output --partial "files deep: does one include itself?"

	# a file of a glob, and where its error stands
	echo "mroute from eth0 group 239.1.1.1 to eth1" >"$BATS_TEST_TMPDIR/d/b.conf"
	printf 'phyint eth0\n\nfrob\n' >"$BATS_TEST_TMPDIR/d/c.conf"
	echo "include d/*.conf" >"$file"
	run smcrouted -F "$file"
	assert_failure 78
	assert_output "$BATS_TEST_TMPDIR/d/c.conf:3:1: unknown statement 'frob'"
	rm "$BATS_TEST_TMPDIR/d/c.conf"
	run smcrouted -F "$file"
	assert_success

	cp "$file" "$daemon_config"
	daemon_start
	run ctl -t show
	assert_line --partial "(*, 239.1.1.1)"
	echo "mroute from eth0 group 239.1.1.2 to eth1" >"$BATS_TEST_TMPDIR/d/e.conf"
	ctl reload
	run ctl -t show
	assert_line --partial "(*, 239.1.1.2)"
}

@test "files: a line of 10000 words, and more interfaces than the kernel has vifs" {
	echo "mroute from eth0 group 239.1.1.1 to $(printf 'eth1 %.0s' $(seq 10000))" >"$file"
	run smcrouted -F "$file"
	assert_success
	echo "mroute from eth0 group 239.1.1.1 to $(printf 'x%d ' $(seq 40))" >"$file"
	run smcrouted -F "$file"
	assert_success
	echo "mroute from eth0 group 239.1.1.1 to $(printf 'x%d ' $(seq 10000))" >"$file"
	run smcrouted -F "$file"
	assert_failure 78
	assert_output --regexp "^$file:1:[0-9]+: .*64"
	head -c 100000 /dev/urandom >"$file"
	run timeout 20 smcrouted -F "$file"
	assert_failure 78

	config <<<"mroute from eth0 group 239.1.1.1 to eth1 $(printf 'x%d ' $(seq 40))"
	daemon_start
	net_listen l1 listener1 239.1.1.1
	net_send source 239.1.1.1 count 3
	got_all l1 3
}

# option MESSAGE OPTION...: the daemon refuses to start
option()
{
	run timeout 20 smcrouted -n "${@:2}"
	assert_failure 64
	assert_line --partial "$1"
	refute_output --partial started
}

@test "options of the daemon" {
	option "invalid option -- 'x'" -x
	option "option requires an argument -- 'f'" -f
	option "-c x: not a time" -c x
	option "-c -1: not a time" -c -1
	option "-c 99999999999999999999: not a time" -c 99999999999999999999
	option "-c : not a time" -c ""
	option "-d 1.5: not a time" -d 1.5
	option "-D x: not a time" -D x
	option "-t x: not a table" -t x
	option "-t 4294967296: not a table" -t 4294967296
	option "-l loud: not a log level" -l loud
	option "-i a/b: not a name" -i a/b
	option "-i : not a name" -i ""
	option "-p nosuchuser: there is no such user" -p nosuchuser
	option "-p nobody:nosuchgroup: there is no such group" -p nobody:nosuchgroup
	option "'extra' is too much" extra
	run smcrouted -h
	assert_success
	assert_line --partial "usage: smcrouted"
	run smcrouted -v
	assert_success
	assert_output --regexp '^smckit [0-9.]+$'
}

@test "without privileges the daemon says so" {
	setpriv --reuid nobody --regid nogroup --clear-groups true || skip "needs other users"
	run timeout -k 1 20 setpriv --reuid nobody --regid nogroup --clear-groups \
		"$SMCKIT_BUILD/smcrouted/smcrouted" -n -f /dev/null -u "$daemon_socket"
	assert_failure 77
	assert_output --partial "must be root, or have CAP_NET_ADMIN and CAP_NET_RAW"
}

@test "a socket that cannot be had" {
	run on router timeout -k 1 20 smcrouted -n -f /dev/null -u /nonexistent/sock \
		-P "$daemon_pidfile"
	assert_failure 71
	assert_output --partial "/nonexistent/sock: cannot listen: No such file or directory"
	run on router timeout -k 1 20 smcrouted -n -f /dev/null -u "/$(printf '%0200d' 0)" \
		-P "$daemon_pidfile"
	assert_failure 71
	assert_output --partial "cannot listen: File name too long"
	[ ! -e "$daemon_pidfile" ]
	# without a pid file it can live
	config </dev/null
	daemon_pidfile=/nonexistent/pid
	daemon_launch
	wait_for daemon "/nonexistent/pid: cannot be written"
	wait_for daemon started
	daemon_lives
}

@test "the client without a daemon" {
	run ctl show
	assert_failure 1
	assert_output --partial "cannot find $daemon_socket, is smcrouted running?"
	run smcroutectl -b /nonexistent/file
	assert_failure 71
	assert_output "smcroutectl: cannot open /nonexistent/file: No such file or directory"
}

# another_routes FAMILY: a process that is the multicast router of the family, on the router
another_routes()
{
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	# shellcheck disable=SC2034 # it only keeps the fifo open
	exec {held}<>"$BATS_TEST_TMPDIR/fifo"
	net_start other router "$SMCKIT_BUILD/test/system/linux_probe" <"$BATS_TEST_TMPDIR/fifo"
	wait_for other '^ready$'
	echo "open $1" >"$BATS_TEST_TMPDIR/fifo"
	wait_for other '^= ok$'
}

one_family()
{
	another_routes "$((10 - $1))"
	config <<-END
	mroute from eth0 group 239.1.1.1 to eth1
	mroute from eth0 group ff05::1 to eth1
	END
	daemon_start
	wait_for daemon "IPv$((10 - $1)): no multicast routing: another process does multicast"
	net_listen l4 listener1 239.1.1.1
	net_listen l6 listener1 ff05::1
	net_send source ff05::1 count 3
	net_send source 239.1.1.1 count 3
	got_all "l$1" 3
	net_has_received "l$((10 - $1))" 0
	# a command for the other one is told why
	run ctl add eth0 "$2" eth2
	assert_failure 1
	assert_output --partial "another process does multicast routing"
	assert_output --partial "IPv$((10 - $1)): no multicast routing"
	ctl remove eth0 "$2"
	ctl add eth0 "$3" eth2
	ctl remove eth0 "$3" eth2
	daemon_lives
}

@test "with IPv6 in other hands, IPv4 works" {
	one_family 4 ff05::2 239.1.1.2
}

@test "with IPv4 in other hands, IPv6 works" {
	one_family 6 239.1.1.2 ff05::2
}
