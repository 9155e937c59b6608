"""How long ago something was, as a person says it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86400.0


def age_words(made_at: str, now: datetime) -> str:
    """Return date and age: ``2026-11-20 09:12, 26 h ago``.

    Parameters
    ----------
    made_at
        ISO 8601; without zone it is taken as local.
    now
        Wall clock, with zone.
    """
    try:
        when = datetime.fromisoformat(made_at)
    except ValueError:
        return "an unknown time"
    when = when if when.tzinfo else when.astimezone()
    told = when.astimezone(now.tzinfo).strftime("%Y-%m-%d %H:%M")
    age_s = (now - when).total_seconds()
    if age_s < 0:
        return f"{told}, which is ahead of this computer's clock"
    if age_s < _HOUR_S:
        return f"{told}, {age_s / _MINUTE_S:.0f} min ago"
    if age_s < 2 * _DAY_S:
        return f"{told}, {age_s / _HOUR_S:.0f} h ago"
    return f"{told}, {age_s / _DAY_S:.0f} days ago"
