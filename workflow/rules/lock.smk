# A Snakemake that was killed leaves the folder locked. The system knows better whether it lives: a
# lock of the file system's own goes with its process.

import fcntl
import shutil
import socket


def take_folder():
    """Holds `.snakemake/running` while this Snakemake lives, and clears the locks of dead ones.

    Nothing is cleared where another one lives, where one of another machine was last (its file
    system may not tell us of its locks), or where locks are not supported: then `--unlock` is the
    user's to say. Returns the open file, which has to be kept.
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


# Jobs have Snakemakes of their own on a cluster, which lock nothing.
if workflow.is_main_process:
    HELD = take_folder()
