# shellcheck shell=bash
# smcroutectl.bash - completion of smcroutectl's command line for bash
#
# What may stand there is asked from smcroutectl, which asks the daemon. Addresses have colons, by
# which bash cuts words: so the line is cut anew.

_smcroutectl()
{
	local line=${COMP_LINE:0:COMP_POINT} words

	read -ra words <<<"$line"
	[[ $line != *[[:blank:]] ]] || words+=("")
	mapfile -t COMPREPLY < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
	if [[ ${COMPREPLY[*]} == @files ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "${words[-1]}")
	fi
}

complete -F _smcroutectl smcroutectl
