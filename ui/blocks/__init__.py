"""The run as blocks: the plan on a time line, what each block brought, focus runs."""
