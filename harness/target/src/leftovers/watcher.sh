# shellcheck shell=sh
# Run as `sh -c ... sh MARKER GROUP...`: waits for the end of the harness at standard input, and then
# ends what has MARKER in its environment or is in one of the control groups, and removes these. Each
# line before that names a process to be ended too, by its id and when it started.
told=
while read -r id started; do
    told="$told $id:$started"
done
trap '' HUP INT TERM
marker="$1"
shift

# Whether the process $1 is the one that started at $2: field 22 of its stat, counted from the name,
# which may hold anything.
is_same() {
    read -r stat <"/proc/$1/stat" || return 1
    # shellcheck disable=SC2086
    set -- "$2" ${stat##*) }
    [ "$1" = "${21}" ] && [ "$2" != Z ]
}

members() {
    for one in $told; do
        is_same "${one%:*}" "${one#*:}" && echo "${one%:*}"
    done
    for group in "$@"; do
        cat "$group/cgroup.procs" "$group"/*/cgroup.procs
    done
    grep -l -s -a -F -e "$marker" /proc/[0-9]*/environ | while read -r process; do
        process="${process#/proc/}"
        echo "${process%/environ}"
    done
} 2>/dev/null

# What is ending starts nothing, but what is about to be killed may: until nothing is found twice.
looks=0
clean=0
while [ "$clean" -lt 2 ] && [ "$looks" -lt 100 ]; do
    looks=$((looks + 1))
    for group in "$@"; do
        [ -w "$group/cgroup.kill" ] && echo 1 >"$group/cgroup.kill"
    done 2>/dev/null
    found="$(members "$@")"
    if [ -z "$found" ]; then
        clean=$((clean + 1))
    else
        clean=0
        # The ids are words of their own.
        # shellcheck disable=SC2086
        kill -s KILL $found 2>/dev/null
        sleep 0.02
    fi
done
for group in "$@"; do
    rmdir "$group"/*/*/ "$group"/*/ "$group"
done 2>/dev/null
