#!/bin/bash
# pim.sh - networks of PIM routers: how fast, how much, beside Debian's FRR and pimd
#
# All in network namespaces that are made for it (test/system/pim.bash), with the same unicast
# routes, static RP and timers for all three. What hosts send and what comes where is in flow.c.
# Parts of it can be named: join first leave spt failure restart dr lan start bsr scale turns idle.
# Each line: name, ours, FRR's, pimd's, ours in the units of the limit, the limit, ok or MISS.
# PEERS=frr leaves out the slow one, PEERS= both.
# What does not come within the patience of a test is "never".
# shellcheck disable=SC2004,SC2034,SC2153,SC2154 # of what is sourced

source "$(dirname "$0")/router.bash"
BATS_TEST_DIRNAME=$here/../system
BATS_TEST_TMPDIR=$tmp
SMCKIT_BUILD=$build
source "$here/../system/net.bash"
source "$here/../system/pim.bash"
source "$here/../system/peers.bash"

make -s -C "$build" test/bench/{flow,turns} test/system/{mcast,pimcast,pimhear} || exit 1
mkdir -p "$bin/pim-module"
PATH=$bin:$PATH
pim_program=$bin/smcrouted pim_modules=$bin/pim-module
kinds=(ours)
strip -o "$bin/pim-module/pim.so" "$build/pim-module/pim.so" 2>/dev/null || kinds=()
# shellcheck disable=SC2086 # a list
for kind in ${PEERS-frr pimd}; do
	if peer_fetch $kind; then
		kinds+=("$kind")
	else
		echo "$kind cannot be had from Debian here: its column is empty"
	fi
done

net_cleanup()
{
	flow_end
	pim_forget
	cleanup
}
trap net_cleanup EXIT

# flow_begin asm|ssm|both SOURCE PLACE...: a place is a host, or NODE/LINK
flow_begin()
{
	local place places=() group

	for place in "${@:3}"; do
		if [[ $place == */* ]]; then
			places+=("$(net_ns "${place%/*}"),$(speaks "${place%/*}" "${place#*/}"),eth${place#*/}")
		else
			places+=("$(net_ns "$place"),$(speaks "$place" "${pim_first[$place]}")")
		fi
	done
	coproc FLOW { exec "${at_once[@]}" "$tools/flow" "$af" "$1" \
		"$(net_ns "$2"),$(address "$2")" "${places[@]}"; }
	flow_out=${FLOW[0]} flow_in=${FLOW[1]} flow_pid=$FLOW_PID
	answer 10
	[ "$answer" = ready ] || die "no streams"
}

flow_end()
{
	[ -n "${flow_pid:-}" ] || return 0
	exec {flow_in}>&- {flow_out}<&-
	wait "$flow_pid" 2>/dev/null
	flow_pid=
}

# answer SECONDS: the next line in $answer
answer()
{
	read -r -t "$1" -u "$flow_out" answer || die "no answer of flow"
}

# flow WORD...: a command; what is answered in $answer
flow()
{
	echo "$*" >&"$flow_in"
	answer 400
}

# stat PLACE: in ${stat[@]} sent, came, missing, doubled, first, last, silence
stat()
{
	flow stat "$1"
	read -r -a stat <<<"$answer"
}

SENT=0 CAME=1 MISSING=2 DOUBLED=3 FIRST=4 LAST=5 SILENCE=6

