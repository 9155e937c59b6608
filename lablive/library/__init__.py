"""People, sessions, trials and results: what the clinic keeps.

Files are the truth for sessions and trials; names of people are in the database only.
SQLAlchemy is imported by :mod:`.store` and what lies behind it, by nothing else here.
"""
