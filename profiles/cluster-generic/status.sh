#!/bin/sh
# Prints the state of job $1 for Snakemake: running, success or failed.
answer=$(scontrol show job "$1" 2>&1)
case "$(echo "$answer" | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p')" in
COMPLETED) echo success ;;
PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | RESIZING | STOPPED)
    echo running ;;
"")
    # No answer: the controller may be restarting. If it does not know the job, the job has failed.
    case "$answer" in *"Invalid job id"*) echo failed ;; *) echo running ;; esac ;;
*) echo failed ;;
esac