# The routers of the network, of a kind, that runs in real time
routers_up()
{
	local name

	for name in "${@:2}"; do
		router_start "$1" "$name" || return
	done
	[ ${#at_once[@]} -eq 0 ] || for name in "${!net_pid[@]}"; do
		chrt -a -f -p 1 "${net_pid[$name]}" >/dev/null 2>&1
	done
	return 0
}

# warm_up PLACE: until a group gets through, for which some need a minute
warm_up()
{
	local i

	for ((i = 0; i < 25; i++)); do
		flow send 1 100 999
		flow first "$1" 999 4000
		flow send 0
		[ "$answer" = - ] || return 0
	done
	return 1
}

# in_line N KIND MODE [PLACE...]: a line of routers of the kind that works; a place is the listener
in_line()
{
	local n=$1 kind=$2 mode=$3 names=() i

	pim_line "$n"
	for ((i = 1; i <= n; i++)); do
		names+=("r$i")
	done
	pim_rp=
	[ "$mode" = ssm ] || pim_rp=$(address "r$(((n + 1) / 2))")
	routers_up "$kind" "${names[@]}" || return
	flow_begin "$mode" source listener "${@:4}"
	warm_up 0
}

net_away()
{
	flow_end
	pim_forget
	pim_spt=now pim_hello='' pim_rp=
}

# median VALUE...: "never" counts as the largest
median()
{
	printf '%s\n' "$@" | sed 's/^-$/999999999/' | sort -n | awk '{ v[NR] = $1 }
		END { m = v[int((NR + 1) / 2)]; print (m >= 999999999 ? "never" : m) }'
}

# of_each FUNCTION ARG...: what it puts into ${got[@]} for each kind, in ${of_ours[@]} ${of_frr[@]}
# ${of_pimd[@]}; empty where it is not to be had
of_each()
{
	local kind

	of_ours=() of_frr=() of_pimd=()
	for kind in "${kinds[@]}"; do
		got=()
		[ "$af" = 4 ] || [ "$kind" = ours ] || continue
		[ -z "${only:-}" ] || [[ " $only " == *" $kind "* ]] || continue
		"$1" "$kind" "${@:2}" || got=("${got[@]:-never}")
		net_away
		declare -ga "of_$kind=(${got[*]})"
	done
}

# better A B: the smaller one; what is not a number is none
better()
{
	printf '%s\n' "$@" | grep -E '^[0-9.]+$' | sort -n | head -n 1
}

# row NAME N LIMIT TEXT: the Nth figure of each, and what ours is to be at most
row()
{
	local ours=${of_ours[$2]:--} value=${of_ours[$2]:--} limit=$3

	[ "$ours" != - ] || limit=
	[ "$ours" != never ] || value=999999999
	figure "$1" "$ours" "${of_frr[$2]:--}" "${of_pimd[$2]:--}" "$value" "$limit" "$4"
}

# as_best NAME N: ours is to be below the better one of the peers
as_best()
{
	row "$1" "$2" "$(better "${of_frr[$2]:-}" "${of_pimd[$2]:-}")" "the better peer"
}

# join KIND HOPS MODE: median of times to the first packet, and joins without one
join()
{
	local i times=() missed=0 n=50

	[ "$1" != pimd ] || n=1
	in_line "$2" "$1" "$3" || return
	for ((i = 0; i < n; i++)); do
		flow send 1 5000 "$i"
		sleep 0.3
		flow first 0 "$i" 30000
		times+=("$answer")
		[ "$answer" != - ] || missed=$((missed + 1))
		flow leave 0 "$i" 1
	done
	got=("$(median "${times[@]}")" "$missed")
}

join_figures()
{
	local hops mode

	for hops in 1 3 8; do
		for mode in asm ssm; do
			of_each join $hops $mode
			as_best "join to packet, $hops hops, $mode, us" 0
			row "joins without a packet" 1 0 "none"
		done
	done
	use 6
	for mode in asm ssm; do
		of_each join 3 $mode
		row "join to packet, 3 hops, $mode, IPv6, us" 0 1000 "1 ms"
	done
	use 4
}

# first KIND MODE: packets lost of a new source
first()
{
	in_line 3 "$1" "$2" || return
	flow join 0 5 1
	sleep 1
	[ "$1" != pimd ] || sleep 25
	flow mark
	flow send 1 1000 5
	sleep 3
	flow send 0
	sleep 0.5
	stat 0
	got=($((stat[SENT] - stat[CAME])) "${stat[DOUBLED]}" "${stat[FIRST]}")
}

first_figures()
{
	local mode

	for mode in asm ssm; do
		of_each first $mode
		row "receiver first, $mode: packets lost" 0 0 "none"
		row "doubled" 1 0 "none"
		row "first packet after, us" 2 "" ""
	done
}

# leave KIND MODE: until the last packet at the listener, and on the link before its router, in ms
leave()
{
	in_line 3 "$1" "$2" r3/3 || return
	flow send 1 1000 5
	flow first 0 5 60000
	sleep 1
	flow end 0 5 3000
	got=("$(ms "$answer")")
	sleep 5
	stat 1
	got+=("$(ms "${stat[LAST]}")")
	flow mark
	sleep 1
	stat 1
	[ "${stat[CAME]}" -eq 0 ] || got[1]=never
}

leave_figures()
{
	local mode

	for mode in asm ssm; do
		of_each leave $mode
		row "leave to last packet, $mode, ms" 0 2050 "2 s and no more"
		row "the same on the link before, ms" 1 2100 "the same"
	done
}

# A square in which the RP is on one way, the source nearer on the other one, as far from it
spt_net()
{
	pim_square
	ip -n "$(net_ns r4)" route replace 10.0.1.0/24 via 10.0.5.1 metric 5
	ip -n "$(net_ns r4)" route replace fd00:1::/64 via fd00:5::1 metric 5
	pim_rp=$(address r2)
	routers_up "$1" r1 r2 r3 r4
}

# spt KIND: lost and doubled by the switch, the longest silence, and until the old way is silent
spt()
{
	local new

	spt_net "$1" || return
	flow_begin asm source listener r4/3 r4/5
	warm_up 0 || return
	flow send 1 1000 5
	sleep 1
	flow first 0 5 60000
	sleep 10
	stat 2
	new=${stat[FIRST]}
	stat 1
	if [ "$1" = frr ] && [ "${stat[LAST]}" -gt 9000000 ]; then
		sleep 60
		stat 1
	fi
	got=(0 0 0 never)
	[ "$new" = 0 ] || got[3]=$(ms $((stat[LAST] - new)))
	flow send 0
	sleep 0.5
	stat 0
	got[0]=${stat[MISSING]} got[1]=${stat[DOUBLED]} got[2]=$(ms "${stat[SILENCE]}")
}

spt_figures()
{
	of_each spt
	row "switch to the source's tree: lost" 0 0 "none"
	row "doubled" 1 0 "none"
	row "longest silence, ms" 2 "" ""
	row "until the old way is silent, ms" 3 3 "a round trip"
}

# failure KIND MODE: a link on the way goes down, five times; then the route is replaced
failure()
{
	local i silent=() lost=()

	pim_square
	pim_rp=
	[ "$2" = ssm ] || pim_rp=$(address r1)
	routers_up "$1" r1 r2 r3 r4 || return
	flow_begin "$2" source listener r4/3 r4/5
	warm_up 0 || return
	flow send 1 1000 5
	flow first 0 5 60000
	sleep 2
	for i in 1 2 3 4 5; do
		flow mark
		ip -n "$(net_ns r4)" link set eth3 down
		sleep 2
		[ "$1" != pimd ] || sleep 25
		stat 0
		silent+=("$(ms "${stat[SILENCE]}")")
		lost+=("${stat[MISSING]}")
		ip -n "$(net_ns r4)" link set eth3 up
		sleep 0.5
		pim_route r4
		sleep 3
		[ "$1" != pimd ] || break
	done
	got=("$(median "${silent[@]}")" "$(median "${lost[@]}")")
	[ "$1" != pimd ] || sleep 30
	flow mark
	ip -n "$(net_ns r4)" route replace 10.0.1.0/24 via 10.0.5.1 metric 5
	sleep 5
	stat 1
	got+=("$(ms "${stat[LAST]}")")
	[ "${stat[LAST]}" -lt 4500000 ] || got[2]=never
	flow send 0
	sleep 0.5
	stat 0
	got+=("${stat[MISSING]}" "${stat[DOUBLED]}")
}

failure_figures()
{
	local mode

	for mode in ssm asm; do
		of_each failure $mode
		row "a link fails, $mode: silence, ms" 0 "$(awk -v of="${of_frr[0]:-}" \
			'BEGIN { if (of + 0) print of / 2 }')" "half of FRR's"
		row "packets lost of 1000/s" 1 "" ""
		as_best "route replaced: old way silent, ms" 2
		row "packets lost" 3 0 "none"
		row "packets doubled" 4 "" ""
	done
}

# restart KIND MODE: the router before the last one is killed and starts again
restart()
{
	in_line 3 "$1" "$2" || return
	flow send 1 1000 5
	flow first 0 5 60000
	sleep 1
	flow mark
	router_stop r2 KILL
	"$1_launch" r2
	wait_until 90 flows_again
	flow send 0
	sleep 0.5
	stat 0
	got=("$(ms "${stat[SILENCE]}")")
	[ "${stat[CAME]}" -gt 0 ] || got=(never)
}

# Packets have come for half a second, later than a silence
flows_again()
{
	local before

	stat 0
	before=${stat[CAME]}
	sleep 0.5
	stat 0
	[ $((stat[CAME] - before)) -gt 400 ] && [ "${stat[SILENCE]}" -gt 20000 ]
}

restart_figures()
{
	local mode

	for mode in asm ssm; do
		of_each restart $mode
		row "upstream restarts, $mode: silence, ms" 0 3000 "3 s"
	done
}

# dr KIND SIGNAL: the designated router of a LAN goes
dr()
{
	pim_lan
	pim_rp='' pim_hello=1
	routers_up "$1" r1 r2 r3 r4 || return
	flow_begin ssm source listener
	warm_up 0 || return
	net_listen member listener "232.1.0.5" source "$(address source)"
	flow send 1 1000 5
	sleep 12
	flow mark
	sleep 0.5
	router_stop r4 "$2"
	wait_until 180 flows_again
	stat 0
	got=("$(ms "${stat[SILENCE]}")" "${stat[DOUBLED]}")
}

dr_figures()
{
	of_each dr KILL
	row "the DR dies, Hello each 1 s: silence, ms" 0 4500 "the holdtime: 3.5 s"
	of_each dr TERM
	row "the DR says goodbye: silence, ms" 0 200 "at once"
}

# lan KIND MODE: two routers forward to a LAN of two others
lan()
{
	pim_link 1 source r1 r2
	pim_link 2 r1 r2 r3 r4
	pim_link 3 r3 listener
	pim_link 4 r4 other
	pim_routes
	ip -n "$(net_ns r3)" route replace 10.0.1.0/24 via 10.0.2.1 metric 5
	ip -n "$(net_ns r4)" route replace 10.0.1.0/24 via 10.0.2.2 metric 5
	pim_rp='' pim_spt=never
	[ "$2" = ssm ] || pim_rp=$(address r1)
	routers_up "$1" r1 r2 r3 r4 || return
	flow_begin "$2" source listener other r3/2
	warm_up 0 && warm_up 1 || return
	flow send 1 1000 5
	flow first 0 5 60000
	sleep 2
	flow mark
	flow join 1 5 1
	sleep 10
	stat 2
	got=("${stat[DOUBLED]}")
	flow send 0
	sleep 0.5
	stat 0
	got+=("${stat[MISSING]}")
	stat 1
	got+=("${stat[MISSING]}")
}

lan_figures()
{
	local mode

	for mode in ssm asm; do
		of_each lan $mode
		row "two forwarders on a LAN, $mode: doubled" 0 2 "2"
		row "lost by one receiver" 1 0 "none"
		row "lost by the other one" 2 0 "none"
	done
}

# start KIND: three routers start; until the last but one is sent a join, from when both said Hello
start()
{
	local i pid=

	pim_line 3
	pim_rp=$(address r2)
	flow_begin asm source listener
	pim_hear wire r3 3
	for i in r1 r2 r3; do
		wait_until 5 has_link_locals "$i"
		[ "$1" != frr ] || frr_zebra $i
	done
	begin=${EPOCHREALTIME/[.,]/}
	for i in r1 r2 r3; do
		pim_kind[$i]=$1
		"$1_launch" $i
	done
	flow send 1 1000 5
	flow mark
	for ((i = 0; i < 1600; i++)); do
		flow join 0 5 1
		sleep 0.05
		! grep -q ' jp .* join ' "$(net_log wire)" || break
	done
	for ((i = 0; i < 100; i++)); do
		stat 0
		[ "${stat[CAME]}" -eq 0 ] || break
		sleep 0.1
	done
	got=("$(awk -v begin="$begin" '
		{ now = $1 * 1000000 }
		/ hello / && !($2 in hello) { hello[$2]; if (++n == 2) both = now }
		/ jp .* join / && !done { done = now }
		END { print both && done ? (done > both ? (done - both) / 1000 : 0) : "never" }' \
		"$(net_log wire)")" "$(ms "${stat[FIRST]}")")
}

start_figures()
{
	of_each start
	row "start: Hello to first join, ms" 0 100 "0.1 s"
	row "start to first packet, ms" 1 "" ""
}

# A square: the RP on the way that is taken, another one on the other way, the bootstrap router on a
# third one. Apart from it a bootstrap router, one that would be it, an RP between them, and r9 that
# comes late. FRR is no candidate: there, those are ours. pimd says the RP-set each 30 s, whatever it
# is told, and has forgotten RPs by then that offer themselves more often than that.
bsr_net()
{
	local bsr=" interval 10" rp=" time 10"

	[ "$1" != pimd ] || bsr='' rp=" time 30"
	pim_square
	pim_link 7 r1 r5
	pim_link 8 r6 r7
	pim_link 9 r7 r8
	pim_link 10 r7 r9
	pim_link 11 r4 r5
	pim_routes
	pim_spt=never
	pim_lines=(
		[r2]="rp-candidate eth2 priority 1$rp"
		[r3]="rp-candidate eth4 priority 2$rp"
		[r5]="bsr-candidate eth7 priority 20$bsr"
		[r6]="bsr-candidate eth8 priority 20$bsr"
		[r7]="rp-candidate eth8$rp"
		[r8]="bsr-candidate eth9 priority 10$bsr"
	)
}

# routers_launch KIND NAME...: at once; candidates of FRR's network are ours
routers_launch()
{
	local name

	for name in "${@:2}"; do
		wait_until 5 has_link_locals "$name"
		pim_kind[$name]=$1
		[ "$1" != frr ] || [ -z "${pim_lines[$name]:-}" ] || pim_kind[$name]=ours
		[ "${pim_kind[$name]}" != frr ] || frr_zebra "$name"
	done
	begin=${EPOCHREALTIME/[.,]/}
	for name in "${@:2}"; do
		"${pim_kind[$name]}_launch" "$name"
	done
}

# learned NAME RP LOG [GROUP]: the RP of a group is known there, or said to it; pimd does not tell
learned()
{
	case ${pim_kind[$1]} in
	ours)
		has_rp "$1" "${4:-239.1.0.5}" "$2"
		;;
	frr)
		frr_show "$1" ip pim rp-info json | grep -q "\"rpAddress\":\"$2\""
		;;
	pimd)
		grep -q " bsm .* rp $2 " "$(net_log "$3")"
		;;
	esac
}

