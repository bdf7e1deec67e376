"""`profiling user`: the people who review, where no host application keeps them."""

from typing import Annotated

import typer

from profiling_pipeline.approval.lifecycle import Role
from profiling_pipeline.cli.context import open_current_database
from profiling_pipeline.cli.output import FormatOption, OutputFormat, print_json, print_table, say

app = typer.Typer(help="People: list, add.", no_args_is_help=True)


@app.command("list")
def list_users(output: FormatOption = OutputFormat.TABLE) -> None:
    """List the people who can act."""
    from profiling_pipeline.services import users

    found = users.list_users(open_current_database())
    if output is OutputFormat.JSON:
        print_json(found)
        return
    if not found:
        say("There is nobody yet. Add a tester and a report owner: profiling user add EMAIL --role Tester")
        return
    rows = [(str(u.user_id), u.name, u.email, u.role, u.is_active) for u in found]
    print_table(None, ["#Id", "Name", "E-mail", "Role", "Active"], rows)


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="E-mail address; it signs in with it.")],
    name: Annotated[str, typer.Option("--name", prompt=True, help="First and last name.")],
    role: Annotated[Role, typer.Option("--role", prompt=True, help="What the person may do.")],
    password: Annotated[str, typer.Option("--password", prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Add a person who can sign in to the review app."""
    from profiling_pipeline.services import users

    user = users.add_user(open_current_database(), email=email, name=name, role=role, password=password)
    say(f"Added {user.name} ({user.role}) as user {user.user_id}.")
