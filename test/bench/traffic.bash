# traffic.bash - for static.sh: what becomes of packets, alone and while much is asked of the daemon
# shellcheck shell=bash
# shellcheck disable=SC2154 # router.bash has them

# What of a daemon its probe wants: names of namespaces
ends()
{
	echo "bench-$$-$1-source" "bench-$$-$1-listener"
}

paths_up()
{
	up ours ours "$bin/smcrouted" "$1"
	[ -z "$peer" ] || up theirs theirs "$peer/usr/sbin/smcrouted" "$1"
}

paths_down()
{
	down ours
	[ -z "$peer" ] || down theirs KILL
}

# delay_figures RULES GROUP
delay_figures()
{
	local lines first=()

	"$tools/routes" rules "$1" >"$tmp/rules"
	paths_up "$tmp/rules"
	at_once ours
	[ -z "$peer" ] || at_once theirs
	# shellcheck disable=SC2046 # two words
	mapfile -t lines < <("${at_once[@]}" "$tools/probe" delay "$2" 300 $(ends ours) \
		${peer:+$(ends theirs)})
	[ "${#lines[@]}" -ge 1 ] || die "no delays"
	read -r -a first <<<"${lines[*]}"
	figure "first packet, $1 rules, median us" "${first[0]}" "${first[4]:-}" "${first[2]}" \
		"$(ratio "${first[0]}" "${first[4]:-0}")" "${first[4]:+1}" "smcroute's"
	figure "first packet, $1 rules, p99 us" "${first[1]}" "${first[5]:-}" "" \
		"$(ratio "${first[1]}" "${first[5]:-0}")" "" ""
	figure "first packets lost of 300, $1 rules" "${first[3]}" "${first[7]:-}" "" \
		"${first[3]}" 0 "none"
	paths_down
}

# storm_figure COUNT RATE: new sources, and how many of their first packets are lost
storm_figure()
{
	local ours='' theirs=''

	"$tools/routes" rules 1 >"$tmp/rules"
	for _ in 1 2 3; do
		paths_up "$tmp/rules"
		at_once ours
		# shellcheck disable=SC2046 # two words
		least ours "$("$tools/probe" storm 225.1.0.0 "$1" "$2" $(ends ours))"
		if [ -n "$peer" ]; then
			at_once theirs
			# shellcheck disable=SC2046 # two words
			least theirs "$("$tools/probe" storm 225.1.0.0 "$1" "$2" $(ends theirs))"
		fi
		paths_down
	done
	figure "lost of $1 new sources, $2/s" "$ours" "$theirs" "" "$ours" 0 "none"
}

# stream_begin NAME: packets of one route, and of 5000 new sources a second, from now on
stream_begin()
{
	local tries=0

	: >"$tmp/stream"
	# shellcheck disable=SC2046 # two words
	"${at_once[@]}" "$tools/probe" stream 225.1.0.0 200 5000 $(ends "$1") \
		>"$tmp/stream" &
	stream_pid=$!
	until grep -q ready "$tmp/stream"; do
		[ $((tries++)) -lt 500 ] || die "$1 forwards nothing"
		sleep 0.01
	done
}

# stream_end: the packets sent and lost of the route in ${stream[0]} and [1], of new sources in
# [2] and [3]
stream_end()
{
	kill "$stream_pid"
	wait "$stream_pid" || die "the stream failed"
	read -r -a stream < <(tail -n 1 "$tmp/stream")
}

# monitor_begin NAME: what changes in the kernel's tables
monitor_begin()
{
	local tries=0

	ip netns exec "bench-$$-$1" ip -rcvbuf 33554432 monitor mroute >"$tmp/monitor" 2>&1 &
	monitor_pid=$!
	until awk -v pid="$monitor_pid" '$3 == pid { found = 1 } END { exit !found }' \
		"/proc/$monitor_pid/net/netlink"; do
		[ $((tries++)) -lt 500 ] || die "ip monitor does not start"
		sleep 0.01
	done
}

# monitor_end: how many changes there were of routes of the file, in $changes
monitor_end()
{
	kill "$monitor_pid"
	wait "$monitor_pid" 2>/dev/null
	changes=$(grep -c '232\.[1-9]' "$tmp/monitor")
}

# count_calls NAME COMMAND...: how many calls of the daemon meanwhile are to change the kernel's
# entries, in $calls, as strace sees them: MRT_ADD_MFC, MRT_DEL_MFC and the like of both families
count_calls()
{
	local strace_pid tries=0

	strace -q -p "${daemon_pid[$1]}" -e trace=setsockopt -e raw=setsockopt -o "$tmp/calls" &
	strace_pid=$!
	until ! grep -q '^TracerPid:.0$' "/proc/${daemon_pid[$1]}/status"; do
		[ $((tries++)) -lt 500 ] || die "strace does not start"
		sleep 0.01
	done
	"${@:2}" || die "${*:2}: failed"
	kill "$strace_pid"
	wait "$strace_pid" 2>/dev/null
	calls=$(grep -cE '\((0x)?[0-9a-f]+, (0|0x29), 0x(cc|cd|d2|d3),' "$tmp/calls")
}

# wall VARIABLE COMMAND...: the time that it takes, in microseconds
wall()
{
	local begin=${EPOCHREALTIME/[.,]/}

	"${@:2}" || die "${*:2}: failed"
	printf -v "$1" %d $((${EPOCHREALTIME/[.,]/} - begin))
}