# since TIME: in microseconds
since()
{
	echo $((${EPOCHREALTIME/[.,]/} - $1))
}

seconds()
{
	awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000000 }'
}

# said LOG TIME BSR [RP]: when, after that time, it spoke first, or said an RP-set without that RP
said()
{
	awk -v after="$2" -v bsr="$3" -v rp="${4:-}" '$7 == "bsm" && $8 == bsr {
		if (rp && !/ rp /)
			next
		now = $1 * 1000000
		if (now < after)
			next
		there = 0
		for (i = 1; i < NF; i++)
			there += $i == "rp" && $(i + 1) == rp && $(i + 2) > 0
		if (!there) {
			printf "%.0f\n", now
			exit
		}
	}' "$(net_log "$1")"
}

has_said()
{
	[ -n "$(said "$@")" ]
}

packets_come()
{
	flow join 0 5 1
	stat 0
	[ "${stat[CAME]}" -gt 0 ]
}

# bsr KIND: s until the last router knows the RP, and until a stream flows; ms from the first Hello
# that a new router is told to its RP-set; when the RP dies, s until the set is said without it, ms
# from that to the stream, and its silence in s; s until a bootstrap router that dies has a successor
bsr()
{
	local begin killed

	bsr_net "$1"
	flow_begin asm source listener
	pim_hear set r4 11
	pim_hear backup r7 9
	routers_launch "$1" r1 r2 r3 r4 r5 r6 r7 r8
	wait_until 100 learned r4 "$(address r2)" set || return
	got=("$(seconds "$(since "$begin")")")
	flow send 1 1000 5
	flow mark
	wait_until 60 packets_come || return
	got+=("$(seconds "$(since "$begin")")")

	wait_until 30 learned r8 "$(address r7)" backup || return
	pim_hear late r9 10
	routers_launch "$1" r9
	wait_until 90 learned r9 "$(address r7)" late || return
	got+=("$(ms $((${EPOCHREALTIME/[.,]/} - $(hello_after "$begin"))))")

	flow mark
	sleep 0.5
	killed=${EPOCHREALTIME/[.,]/}
	router_stop r2 KILL
	router_stop r6 KILL
	flow_after_rp "$killed"
	[ "$1" != frr ] || return 0
	wait_until 150 has_said backup "$killed" "$(address r8)" || return
	got+=("$(seconds $(($(said backup "$killed" "$(address r8)") - killed)))")
}

