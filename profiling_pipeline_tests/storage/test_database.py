import threading

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from profiling_pipeline.errors import ConfigurationError, ConflictError, DatabaseSchemaError, DatabaseUnavailableError
from profiling_pipeline.storage.database import Database, read_url
from profiling_pipeline.storage.models import UserRow
from profiling_pipeline_tests.builders import a_tester


def test_a_session_is_one_transaction(database: Database) -> None:
    with database.session() as session:
        kept = a_tester(session)
    with pytest.raises(IntegrityError), database.session() as session:
        session.add_all([UserRow(first_name="A", last_name="B", email=kept.email, role="Tester", hashed_password="")])
    with database.session() as session:
        assert session.scalars(select(UserRow.user_id)).all() == [kept.user_id]


def test_rows_can_be_read_after_their_session(database: Database) -> None:
    with database.session() as session:
        user = a_tester(session, first_name="Ada", last_name="Byron")
    assert user.full_name == "Ada Byron"
    assert user.created_at is not None


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://reader:s3cret@127.0.0.1:1/loans", "'loans' at 127.0.0.1:1 "),
        ("postgresql://reader:s3cret@nowhere.invalid/loans", "'loans' at nowhere.invalid:5432 "),
        ("postgresql://reader:s3cret@/loans?host=/no/such/folder", "'loans' at /no/such/folder:5432 "),
    ],
)
def test_a_server_that_does_not_answer_is_named_without_the_password(url: str, place: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailableError, match="does not answer") as caught, database.session() as session:
        session.execute(text("SELECT 1"))
    assert place in str(caught.value)
    assert "PROFILING_DATABASE_URL" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_missing_right_is_explained_without_the_values(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE ROLE app LOGIN"))
        connection.execute(text("GRANT SELECT, INSERT ON users TO app"))
    app = Database(database.url.set(username="app").render_as_string(hide_password=False))
    refused = pytest.raises(DatabaseSchemaError, match=r"user 'app'.*sequence users_user_id_seq.*operations\.md")
    with refused as caught, app.session() as session:
        a_tester(session, last_name="Secret")
    app.close()
    with database.engine.begin() as connection:
        connection.execute(text("DROP OWNED BY app"))
        connection.execute(text("DROP ROLE app"))
    assert "Secret" not in f"{caught.value} {caught.value.__cause__}"


def test_a_missing_database_is_named(database: Database) -> None:
    other = Database(database.url.set(database="no_such_one").render_as_string(hide_password=False))
    with (
        pytest.raises(DatabaseUnavailableError, match='database "no_such_one" does not exist'),
        other.session() as session,
    ):
        session.execute(text("SELECT 1"))


def test_a_connection_lost_in_a_transaction_is_explained_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(DatabaseUnavailableError, match="terminating connection"), database.session() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with database.session() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_deadlock_is_a_conflict(database: Database) -> None:
    with database.session() as session:
        users = [a_tester(session).user_id for _ in range(2)]
    both_hold_one = threading.Barrier(2)
    outcomes: list[str] = []

    def change(first: int, second: int) -> None:
        try:
            with database.session() as session:
                session.execute(update(UserRow).where(UserRow.user_id == first).values(last_name="x"))
                both_hold_one.wait()
                session.execute(update(UserRow).where(UserRow.user_id == second).values(last_name="x"))
            outcomes.append("done")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=change, args=order) for order in (users, users[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+psycopg2://u:p@h/d", " postgresql+asyncpg://u:p@h/d\n"],
)
def test_any_spelling_of_a_url_uses_the_one_driver(url: str) -> None:
    assert read_url(url).render_as_string(hide_password=False) == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:s3cret@h/d", "names mysql; only PostgreSQL"),
        ("s3cret", "cannot be read"),
        ("postgresql://u:s3cret@h:port/d", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_what_is_no_postgresql_url_is_refused_without_showing_it(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_url(url)
    assert "s3cret" not in str(caught.value)


def test_the_schema_is_the_search_path_beside_other_options(database: Database) -> None:
    url = database.url.update_query_dict({"options": "-cstatement_timeout=12345"})
    other = Database(url.render_as_string(hide_password=False), schema="other")
    with other.session() as session:
        assert session.scalar(text("SHOW search_path")) == "other"
        assert session.scalar(text("SHOW statement_timeout")) == "12345ms"
        assert session.scalar(select(func.current_schema())) is None
    other.close()
