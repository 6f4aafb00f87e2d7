# proxy.bash - for demo.sh: television behind a proxy of IGMP and MLD
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # demo.sh has them

hosts=(source router tv laptop)

network()
{
	namespaces &&
		ip -n "$prefix-router" link add br-lan type bridge &&
		ip -n "$prefix-router" link set br-lan up &&
		cable source eth0 router eth0 &&
		cable tv eth0 router lan1 &&
		cable laptop eth0 router lan2 &&
		ip -n "$prefix-router" link set lan1 master br-lan &&
		ip -n "$prefix-router" link set lan2 master br-lan &&
		addresses router eth0 0 1 && addresses source eth0 0 2 &&
		addresses router br-lan 1 1 && addresses tv eth0 1 2 && addresses laptop eth0 1 3
}

channel_is()
{
	groups_are "239.1.1.$1" "ff0e::1:$1"
}

# All channels, all the time
channels_begin()
{
	local number af

	for number in 1 2 3; do
		channel_is $number
		for af in "${families[@]}"; do
			command_line source "smcroutectl send ${group[$af]} via eth0 interval 10 &"
			start "send-$number-$af" source smcroutectl send "${group[$af]}" via eth0 \
				count 6000 interval 10
		done
	done
}

# The client on the router, of whose table what has to do with the channels is left
ctl_channels()
{
	command_line router "smcroutectl $* | grep -e GROUP -e 239.1 -e ff0e"
	on router smcroutectl -u "$dir/sock" "$@" >"$dir/shown" || die "smcroutectl $*: failed"
	grep -e GROUP -e 239.1 -e ff0e "$dir/shown"
}

# how_many TEXT WORD...: lines with the text among the records that the client shows
how_many()
{
	on router smcroutectl -u "$dir/sock" -j show "${@:2}" >"$dir/asked"
	grep -c "$1" "$dir/asked"
}

# Whether the router can speak upstream, of each family
proxy_stands()
{
	[ "$(how_many '"state":"up"' proxy)" -eq ${#families[@]} ]
}

# reported COUNT: whether that many channels are asked for upstream, of each family
reported()
{
	[ "$(how_many '"group":' proxy groups)" -eq $(($1 * ${#families[@]})) ]
}

# proxied COUNT: the same, or the demo has failed
proxied()
{
	wait_for 5 reported "$1" || {
		cat "$dir/asked" >&2
		die "it is not $1 channels that are asked for upstream"
	}
}

# told EVENT COUNT: whether the monitor told of channels that often, of each family
told()
{
	[ "$(grep -c "[0-9] $1 .*group=\(239.1.1\|ff0e::1:\)" "$dir/monitor.log")" -eq \
		$(($2 * ${#families[@]})) ]
}

cat <<END
A provider sends television to those who ask for it. Those who ask sit behind a router, and no
router passes on what they ask: a proxy asks the provider for what is listened to at home.
END

step "An edge between a provider and a home" <<'END'
   +--------+         eth0 +--------+ br-lan        +----+
   | source |--------------| router |-------+-------| tv |
   +--------+              +--------+       |       +----+
                                            |       +--------+
                                            +-------| laptop |
                                                    +--------+

Network namespaces stand for hosts.
END
network_comes

step "One line for a proxy" <<'END'
The same for IPv4 and IPv6, whichever IGMP or MLD the hosts speak. The second line has the router
know each listener: when the last one leaves a channel, nobody needs to be asked.
END
cat >"$dir/smcroute.conf" <<'END'
proxy upstream eth0 downstream br-lan
phyint br-lan igmp-track mld-track
END
show_config
smcrouted_begins
wait_for 10 proxy_stands || die "the proxy cannot speak upstream"
start monitor router smcroutectl -u "$dir/sock" monitor
monitor=$!
wait_for 5 grep -q monitor "$dir/monitor.log" || die "the monitor does not start"
ctl show proxy

step "Three channels arrive" <<'END'
This provider sends all the time, and nobody listens: the router keeps it from the home.
END
channels_begin
proxied 0

step "The television tunes in to the first" <<'END'
Whoever listens is known at once, and so is what is asked for upstream.
END
channel_is 1
listen tv 200
proxied 1
ctl_channels show groups
ctl_channels show proxy groups

step "The laptop wants it too" <<'END'
Upstream, that is nothing new. While it listens, the television zaps to the second channel.
END
listen laptop 400
arrived tv 200
channel_is 2
listen tv 100
proxied 2
ctl_channels show groups
ctl_channels show proxy groups
arrived tv 100
channel_is 1
arrived laptop 400
echo "The laptop lost nothing when the television left its channel."

step "Both are switched off" <<'END'
Nothing is asked for upstream any more. What the router tells to those who want to hear it:
END
proxied 0
wait_for 5 told leave 2 || die "the monitor did not tell: $(cat "$dir/monitor.log")"
told join 2 || die "the monitor told something else: $(cat "$dir/monitor.log")"
kill -TERM "$monitor"
command_line router "smcroutectl monitor | grep -e 239.1 -e ff0e"
grep -e 239.1 -e ff0e "$dir/monitor.log"

smcrouted_ends
that_was_it
echo "Next: ./run bench proxy, and man/smcroute.conf.5 for several providers, limits, filters."
