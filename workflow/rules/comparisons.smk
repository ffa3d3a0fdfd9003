# Results that compare methods. Their declarations say what they compare.

for result, declared in COMPARED.items():

    rule:
        name:
            f"tabulate_{result.lower()}"
        input:
            mapping=mappings_of(result) if declared.mapping else [],
            optima=optima_of(result) if declared.mapping else [],
            hardware=accelerators_of(result) if declared.hardware else [],
        output:
            curves=f"<results>/tables/{result}.curves.parquet",
            table=f"<results>/tables/{result}.parquet",
        log:
            f"<logs>/tables/{result}.log",
        localrule: True
        params:
            seeds=compared_seeds(result) if declared.mapping else [],
            together=["--together"] if declared.arms.panel == "space" else [],
            code=digest("codesign.study.comparison.table"),
        shell:
            stage(
                "comparison",
                "params.together",
                mapping="input.mapping",
                mapping_seeds="params.seeds",
                optima="input.optima",
                hardware="input.hardware",
                curves="output.curves",
                output="output.table",
            )
