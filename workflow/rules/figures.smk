# Figures: each is drawn from one table, and leaves a copy of what it shows beside itself.
# One rule a figure, because a caption cannot have wildcards.

for result, made in REGISTRY.items():

    rule:
        name:
            f"draw_{result}"
        input:
            table=f"<results>/tables/{made.drawn}.parquet",
        output:
            pdf=f"<results>/figures/{result}.pdf",
            png=report(
                f"<results>/figures/{result}.png",
                caption=f"../report/{result}.rst",
                category="Results",
                labels={"result": result},
            ),
            data=f"<results>/figures/{result}.parquet",
        log:
            f"<logs>/figures/{result}.log",
        localrule: True
        params:
            result=result,
            code=digest("codesign.figures.__main__", f"codesign.figures.{result.lower()}"),
        shell:
            "python -m codesign.figures {params.result} --table {input.table}"
            " --pdf {output.pdf} --png {output.png} --data {output.data} > {log} 2>&1"
