# The study as a workflow. docs/workflow.md says how to run it, and why something ran again.

from snakemake.utils import min_version

min_version("9.18")


# Only without --configfile: Snakemake would merge the two files, and the user's config would also
# run the paper's models.
if "name" not in config:

    configfile: "config/paper.yaml"


# The system on which requirements.lock is tested. It is used with `--sdm apptainer` only.
container: "docker://python:3.11-bookworm"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/lock.smk"


pathvars:
    results=f"results/{config['name']}",
    logs=f"logs/{config['name']}",


wildcard_constraints:
    model="|".join(NETWORKS),
    space="|".join(SPACES),
    hardware_space="|".join(HARDWARE_SPACES),
    method=r"[a-z][a-z0-9.-]*",
    seed=r"\d+",


localrules:
    all,
    quick,
    workloads,
    mapping,
    hardware,
    baselines,
    optima,
    figures,
    report,
    archive,


# Everything that the config's `results` name, and the report.
rule all:
    input:
        "<results>/report.html",
        "<results>/progress.parquet",
        figure_files,


rule quick:
    input:
        rules.all.input,


# One target per result: its tables and its figures.
for result in REGISTRY:

    rule:
        name:
            result
        input:
            result_files(result),
        localrule: True


# One target per stage: what the config's results need of it.
rule workloads:
    input:
        collect("<results>/workloads/{model}.parquet", model=MODELS),


rule mapping:
    input:
        mapping_searches,


rule hardware:
    input:
        hardware_searches,


rule baselines:
    input:
        baseline_runs,


rule optima:
    input:
        all_optima,


rule figures:
    input:
        figure_files,


rule report:
    input:
        "<results>/report.html",


# The report, and everything else that is committed in results/archive.
rule archive:
    input:
        "<results>/SHA256SUMS",
        figure_files,


include: "workflow/rules/workloads.smk"
include: "workflow/rules/mapping.smk"
include: "workflow/rules/hardware.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/optima.smk"
include: "workflow/rules/bounds.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/progress.smk"
include: "workflow/rules/archive.smk"
include: "workflow/rules/comparisons.smk"


for result in REGISTRY:
    if result not in COMPARED:

        include: f"workflow/rules/results/{result.lower()}.smk"
