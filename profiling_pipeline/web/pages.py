"""Rendering: one template environment, in which everything is escaped, and how values are shown."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from profiling_pipeline.plurals import agreeing, counted
from profiling_pipeline.results.json_values import json_value
from profiling_pipeline.web.charts import line_chart
from profiling_pipeline.web.session import current_settings, form_token

_NOTICE = "notice"
_WORDS = {
    "pending_approval": "waiting for approval",
    "request_changes": "changes requested",
    "approve": "approved",
    "reject": "rejected",
    "file_upload": "file",
    "database_source": "database table",
}


def render(request: Request, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HTMLResponse:
    """Return a page; every template also has the user, the form token and a notice about what was just done."""
    session = request.scope.get("session", {})
    context |= {
        "user": getattr(request.state, "user", None),
        "token": form_token(request) if "session" in request.scope else "",
        "notice": session.pop(_NOTICE, None) if _NOTICE in session else None,
        "dagster_url": current_settings(request).dagster_url.rstrip("/"),
    }
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(context), status_code=status)


def notify(request: Request, notice: str) -> None:
    """Show a short notice on the next page."""
    request.session[_NOTICE] = notice


def utc(moment: datetime | None) -> Markup:
    """Return a time in UTC, readable by people and machines."""
    if moment is None:
        return Markup("–")
    there = moment.astimezone(UTC)
    exact, shown = there.isoformat(timespec="seconds"), f"{there:%Y-%m-%d %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(exact, shown)


def number(value: int | Decimal | float | None) -> str:
    """Return a number with separated thousands."""
    return "–" if value is None else f"{value:,}"


def percent(value: Decimal | None) -> str:
    """Return a percentage with two decimals."""
    return "–" if value is None else f"{value:.2f} %"


def words(value: str | None) -> str:
    """Return a stored word as people say it."""
    return "–" if value is None else _WORDS.get(value, value.replace("_", " "))


def shown(value: Any) -> str:
    """Return a value of the data as it is, anything but plain text as JSON."""
    if value is None:
        return "(null)"
    return value if isinstance(value, str) else json.dumps(json_value(value), ensure_ascii=False)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("profiling_pipeline.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "utc": utc,
        "number": number,
        "counted": counted,
        "agreeing": agreeing,
        "percent": percent,
        "words": words,
        "shown": shown,
        "segment": lambda text: quote(str(text), safe=""),
    }
    environment.globals |= {"line_chart": line_chart}
    return environment


_ENVIRONMENT = _environment()
