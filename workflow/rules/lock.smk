# A Snakemake that was killed leaves the folder locked. To find out whether it still runs, each
# Snakemake holds a lock of the file system, which the system removes when the process ends.

import fcntl
import shutil
import socket


def take_folder():
    """Holds `.snakemake/running` while this Snakemake runs, and clears locks of those that ended.

    Nothing is cleared if another Snakemake runs here, if the last one ran on another machine (the
    file system may not show its locks), or if locks are not supported. Then the user has to call
    `--unlock`. Returns the open file, which has to be kept open.
    """
    folder = Path(".snakemake")
    folder.mkdir(exist_ok=True)
    running = (folder / "running").open("a+", encoding="utf-8")
    try:
        fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return running
    running.seek(0)
    host = socket.gethostname()
    if running.read() == host:
        shutil.rmtree(folder / "locks", ignore_errors=True)
    running.truncate(0)
    running.write(host)
    running.flush()
    return running


# On a cluster, jobs start Snakemakes of their own, which do not lock the folder.
if workflow.is_main_process:
    HELD = take_folder()
