"""A browser without scripts: opens pages, and presses buttons of the forms that stand in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient


@dataclass
class Form:
    """A form of a page, filled in as the page has it; `buttons` are what each label adds to its fields."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._attributes: dict[str, str | None] = {}  # of the innermost textarea, option or button
        self._text = ""
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(Form(given["method"] or "", given["action"] or ""))
        elif tag == "input":
            self.forms[-1].fields[given["name"] or ""] = given.get("value") or ""
        elif tag == "select":
            self._select = given["name"] or ""
        elif tag in {"textarea", "option", "button"}:
            self._attributes, self._text = given, ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        given, text = self._attributes, self._text
        if tag == "textarea":
            self.forms[-1].fields[given["name"] or ""] = text.removeprefix("\n")
        elif tag == "option" and ("selected" in given or self._select not in self.forms[-1].fields):
            self.forms[-1].fields[self._select] = given["value"] or "" if "value" in given else text
        elif tag == "button" and "disabled" not in given:
            own = {given["name"] or "": given["value"] or ""} if "name" in given else {}
            self.forms[-1].buttons[text.strip()] = own


class Browser:
    """One person's browser; `page` is the answer that it shows."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page: Any = None

    def open(self, path: str) -> str:
        """Show a page, and return its text."""
        self.page = self.client.get(path)
        return str(self.page.text)

    def sign_in(self, email: str, password: str) -> str:
        """Sign in on the page for it."""
        self.open("/sign-in")
        return self.press("Sign in", email=email, password=password)

    def labels(self) -> set[str]:
        """Return what can be pressed on the page."""
        return {label for form in _Forms(self.page.text).forms for label in form.buttons}

    def form(self, label: str, on: str = "") -> Form:
        """Return the first form with this button whose address contains `on`."""
        forms = [form for form in _Forms(self.page.text).forms if label in form.buttons and on in form.action]
        assert forms, f"no button '{label}' on '{on}' among {sorted(self.labels())}"
        return forms[0]

    def press(self, label: str, *, on: str = "", **filled_in: str) -> str:
        """Press a button with fields of its form filled in, and return the next page."""
        form = self.form(label, on)
        assert filled_in.keys() <= form.fields.keys(), f"the form has only {sorted(form.fields)}"
        self.page = self.client.request(form.method, form.action, data=form.fields | form.buttons[label] | filled_in)
        return str(self.page.text)
