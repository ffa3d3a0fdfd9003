#!/usr/bin/env bash
# The whole study inside one Slurm job, which spares every search the seconds that a job of its
# own costs. From the root of the checkout, with the environment built (`make env`):
#
#   sbatch --cpus-per-task=32 --mem=48G --time=1-00:00 profiles/slurm/one-allocation.sh
#   sbatch --cpus-per-task=2 profiles/slurm/one-allocation.sh quick --configfile config/quick.yaml
#
# What follows the script's name goes to Snakemake. A job that was killed or ran out of time is
# submitted again as it was, and goes on where it ended.
#SBATCH --job-name=codesign
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --output=slurm-%x-%j.log
set -euo pipefail

cd "${SLURM_SUBMIT_DIR:?"is not set: submit this script with sbatch"}"
if [ -d .venv ]; then PATH="$PWD/.venv/bin:$PATH"; fi
export PATH MPLBACKEND=Agg

# Only one Snakemake works in a folder: a lock that is still there belongs to a job that was killed.
# `flock` holds the folder for as long as this job lives, so that no other one loses its lock.
mkdir -p .snakemake
exec 9>.snakemake/allocation
flock --nonblock 9 || { echo "another allocation works in $PWD" >&2; exit 1; }
snakemake "$@" --unlock
exec snakemake "$@" --cores "${SLURM_CPUS_PER_TASK:-1}"
