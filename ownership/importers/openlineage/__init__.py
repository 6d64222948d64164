"""OpenLineage: events of runs, jobs and datasets, from files and from the live endpoint (spec import_formats 4)."""