show_to_file()
{
	"$2" -u "$tmp/$1.sock" -d -p show routes >"$tmp/shown" </dev/null
}

# reload_and_wait NAME CLIENT: until the pid file was touched
reload_and_wait()
{
	local before tries=0

	before=$(stat -c %.9Y "$tmp/$1.pid")
	"$2" -u "$tmp/$1.sock" reload || return
	until [ "$(stat -c %.9Y "$tmp/$1.pid")" != "$before" ]; do
		[ $((tries++)) -lt 3000 ] || return
		sleep 0.01
	done
}

# The routes of a file, and the rule for new sources
big_file()
{
	"$tools/routes" rules 1
	"$tools/routes" file 4 "$1"
}

# What smcroute does with so many routes takes seconds, and minutes with ten times as many.
FEW=2500

# show_once NAME PROGRAM CLIENT COUNT: the time in $took, what was lost meanwhile in $lost
show_once()
{
	big_file "$4" >"$tmp/big"
	up "$1" "$1" "$2" "$tmp/big"
	stream_begin "$1"
	wall took show_to_file "$1" "$3"
	stream_end
	down "$1" KILL
	[ "$(grep -c '(10\.0\..*, 232\.' "$tmp/shown")" -ge "$4" ] || die "$1 does not show all"
	lost=$((stream[1] + stream[3]))
}

show_figures()
{
	local took lost theirs_took='' theirs_lost=''

	if [ -n "$peer" ]; then
		show_once theirs "$peer/usr/sbin/smcrouted" "$peer/usr/sbin/smcroutectl" $FEW
		theirs_took=$took theirs_lost=$lost
	fi
	show_once ours "$bin/smcrouted" "$bin/smcroutectl" 100000
	figure "show 100000 routes and counters, ms" "$(ms "$took")" "$(ms "$theirs_took")" "" \
		"$(ms "$took")" 2000 "2 s; smcroute: $FEW"
	figure "packets lost meanwhile" "$lost" "$theirs_lost" "" "$lost" 0 "none"
}

# reload_once NAME PROGRAM CLIENT COUNT: a reload without a change, then one of one route more and
# one less; the first one's time in $took, what is lost of the stream and of new sources meanwhile
# in $lost and $lost_new, changes in the kernel in $changes; of the second, the time in $edit_took
# and the calls in $calls
reload_once()
{
	big_file "$4" >"$tmp/big"
	up "$1" "$1" "$2" "$tmp/big"
	stream_begin "$1"
	monitor_begin "$1"
	wall took reload_and_wait "$1" "$3"
	stream_end
	monitor_end
	[ -s "$tmp/monitor" ] || die "ip monitor is blind"
	lost=${stream[1]} fresh=${stream[2]} lost_new=${stream[3]}
	sed -i '$s/group .* to/group 239.9.9.1 to/' "$tmp/big"
	wall edit_took reload_and_wait "$1" "$3"
	sed -i '$s/group .* to/group 239.9.9.2 to/' "$tmp/big"
	count_calls "$1" reload_and_wait "$1" "$3"
	down "$1" KILL
}

reload_figures()
{
	local took lost lost_new fresh changes edit_took calls t=() name

	if [ -n "$peer" ]; then
		reload_once theirs "$peer/usr/sbin/smcrouted" "$peer/usr/sbin/smcroutectl" $FEW
		t=("$(ms "$took")" "$lost" "$lost_new" "$changes" "$(ms "$edit_took")" "$calls")
	fi
	reload_once ours "$bin/smcrouted" "$bin/smcroutectl" 50000
	name="reload of 50000 unchanged routes"
	figure "$name, ms" "$(ms "$took")" "${t[0]:-}" "" "$(ms "$took")" 500 \
		"0.5 s; smcroute: $FEW"
	figure "lost meanwhile of 1000 packets/s" "$lost" "${t[1]:-}" "" "$lost" 0 "none"
	figure "lost meanwhile of $fresh new sources" "$lost_new" "${t[2]:-}" "" "$lost_new" 0 "none"
	figure "routes touched in the kernel" "$changes" "${t[3]:-}" "" "$changes" 0 "none"
	figure "reload, one more, one less of 50000, ms" "$(ms "$edit_took")" "${t[4]:-}" "" \
		"$(ms "$edit_took")" 500 "0.5 s; smcroute: $FEW"
	figure "calls that change the kernel's table" "$calls" "${t[5]:-}" "" "$calls" 2 "2"
}

# leave_figures: a reload without the groups that were in the file
leave_figures()
{
	local took

	big_file 2 >"$tmp/big"
	echo "mgroup from eth0 group ff15::/114" >>"$tmp/big"
	up ours ours "$bin/smcrouted" "$tmp/big"
	sed -i '$d' "$tmp/big"
	stream_begin ours
	wall took reload_and_wait ours "$bin/smcroutectl"
	stream_end
	down ours KILL
	figure "reload that leaves 16384 groups, ms" "$(ms "$took")" "" "" "-" "" ""
	figure "lost meanwhile of ${stream[2]} new sources" "${stream[3]}" "" "" "${stream[3]}" 0 "none"
}

traffic_figures()
{
	path ours
	[ -z "$peer" ] || path theirs
	delay_figures 1 225.1.0.0
	delay_figures 10000 225.1.39.15
	storm_figure 2000 1000000
	storm_figure 20000 50000
	show_figures
	reload_figures
	leave_figures
}
