"""How alembic runs the steps: on the connection it is given, all of them or none."""

from alembic import context

from lablive.library.models import Base

# batch: SQLite changes a table by making it anew
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
