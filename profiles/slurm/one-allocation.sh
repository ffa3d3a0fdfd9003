#!/usr/bin/env bash
# The whole study inside one Slurm job. So no search needs the seconds that a job of its own costs.
# Run this from the root of the checkout, with the environment built (`make env`):
#
#   sbatch --cpus-per-task=32 --mem=48G --time=1-00:00 profiles/slurm/one-allocation.sh
#   sbatch --cpus-per-task=2 profiles/slurm/one-allocation.sh quick --configfile config/quick.yaml
#
# The words after the script's name are passed to Snakemake. If a job was killed or ran out of time,
# submit it again with the same command: it continues.
#SBATCH --job-name=codesign
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --output=slurm-%x-%j.log
set -euo pipefail

cd "${SLURM_SUBMIT_DIR:?"is not set: submit this script with sbatch"}"
if [ -d .venv ]; then PATH="$PWD/.venv/bin:$PATH"; fi
export PATH MPLBACKEND=Agg

# Only one Snakemake may work in a folder. `flock` holds the folder as long as this job runs. So a
# lock of Snakemake that exists here belongs to a job that was killed, and can be removed.
mkdir -p .snakemake
exec 9>.snakemake/allocation
flock --nonblock 9 || { echo "another allocation uses $PWD" >&2; exit 1; }
snakemake "$@" --unlock
exec snakemake "$@" --cores "${SLURM_CPUS_PER_TASK:-1}"