# flow_after_rp TIME: the first RP died then
flow_after_rp()
{
	local changed flows=yes

	wait_until 150 flows_again || flows=
	changed=$(said set "$1" "$(address r5)" "$(address r2)")
	got+=("$(if [ -n "$changed" ]; then seconds $((changed - $1)); else echo never; fi)")
	if [ -n "$changed" ] && [ -n "$flows" ]; then
		got+=("$(ms $(($1 + stat[SILENCE] - changed)))" "$(seconds "${stat[SILENCE]}")")
	else
		got+=(never never)
	fi
}

# When the first Hello came to r9 from its neighbor, after that time
hello_after()
{
	awk -v after="$1" -v from="$(address r7 10)" \
		'$2 == from && / hello / && $1 * 1000000 > after { printf "%.0f\n", $1 * 1000000; exit }' \
		"$(net_log late)"
}

# known NAME: how many RPs of how many ranges are known there, or were said to it
known()
{
	case ${pim_kind[$1]} in
	ours)
		rctl "$1" -j show pim rp | grep -c '"group":"239[^"]*","rp_address"'
		;;
	frr)
		frr_show "$1" ip pim bsrp-info json | grep -c '"Rp Address"'
		;;
	pimd)
		awk '{ for (i = 7; i < NF; i++) {
				if ($i == "range")
					range = $(i + 1)
				if ($i == "rp")
					seen[range $(i + 1)]
			} } END { print length(seen) }' "$(net_log wire)"
		;;
	esac
}

