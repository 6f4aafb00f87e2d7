#!/bin/bash
# proxy.sh - IGMP and MLD at an edge: how fast, how much, beside igmpproxy
#
# All in network namespaces that are made for it, for which see router.bash; what is at both ends of
# the routers is in ends.c. igmpproxy knows IPv4 only: where ours is IPv6, it is judged by igmpproxy's
# figure of IPv4. So that it can be measured at all, its kernel lets it join as many groups as it
# wants, but where that is the question.
# Parts of it can be named: report packet leave zap many junk.
# Each line: name, ours, igmpproxy's, ours in the units of the limit, the limit, ok or MISS.
# shellcheck disable=SC2154 # router.bash has them

source "$(dirname "$0")/router.bash"

# row NAME OURS IGMPPROXY VALUE LIMIT TEXT: as figure, without a bare loop
row()
{
	figure "$1" "$2" "$3" "" "${@:4}"
}

proxy="proxy upstream eth0 downstream eth1"

# Whether the router of that name has a link-local address on both devices
has_addresses()
{
	[ "$(ip -n "bench-$$-$1" -6 -o addr show scope link -tentative | wc -l)" -eq 2 ]
}

# wait_until COMMAND...: it succeeds sooner or later
wait_until()
{
	local tries=0

	until "$@"; do
		[ $((tries++)) -lt 500 ] || die "waited in vain for: $*"
		sleep 0.02
	done
}

edge()
{
	path "$1"
	wait_until has_addresses "$1"
}

# edge_down NAME
edge_down()
{
	drop_space "$1"
	drop_space "$1-source"
	drop_space "$1-listener"
}

# ours_up LINE...: our edge, with these lines
ours_up()
{
	edge ours
	printf '%s\n' "$proxy" "$@" >"$tmp/ours.conf"
	up ours ours "$bin/smcrouted" "$tmp/ours.conf"
	at_once ours
}

ours_down()
{
	down ours
	edge_down ours
}

igmpproxy_runs()
{
	# shellcheck disable=SC2016 # expanded there
	in_space theirs sh -c '
		[ "$(wc -l </proc/net/ip_mr_vif)" -eq 3 ] &&
			grep -q 160000E0 /proc/net/igmp'
}

# theirs_up MEMBERSHIPS [LINE]: igmpproxy's edge, if we have it, with one more line
theirs_up()
{
	local fd

	[ -n "$peer" ] || return 0
	edge theirs
	in_space theirs sysctl -qw "net.ipv4.igmp_max_memberships=$1"
	printf '%s\n' "${2:-}" "phyint eth0 upstream" "phyint eth1 downstream" >"$tmp/theirs.conf"
	exec {fd}< <(exec ip netns exec "bench-$$-theirs" "$peer/usr/sbin/igmpproxy" -n \
		"$tmp/theirs.conf" 2>"$tmp/theirs.log")
	daemon_pid[theirs]=$!
	# shellcheck disable=SC2034 # for down
	daemon_fd[theirs]=$fd
	wait_until igmpproxy_runs
	at_once theirs
}

theirs_down()
{
	[ -n "$peer" ] || return 0
	down theirs KILL
	edge_down theirs
}

# What of a daemon the programs want: names of namespaces
ends()
{
	echo "bench-$$-$1-source" "bench-$$-$1-listener"
}

is_v4()
{
	[[ $1 == igmp* ]]
}

