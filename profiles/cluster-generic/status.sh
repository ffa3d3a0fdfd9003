#!/bin/sh
# What became of job $1, in the words of Snakemake: running, success or failed.
answer=$(scontrol show job "$1" 2>&1)
case "$(echo "$answer" | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p')" in
COMPLETED) echo success ;;
PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | RESIZING | STOPPED)
    echo running ;;
"")
    # No answer: the controller may be restarting. A job that it does not know is another matter.
    case "$answer" in *"Invalid job id"*) echo failed ;; *) echo running ;; esac ;;
*) echo failed ;;
esac