knows_all()
{
	[ "$(known "$1")" -ge 1255 ]
}

# offers KIND: r2 is RP of 255 ranges, 1000 others offer themselves for one of them each; s until they
# are known in r3, the messages of such a set that come there, their octets, and those of the longest
offers()
{
	local begin n=0 bsr=" interval 10"

	[ "$1" != pimd ] || bsr=
	pim_line 3
	pim_lines=(
		[r1]="bsr-candidate eth2$bsr"
		[r2]="rp-candidate eth2 time 30
$(printf 'group-prefix 239.0.%d.0/24\n' {0..254})"
	)
	pim_hear wire r3 3
	net_capture octets r3 eth3 "ip proto 103 and src $(address r2 3)"
	routers_launch "$1" r1 r2 r3
	wait_until 60 learned r3 "$(address r2)" wire 239.0.9.5 || return
	sleep 1
	begin=${EPOCHREALTIME/[.,]/}
	pimcast source 1 candidate 10.9.0.1 range 239.0.0.0/24 groups 1000 ranges 255 count 1000 \
		rate 2000 to "$(address r1)" mac "$(on r1 cat /sys/class/net/eth1/address)"
	wait_until 70 knows_all r3 || return
	got=("$(seconds "$(since "$begin")")")
	n=$(awk -v from="$(address r2 3)" '$2 == from && / bsm / {
		for (i = 1; $i != "tag"; i++)
			;
		n = $(i + 1) == tag ? n + 1 : 1
		tag = $(i + 1)
	} END { print n }' "$(net_log wire)")
	got+=("$(net_packets octets -Y 'pim.type == 4' -T fields -e ip.len | tail -n "$n" |
		awk '{ sum += $1; max = $1 > max ? $1 : max } END { print NR, sum, max }')")
}

