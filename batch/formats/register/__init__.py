"""The register workbook: what an admin tells us about the company, projects, commitments and people.

`sheets` says what sheets there are, `template` writes them, `read` takes a filled one in, `diff` plans what
an import would do, `report` says it in words.
"""
