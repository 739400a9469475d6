"""A command's docstring as its --help shows it."""

from rich.markup import escape


def help_text(docstring: str) -> str:
    r"""A docstring in rich markup: prose on one line each, to be wrapped again; a paragraph that begins with \b as it is.

    typer's rich help keeps every line break and does not know \b, which plain click help has for this.
    """
    paragraphs = []
    for paragraph in docstring.split("\n\n"):
        text = escape(paragraph)
        if text.startswith("\b\n"):
            title, _, lines = text.removeprefix("\b\n").partition("\n")
            paragraphs.append(f"[bold not dim]{title}[/]\n[not dim]{lines}[/]")
        else:
            paragraphs.append(" ".join(text.split()))
    return "\n\n".join(paragraphs)