bsr_figures()
{
	of_each bsr
	row "RPs by a BSR: start to RP-set, s" 0 16 "5 + 10 s, RFC 5059"
	row "start to first packet, s" 1 "" ""
	row "new router: Hello to RP-set, ms" 2 1000 "1 s"
	row "the RP dies: RP-set without it, s" 3 "" ""
	row "packets flow after that, ms" 4 1000 "1 s"
	row "silence in all, s" 5 "" ""
	row "the BSR dies: the next says so, s" 6 53 "30 + 23 s, RFC 5059"
	of_each offers
	row "1000 RPs, 255 ranges: known to all, s" 0 11 "10 s, RFC 5059"
	row "messages of that" 1 "" ""
	row "octets" 2 "" ""
	row "octets of the longest" 3 1500 "the MTU"
}

# What a router of the kind has in memory: all its processes. Of the C library, which each process of
# the machine has, what is the router's own: its share of the rest is larger the fewer others run.
memory()
{
	local name total=0 kb

	for name in "$1" "$1zebra"; do
		[ -n "${net_pid[$name]:-}" ] || continue
		kb=$(awk '/^[0-9a-f]+-/ { libc = $6 ~ "/(libc|ld-linux)[^/]*$" }
			(/^Pss:/ && !libc) || (/^Private_/ && libc) { sum += $2 }
			END { print sum }' "/proc/${net_pid[$name]}/smaps")
		total=$((total + kb))
	done
	echo "$total"
}

# Its processor time in ms
cpu()
{
	local name total=0 ms

	for name in "$1" "$1zebra"; do
		[ -n "${net_pid[$name]:-}" ] || continue
		ms=$(awk '{ print int(($14 + $15) * 10) }' "/proc/${net_pid[$name]}/stat")
		total=$((total + ms))
	done
	echo "$total"
}

# Messages of PIM that the network namespace of the router had no room for
lost()
{
	# shellcheck disable=SC2016 # awk's
	on "$1" awk 'FNR > 1 { sum += $NF } END { print sum + 0 }' /proc/net/raw /proc/net/raw6
}

# scale KIND MODE N: so many groups at once; ms until all are in the kernel of all, and until data
# of all have come; octets of memory for each state of the router between the others; % of a
# processor at rest, octets of J/P for each state, packets that sockets of that router lost
scale()
{
	local before after busy n=$3 begin all held states=$3 rate=20000

	at_once=()
	in_line 3 "$1" "$2" || return
	flow leave 0 999 1
	sleep 3
	before=$(memory r2)
	# the last router hears of a source by its packets, those of sources alone wait for none
	if [ "$2" = ssm ]; then
		rate=10000
	else
		flow send "$n" 10000
		sleep $((n / 10000 + 3))
	fi
	flow send "$n" "$rate"
	flow mark
	exec {held}< <(exec "$tools/held" "$2" "$(address source)" "$n" 120000 \
		"$(net_ns r1)" "$(net_ns r2)" "$(net_ns r3)")
	begin=${EPOCHREALTIME/[.,]/}
	flow join 0 0 "$n"
	read -r all <&"$held"
	exec {held}<&-
	[ "$all" = never ] || all=$(((all - begin) / 1000))
	flow groups 0 "$n" 60000
	answer=${answer%%[. ]*}
	got=("$all" "${answer/-/never}")
	after=$(memory r2)
	case $2 in
	asm)
		states=$((2 * n))
		;;
	both)
		states=$((3 * n / 2))
		;;
	esac
	got+=($(((after - before) * 1024 / states)))
	net_capture jp r3 eth3 'ip proto 103'
	busy=$(cpu r2)
	sleep 60
	got+=("$(awk -v ms=$(($(cpu r2) - busy)) -v n="$states" \
		'BEGIN { printf "%.2f", ms / 600 * 20000 / n }')")
	got+=("$(net_packets jp -Y 'pim.type == 3' -T fields -e ip.len |
		awk -v n="$states" '{ sum += $1 } END { printf "%.1f", sum / n }')")
	got+=("$(lost r2)")
}

