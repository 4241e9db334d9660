"""The site: docs/, the READMEs and a reference from docstrings, as one folder of Markdown."""
