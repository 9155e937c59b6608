"""The tables. A change here needs a new file in ``migrations/versions``."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

# every constraint has a name, so that a later migration can drop it
_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {list[str]: JSON, list[float]: JSON}  # noqa: RUF012


class PersonRow(Base):
    """A person; the only place of names.

    ``code_key`` is the code without case: folders of some systems know none.
    ``search_key`` is what a search looks through.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("mass_kg IS NULL OR mass_kg > 0", name="mass"),
        CheckConstraint("height_m IS NULL OR height_m > 0", name="height"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    code: Mapped[str] = mapped_column(String(40))
    code_key: Mapped[str] = mapped_column(String(40), unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    search_key: Mapped[str]
    birth_year: Mapped[int | None]
    mass_kg: Mapped[float | None]
    mass_on: Mapped[str] = mapped_column(String(10))
    height_m: Mapped[float | None]
    leg_length_m: Mapped[float | None]
    involved_side: Mapped[str] = mapped_column(String(5))
    affected_sensors: Mapped[list[str]]
    notes: Mapped[str] = mapped_column(Text)
    created: Mapped[str]
    sessions: Mapped[list[SessionRow]] = relationship(
        back_populates="person", order_by="SessionRow.date.desc()"
    )

    # two windows that change the same person: the second is told, nothing is lost
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SessionRow(Base):
    """A person on a day; what is known of it is in its folder as well.

    ``plan_mtime_ns`` tells whether ``session.toml`` has changed.
    """

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    date: Mapped[str] = mapped_column(String(10), index=True)
    folder: Mapped[str] = mapped_column(unique=True)
    started: Mapped[str]
    protocol: Mapped[str]
    speeds_mps: Mapped[list[float]]
    shoes: Mapped[str]
    pain_nrs: Mapped[int | None]
    mass_kg: Mapped[float | None]
    notes: Mapped[str] = mapped_column(Text)
    plan_mtime_ns: Mapped[int]
    person: Mapped[PersonRow] = relationship(back_populates="sessions")
    trials: Mapped[list[TrialRow]] = relationship(
        back_populates="session", order_by="TrialRow.file", cascade="all, delete-orphan"
    )


class TrialRow(Base):
    """A recording; ``mtime_ns`` and ``bytes`` tell whether the file has changed."""

    __tablename__ = "trial"
    __table_args__ = (UniqueConstraint("session_id", "file"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(
        ForeignKey("session.id", ondelete="CASCADE"), index=True
    )
    file: Mapped[str]
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    started: Mapped[str]
    duration_s: Mapped[float]
    bytes: Mapped[int]
    mtime_ns: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    findings: Mapped[list[str]]
    software: Mapped[str]
    session: Mapped[SessionRow] = relationship(back_populates="trials")


class ResultRow(Base):
    """One number of a trial; all of them can be worked out again from the files."""

    __tablename__ = "result"
    __table_args__ = (Index("ix_result_metric_side", "metric", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trial_id: Mapped[int] = mapped_column(
        ForeignKey("trial.id", ondelete="CASCADE"), index=True
    )
    metric: Mapped[str]
    side: Mapped[str] = mapped_column(String(5))
    unit: Mapped[str]
    value: Mapped[float]
    n: Mapped[int]
    source: Mapped[str]
    low_mps: Mapped[float | None]
    high_mps: Mapped[float | None]
    grade: Mapped[str]