# Of 20,000 beside FRR; of 100,000, time and memory of each are to be the same.
scale_figures()
{
	local mode few saved=("${at_once[@]}") only

	for mode in ssm asm both; do
		only="ours frr" few=20000
		[ $mode != both ] || only=ours few=40000
		of_each scale $mode $few
		row "$few groups, $mode: in all kernels, ms" 0 $((few / 10)) "2 s for 20000"
		row "data of all groups, ms" 1 "" ""
		row "memory of each, octets" 2 700 "700"
		row "processor at rest, %, of 20000 states" 3 1 "1 %"
		row "Join/Prune of each in 60 s, octets" 4 21 "21"
		row "packets lost by sockets" 5 0 "none"
		[ $mode != both ] || continue
		few=${of_ours[0]} only=ours
		of_each scale $mode 100000
		row "100000 groups, $mode: in all kernels, ms" 0 "" ""
		row "data of all groups, ms" 1 "" ""
		figure "time of each, to that of 20000" "$(ratio "${of_ours[0]/never/0}" \
			$((5 * ${few/never/0})))" "" "" "$(ratio "${of_ours[0]/never/999999999}" \
			$((5 * ${few/never/1})))" 1.5 "linear"
		row "memory of each, octets" 2 700 "700"
		row "processor at rest, %, of 20000 states" 3 1 "1 %"
		row "Join/Prune of each in 60 s, octets" 4 21 "21"
		row "packets lost by sockets" 5 0 "none"
	done
	at_once=("${saved[@]}")
}

