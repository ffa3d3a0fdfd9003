# Figures: each is drawn from one table, and leaves a copy of what it shows beside itself.


rule draw_figure:
    input:
        table=drawn_table,
    output:
        pdf="<results>/figures/{result}.pdf",
        png=report(
            "<results>/figures/{result}.png",
            caption="../report/{result}.rst",
            category="Results",
            labels={"result": "{result}"},
        ),
        data="<results>/figures/{result}.parquet",
    log:
        "<logs>/figures/{result}.log",
    localrule: True
    params:
        code=figure_code,
    shell:
        "python -m codesign.figures {wildcards.result} --table {input.table}"
        " --pdf {output.pdf} --png {output.png} --data {output.data} > {log} 2>&1"
