# Figures: each is drawn from one table; a copy of the data that it shows is beside it.
# There is one rule per figure, because a caption cannot have wildcards.

for figure, table in drawings(REGISTRY).items():

    rule:
        name:
            f"draw_{figure.replace('.', '_')}"
        input:
            table=f"<results>/tables/{table}.parquet",
        output:
            pdf=f"<results>/figures/{figure}.pdf",
            png=report(
                f"<results>/figures/{figure}.png",
                caption=str(caption_file(figure)),
                category=GROUPS[figure[0]],
                labels={"result": owner(figure), "figure": figure},
            ),
            points=f"<results>/figures/{figure}.json",
            data=f"<results>/figures/{figure}.parquet",
        log:
            f"<logs>/figures/{figure}.log",
        localrule: True
        params:
            figure=figure,
            code=figure_code(figure),
        shell:
            stage(
                "draw",
                figure="params.figure",
                table="input.table",
                pdf="output.pdf",
                png="output.png",
                points="output.points",
                data="output.data",
            )