# The longest turn of r4 since the last time, in ms, is one figure more
turn()
{
	local us

	echo >&"$turns_in"
	read -r -t 100 -u "$turns_out" us _ || die "no answer of r4"
	got+=("$(ms "$us")")
}

# turns KIND N: so many trees at a router, which has a processor before others do; its longest turns
# while they are joined, refreshed, led another way, while its neighbor begins anew, while its
# configuration is read again, while the link to listeners goes, and while PIM ends
turns()
{
	local n=$2

	pim_square
	pim_rp=
	routers_up "$1" r1 r2 r3 r4 || return
	flow_begin ssm source listener
	warm_up 0 || return
	chrt -f -p 1 "${net_pid[r4]}" >/dev/null 2>&1
	{
		coproc TURNS { exec "${turns_now[@]}" "$tools/turns" "$BATS_TEST_TMPDIR/r4.sock"; }
	} 2>/dev/null
	turns_out=${TURNS[0]} turns_in=${TURNS[1]}
	read -r -t 10 -u "$turns_out" _ || die "no answer of r4"
	got=()
	flow join 0 0 "$n"
	sleep 10
	turn
	sleep 60
	turn
	ip -n "$(net_ns r4)" link set eth3 down
	sleep 10
	turn
	# as if it had begun anew: what a process has in the kernel goes, which all of them wait for
	pimcast r3 5 hello genid 4711 || return
	sleep 10
	turn
	rctl r4 reload || return
	sleep 10
	turn
	ip -n "$(net_ns r4)" link set eth6 down
	sleep 10
	turn
	ip -n "$(net_ns r4)" link set eth6 up
	sleep 5
	flow join 0 0 "$n"
	sleep 10
	turn
	sed -i '/pim/d' "$BATS_TEST_TMPDIR/r4.conf"
	rctl r4 reload || return
	sleep 10
	got=("${got[@]:0:6}")
	turn
	exec {turns_in}>&-
}

turns_figures()
{
	local saved=("${at_once[@]}") turns_now=("${at_once[@]}") only=ours i=0 what

	at_once=()
	of_each turns 100000
	for what in "joined" "refreshed" "another way" "router on it restarts" "reload" \
		"listeners' link goes" "PIM ends"; do
		row "100000, longest turn: $what" $i 20 "20 ms"
		i=$((i + 1))
	done
	at_once=("${saved[@]}")
}

# idle KIND: memory of a router, alone on the machine, in KB
idle()
{
	in_line 1 "$1" ssm || return
	sleep 5
	got=("$(memory r1)")
}

idle_figures()
{
	local size

	of_each idle
	row "idle memory, KB" 0 "$(awk -v of="${of_frr[0]:-}" 'BEGIN { if (of + 0) print of / 20 }')" \
		"a twentieth of FRR's"
	of_ours=() of_frr=() of_pimd=()
	[ ! -f "$bin/pim-module/pim.so" ] || of_ours=("$(wc -c <"$bin/pim-module/pim.so")")
	[ ! -d "$peers/frr" ] || of_frr=("$(wc -c <"$peers/frr/usr/lib/frr/pimd")")
	[ ! -d "$peers/pimd" ] || of_pimd=("$(wc -c <"$peers/pimd/usr/sbin/pimd")")
	row "size of what does PIM, octets" 0 256000 "250 KB"
}

use 4
printf '%-40s %9s %9s %9s %9s  %s\n' "" ours FRR pimd judged limit
[ $# -gt 0 ] || set -- join first leave spt failure restart dr lan start bsr scale turns idle
for part in "$@"; do
	declare -F "${part}_figures" >/dev/null || die "no such part: $part"
	"${part}_figures"
done
echo "$misses limits missed"
[ "$misses" -eq 0 ]
