"""Many runs of one study: planned on this machine's processes or a Dask cluster, and read side by side."""
