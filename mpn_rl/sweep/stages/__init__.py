"""One entry function per stage of the pipeline."""
