"""Our numbers against the truth in public recordings: ``lablive validate``.

One file per kind of recording; ``sets.py`` is the table of them. Every recording goes
through import, trial and analysis as a user's would; nothing is set per file but what
its own description says (unit, rate, where the sensor was worn).
"""