# react WHAT KIND: what of each came, if it came: median, 99th percentile and number of missed of
# ours in ${ours[@]}, of igmpproxy in ${theirs[@]}
react()
{
	local lines paths=()

	ours_up
	# shellcheck disable=SC2207 # two words
	paths=($(ends ours))
	if [ -n "$peer" ] && is_v4 "$2"; then
		theirs_up 100000
		# shellcheck disable=SC2207
		paths+=($(ends theirs))
	fi
	mapfile -t lines < <("${at_once[@]}" "$tools/react" "$1" "$2" 200 "${paths[@]}")
	[ "${#lines[@]}" -ge 1 ] || die "no $1 of $2"
	read -r -a ours <<<"${lines[0]}"
	read -r -a theirs <<<"${lines[1]:-}"
	[ ${#paths[@]} -eq 2 ] || theirs_down
	ours_down
}

kinds=(igmp2 igmp3 mld1 mld2)

report_figures()
{
	local kind

	for kind in "${kinds[@]}"; do
		react report "$kind"
		row "report to report upstream, $kind, us" "${ours[0]}" "${theirs[0]:-}" \
			"${ours[0]}" 999.9 "less than 1 ms"
		row "reports missed upstream, of 200" "${ours[2]}" "${theirs[2]:-}" \
			"${ours[2]}" 0 "none"
	done
}

# first_packet WHAT TEXT LIMIT TEXT-OF-LIMIT: the limit is in units of igmpproxy's
first_packet()
{
	local kind per=

	for kind in "${kinds[@]}"; do
		react "$1" "$kind"
		per=${theirs[0]:-$per}
		row "join to packet, $2, $kind, us" "${ours[0]}" "${theirs[0]:-}" \
			"$(ratio "${ours[0]}" "${per:-0}")" "${per:+$3}" "$4"
		row "joins without a packet, of 200" "${ours[2]}" "${theirs[2]:-}" \
			"${ours[2]}" 0 "none"
	done
}

packet_figures()
{
	first_packet stream "sent always" 1 "igmpproxy's"
	first_packet wanted "sent if reported" 0.1 "a tenth of igmpproxy's"
}

# leave NAME WHEN KIND HOSTS: in ${NAME[@]} the median and the longest time from the last leave to
# the last packet, and how many streams did not end, or too early; streams are there before the
# joins, or not
leave()
{
	local -n leave_times=$1

	# shellcheck disable=SC2046 # two words
	read -r -a leave_times < <("${at_once[@]}" "$tools/leave" "$2" "$3" 10 "$4" $(ends "$1"))
	[ ${#leave_times[@]} -eq 3 ] || die "no leaves of $3"
}

# leaves WHEN KIND HOSTS LINE LINE-OF-IGMPPROXY: of ours, and of igmpproxy if that has the family
leaves()
{
	ours_up ${4:+"$4"}
	leave ours "$1" "$2" "$3"
	ours_down
	theirs=()
	if [ -n "$peer" ] && is_v4 "$2"; then
		theirs_up 100000 "$5"
		leave theirs "$1" "$2" "$3"
		theirs_down
	fi
}

# leave_at_once TEXT KIND HOSTS WORD
leave_at_once()
{
	local when text

	for when in before after; do
		text="$1, $2, stream $when join"
		leaves "$when" "$2" "$3" "phyint eth1 $4" quickleave
		row "$text, ms" "$(ms "${ours[1]}")" "$(ms "${theirs[1]:-}")" \
			"$(ms "${ours[1]}")" 4.9 "less than 5 ms"
		row "streams that did not end, or too early" "${ours[2]}" "${theirs[2]:-}" \
			"${ours[2]}" 0 "none"
	done
}

leave_figures()
{
	local kind off

	leave_at_once "fast leave" igmp2 1 igmp-fast-leave
	leave_at_once "fast leave" mld1 1 mld-fast-leave
	leave_at_once "two tracked" igmp3 2 igmp-track
	leave_at_once "two tracked" mld2 2 mld-track
	for kind in "${kinds[@]}"; do
		# RFC 3376 8.8, RFC 3810 9.8: two intervals of a second; a packet is sent each ms
		leaves after "$kind" 1 "" ""
		off=$(awk -v us="${ours[0]}" \
			'BEGIN { print us < 2000000 ? 2000 - us / 1000 : us / 1000 - 2000 }')
		row "leave, $kind: median, ms" "$(ms "${ours[0]}")" "$(ms "${theirs[0]:-}")" \
			"$off" 10 "2000 ms, 10 more or less"
		row "streams that did not end, or too early" "${ours[2]}" "${theirs[2]:-}" \
			"${ours[2]}" 0 "none"
	done
}

# zap NAME KIND: in ${NAME[@]} the median and the longest time until the first packet of the new
# channel, how many did not come, how many of old ones came after it
zap()
{
	local -n zap_times=$1

	# shellcheck disable=SC2046 # two words
	read -r -a zap_times < <("${at_once[@]}" "$tools/zap" "$2" 100 $(ends "$1"))
	[ ${#zap_times[@]} -eq 4 ] || die "no zaps of $2"
}

zap_figures()
{
	local kind

	for kind in "${kinds[@]}"; do
		ours_up "phyint eth1 igmp-fast-leave mld-fast-leave"
		zap ours "$kind"
		ours_down
		theirs=()
		if [ -n "$peer" ] && is_v4 "$kind"; then
			theirs_up 100000 quickleave
			zap theirs "$kind"
			theirs_down
		fi
		row "100 zaps, $kind: longest, ms" "$(ms "${ours[1]}")" \
			"$(ms "${theirs[1]:-}")" "$(ms "${ours[1]}")" 4.9 "less than 5 ms"
		row "channels that did not come" "${ours[2]}" "${theirs[2]:-}" "${ours[2]}" 0 none
		row "packets of old channels after that" "${ours[3]}" "${theirs[3]:-}" \
			"${ours[3]}" 0 none
	done
}

# many NAME KIND COUNT RATE: in ${NAME[@]} how many are reported, how many are forwarded; ns of both;
# bytes of the one and of both
many()
{
	local -n many_figures=$1

	# shellcheck disable=SC2046 # two words
	read -r -a many_figures < <("$tools/many" "$2" "$3" "$4" $(ends "$1") "${daemon_pid[$1]}")
	[ ${#many_figures[@]} -eq 6 ] || die "not many groups of $2"
}

# groups_figures KIND COUNT: with the system's defaults
groups_figures()
{
	local per

	ours_up "phyint eth1 igmp-max-groups 1000000 mld-max-groups 1000000"
	many ours "$1" "$2" 1000
	ours_down
	theirs=()
	if [ -n "$peer" ] && is_v4 "$1" && [ "$2" -le 4000 ]; then
		theirs_up 20
		many theirs "$1" "$2" 100
		theirs_down
	fi
	row "of $2 groups of $1, reported" "${ours[0]}" "${theirs[0]:-}" \
		"$(($2 - ours[0]))" 0 "all"
	row "of $2 groups of $1, forwarded" "${ours[1]}" "${theirs[1]:-}" \
		"$(($2 - ours[1]))" 0 "all"
	[ "$2" -ge 4000 ] || return 0
	per=$((ours[2] + ours[3]))
	[ "$2" -gt 4000 ] || cpu_of_few=$per
	row "processor time a group, us" "$(us "$per")" \
		"$([ ${#theirs[@]} -eq 0 ] || us $((theirs[2] + theirs[3])))" \
		"$(ratio "$per" "$cpu_of_few")" 1.5 "1.5 x that of 4000"
	row "bytes a group" "${ours[4]}" "${theirs[4]:-}" "${ours[4]}" 599 "less than 600"
	row "bytes a group and its stream" "${ours[5]}" "${theirs[5]:-}" "${ours[5]}" 599 \
		"less than 600"
}

us()
{
	awk -v ns="$1" 'BEGIN { printf "%.2f", ns / 1000 }'
}

many_figures()
{
	local kind count cpu_of_few

	for kind in igmp3 mld2; do
		for count in 100 4000 20000 100000; do
			groups_figures "$kind" "$count"
		done
	done
}

# junk NAME: in ${NAME[@]} of a stream the packets sent and lost, permille of a processor, groups of
# junk that were believed
junk()
{
	local -n junk_figures=$1

	# shellcheck disable=SC2046 # two words
	read -r -a junk_figures < <("$tools/junk" 1000 5 $(ends "$1") "${daemon_pid[$1]}")
	[ ${#junk_figures[@]} -eq 4 ] || die "no junk"
}

# The time on a processor is the least of three.
junk_figures()
{
	local lost=0 believed=0 share=

	for _ in 1 2 3; do
		ours_up
		junk ours
		ours_down
		lost=$((lost + ours[1])) believed=$((believed + ours[3]))
		least share "${ours[2]/./}"
	done
	theirs=()
	if [ -n "$peer" ]; then
		theirs_up 20
		junk theirs
		theirs_down
		theirs[2]=${theirs[2]/./}
	fi
	row "5000 malformed reports: packets lost" "$lost" "${theirs[1]:-}" "$lost" 0 "none"
	row "share of a processor, 1/10000" "$share" "${theirs[2]:-}" "$share" 199 "less than 2 %"
	row "malformed reports that were believed" "$believed" "${theirs[3]:-}" "$believed" 0 "none"
}

fetch_peer igmpproxy usr/sbin/igmpproxy -h
printf '%-40s %9s %9s %9s %9s  %s\n' "" ours igmpproxy "" judged limit
[ $# -gt 0 ] || set -- report packet leave zap many junk
for part in "$@"; do
	declare -F "${part}_figures" >/dev/null || die "no such part: $part"
	"${part}_figures"
done
echo "$misses limits missed"
[ "$misses" -eq 0 ]
