# shellcheck shell=bash
# peers.bash - Debian's FRR and pimd as routers of pim.bash; to be loaded after it
#
#	peer_fetch frr              into build/peers/frr, not installed; false if it cannot be had
#	router_start frr r1         pim_rp and the like say how, as for ours
#
# A peer has a /run of its own, and for FRR, whose package makes a user, users of its own.

# shellcheck disable=SC2154 # net.bash and pim.bash have them

peers=$SMCKIT_BUILD/peers
[ -d "$peers" ] || mkdir -p "$peers"
peers=$(cd "$peers" && pwd)

# unpack NAME PACKAGE...
peer_unpack()
{
	local dir=$peers/$1.new
	shift

	rm -rf "$dir"
	mkdir -p "$dir" || return
	(
		cd "$dir" || exit
		apt-get -qq download "$@" || { apt-get -qq update && apt-get -qq download "$@"; } ||
			exit
		for package in *.deb; do
			dpkg -x "$package" . || exit
		done
		rm -f ./*.deb
	) >/dev/null 2>&1 && mv "$dir" "${dir%.new}"
}

# peer_fetch NAME: once, by whoever comes first
peer_fetch()
{
	local packages=$1

	[ "$1" != frr ] || packages="frr libyang2 libpcre2-8-0 libcap2 libjson-c5"
	(
		flock 9
		# shellcheck disable=SC2086 # a list
		[ -d "$peers/$1" ] || peer_unpack "$1" $packages
	) 9>"$peers/lock" || return
	case $1 in
	frr)
		LD_LIBRARY_PATH=$(frr_libraries) "$peers/frr/usr/lib/frr/pimd" --version
		;;
	pimd)
		"$peers/pimd/usr/sbin/pimd" -h
		;;
	esac >/dev/null 2>&1
}

frr_libraries()
{
	local machine

	machine=$(cd "$peers/frr/usr/lib" && echo *-linux-gnu)
	echo "$peers/frr/usr/lib/$machine/frr:$peers/frr/usr/lib/$machine:$peers/frr/lib/$machine"
}

# peer_start LOG NAME COMMAND...: on that router, where /run is $BATS_TEST_TMPDIR/NAME.run
peer_start()
{
	local run=$BATS_TEST_TMPDIR/$2.run

	mkdir -p "$run/frr"
	# shellcheck disable=SC2016 # expanded there
	net_start "$1" "$2" sh -c '
		{ cat /etc/passwd; echo "frr:x:0:0::/:/bin/false"; } >"$0/passwd"
		{ cat /etc/group; echo "frr:x:0:"; echo "frrvty:x:0:"; } >"$0/group"
		mount --bind "$0/passwd" /etc/passwd
		mount --bind "$0/group" /etc/group
		mount --bind "$0" /run
		exec "$@"' "$run" "${@:3}"
}

frr_config()
{
	local link

	[ -z "$pim_rp" ] || echo "ip pim rp $pim_rp 224.0.0.0/4"
	[ "$pim_spt" = now ] || echo "ip pim spt-switchover infinity-and-beyond"
	for link in ${pim_links[$1]}; do
		echo "interface eth$link"
		echo " ip pim"
		[ -z "$pim_hello" ] || echo " ip pim hello $pim_hello"
		[ -z "${pim_dr[$1]:-}" ] || echo " ip pim drpriority ${pim_dr[$1]}"
		echo " ip igmp"
	done
}

zebra_runs()
{
	[ -S "$BATS_TEST_TMPDIR/$1.run/frr/zserv.api" ]
}

# frr_daemon NAME DAEMON OPTION...
frr_daemon()
{
	peer_start "$1${2/pimd/}" "$1" env "LD_LIBRARY_PATH=$(frr_libraries)" \
		"$peers/frr/usr/lib/frr/$2" -u root -g root -z /run/frr/zserv.api \
		--vty_socket /run/frr -P 0 -i "/run/frr/$2.pid" "${@:3}"
}

frr_launch()
{
	frr_config "$1" >"$BATS_TEST_TMPDIR/$1.conf"
	frr_daemon "$1" pimd -f "$BATS_TEST_TMPDIR/$1.conf"
}

# frr_zebra NAME: what it learns of interfaces and routes from
frr_zebra()
{
	: >"$BATS_TEST_TMPDIR/$1.zebra"
	frr_daemon "$1" zebra -f "$BATS_TEST_TMPDIR/$1.zebra"
	wait_until 10 zebra_runs "$1"
}

frr_start()
{
	zebra_runs "$1" || frr_zebra "$1" || return
	frr_launch "$1"
	wait_until 10 has_vif "$1"
}

# frr_show NAME WORD...: what its terminal shows
frr_show()
{
	printf 'enable\0show %s\0exit\0exit\0' "${*:2}" |
		socat -t 3 - "UNIX:$BATS_TEST_TMPDIR/$1.run/frr/pimd.vty" | tr '\0' '\n'
}

# frr_stop NAME [SIGNAL]: PIM alone, as after a crash of it
frr_stop()
{
	net_stop "$1" "${2:-TERM}"
}

# Whether the kernel has an interface in its multicast routing table
has_vif()
{
	[ "$(on "$1" cat /proc/net/ip_mr_vif | wc -l)" -gt "$(wc -w <<<"${pim_links[$1]}")" ]
}

pimd_config()
{
	local link

	[ -z "$pim_hello" ] || echo "hello-interval $pim_hello"
	for link in ${pim_links[$1]}; do
		echo "phyint eth$link enable ${pim_dr[$1]:+dr-priority ${pim_dr[$1]}}"
	done
	[ -z "$pim_rp" ] || echo "rp-address $pim_rp 224.0.0.0/4"
	if [ "$pim_spt" = now ]; then
		echo "spt-threshold packets 0 interval 5"
	else
		echo "spt-threshold infinity"
	fi
	[ -z "${pim_lines[$1]:-}" ] || echo "${pim_lines[$1]}"
}

pimd_launch()
{
	pimd_config "$1" >"$BATS_TEST_TMPDIR/$1.conf"
	peer_start "$1" "$1" "$peers/pimd/usr/sbin/pimd" -f -c "$BATS_TEST_TMPDIR/$1.conf"
}

pimd_start()
{
	pimd_launch "$1"
	wait_until 10 has_vif "$1"
}

pimd_stop()
{
	net_stop "$1" "${2:-TERM}"
}
