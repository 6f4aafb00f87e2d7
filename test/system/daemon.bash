# shellcheck shell=bash
# daemon.bash - smcrouted and its client in system tests; to be loaded after net.bash
#
#	config <<<'mroute from eth0 group 239.1.1.1 to eth1'
#	daemon_start -c 1                       on the router; returns when it is ready
#	ctl add eth0 239.1.1.2 eth2             the client there
#	daemon_stop                             ends it, gives its exit status
#	mroutes                                 what the kernel holds of family $af: S G IIF OIF...
#	wait_until 5 has_mroute S G IIF OIF...  until one entry is exactly so
#	stream_start NAME source 239.1.1.1      numbered packets, 500 a second
#	sent=$(stream_stop NAME)                ends it, prints how many it was

# shellcheck disable=SC2154 # net_pid is net.bash's, af the test's
# shellcheck disable=SC2034 # what tests use

daemon_config=$BATS_TEST_TMPDIR/daemon.conf
daemon_socket=$BATS_TEST_TMPDIR/daemon.sock
daemon_pidfile=$BATS_TEST_TMPDIR/daemon.pid

# The configuration from standard input
config()
{
	cat >"$daemon_config"
}

# daemon_launch [OPTION...]: starts it on the router, and does not wait
daemon_launch()
{
	net_start daemon router smcrouted -n -l debug -f "$daemon_config" -u "$daemon_socket" \
		-P "$daemon_pidfile" "$@"
}

# daemon_start [OPTION...]: returns when the configuration is in force
daemon_start()
{
	[ -e "$daemon_config" ] || config </dev/null
	daemon_launch "$@"
	daemon_is_ready
}

# The option to run as a user without rights, where there are other users
unprivileged()
{
	if awk '$1 <= 65534 && $1 + $3 > 65534 { found = 1 } END { exit !found }' /proc/self/uid_map
	then
		echo -p nobody
	fi
}

daemon_is_ready_or_gone()
{
	[ -s "$daemon_pidfile" ] || ! kill -0 "${net_pid[daemon]}" 2>/dev/null
}

# Until the pid file tells that it is ready
daemon_is_ready()
{
	if ! wait_until 10 daemon_is_ready_or_gone || ! [ -s "$daemon_pidfile" ]; then
		cat "$(net_log daemon)" >&2
		return 1
	fi
}

# daemon_stop [SIGNAL]: its exit status
daemon_stop()
{
	net_stop daemon "$@"
}

# daemon_lives: it is the process that was started, and answers
daemon_lives()
{
	kill -0 "${net_pid[daemon]}" && ctl version | grep -q '^smcrouted: '
}

ctl()
{
	on router smcroutectl -u "$daemon_socket" "$@"
}

# mroutes_of TABLE: its entries of family $af, one a line, outgoing interfaces sorted
mroutes_of()
{
	net_mroutes router "$1"
}

# Those of the table that is the kernel's default
mroutes()
{
	net_mroutes router
}

# has_mroute SOURCE GROUP IIF [OIF...]: one entry is that one
has_mroute()
{
	mroutes | grep -qFx "$*"
}

# has_no_mroute SOURCE GROUP: no entry of that source and group
has_no_mroute()
{
	! mroutes | grep -q "^$1 $2 "
}

knows_group()
{
	mroutes | grep -q "^[^ ]* $1 "
}

# stream_start NAME HOST GROUP [SEND-ARG...]: a packet that no listener hears goes ahead, so that
# a daemon that does not get the processor for a while is no loss to the stream
stream_start()
{
	net_send "$2" "$3" port 9
	wait_until 10 knows_group "$3"
	net_start "$1" "$2" smcroutectl send "$3" via eth0 port 5000 interval 2 "${@:4}"
}

# stream_stop NAME: how many packets were sent; it may be called in a subshell, which cannot wait
stream_stop()
{
	net_signal "$1" TERM
	wait_for "$1" 'packets sent'
	sed -nE 's/^([0-9]+) packets sent.*/\1/p' "$(net_log "$1")"
}

# has_more NAME COUNT: the listener has received more than that
has_more()
{
	[ "$(net_received "$1")" -gt "$2" ]
}

# flows NAME: packets arrive there, 10 from now on
flows()
{
	wait_until 10 has_more "$1" $(($(net_received "$1") + 10))
}

# got_all NAME SENT: the listener gets all of them, and none twice
got_all()
{
	if ! wait_until 10 net_has_received "$1" "$2"; then
		echo "$1 received $(net_received "$1") of $2" >&2
		on router ip -s mroute show >&2
		on router ip -6 -s mroute show >&2
		return 1
	fi
}
