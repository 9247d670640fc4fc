# shellcheck shell=sh
# Run as `sh -c ... sh FOLDER NAME PROC`: waits for the end of the harness at standard input, and then
# ends the cluster called NAME, whose processes are in the folder PROC, and removes its FOLDER.

# A whole line says that the harness has done so itself.
read -r _ && exit
trap '' HUP INT TERM

# The ids of the cluster's processes, as processes.rs finds them.
processes() {
    for process in "$3"/[0-9]*; do
        case "$(tr '\000' ' ' 2>/dev/null <"$process/cmdline")" in
        "postgres: $2: "* | */postgres\ *" $1/data "* | */initdb\ *" $1/data "*)
            echo "${process##*/}"
            ;;
        # What initdb runs names no folder, but works in it; a program that has just begun names
        # nothing.
        "" | *postgres* | *initdb*)
            # In POSIX since 2024, and in dash, bash and busybox long before.
            # shellcheck disable=SC3013
            if [ "$process/cwd" -ef "$1/data" ]; then
                echo "${process##*/}"
            fi
            ;;
        esac
    done 2>/dev/null
}

# The kernel has told the postmaster to end. Whoever is stopped heeds that only when going on, and
# whoever does not end within the first 80 looks is killed.
looks=0
while
    found="$(processes "$1" "$2" "$3")"
    [ -n "$found" ]
do
    looks=$((looks + 1))
    # The ids are words of their own.
    # shellcheck disable=SC2086
    {
        kill -s CONT $found
        [ "$looks" -le 80 ] || kill -s KILL $found
    } 2>/dev/null
    sleep 0.1
done

# Where the postmaster could not, its shared memory is given back: its pid file names that in the
# seventh line, and the kernel who made it.
if [ -r "$1/data/postmaster.pid" ]; then
    {
        read -r maker
        for _ in 2 3 4 5 6; do read -r _; done
        read -r _ segment _
    } <"$1/data/postmaster.pid"
    # Below zero where it was no postmaster but one of those that initdb runs.
    maker="${maker#-}"
    while read -r _ id _ _ made_by _; do
        if [ "$id" = "$segment" ] && [ "$made_by" = "$maker" ]; then
            ipcrm -m "$id"
        fi
    done </proc/sysvipc/shm
fi

# Whoever was born while the others were looked for may still write there for a moment.
tries=0
until rm -rf -- "$1" || [ "$tries" -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
