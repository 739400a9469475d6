"""Whoever works at the command line, as the logs are told of them: the operating system's user."""

import getpass
import os

from immutable.log.system_events import Responsible


def operator() -> Responsible:
    """The user of the operating system who runs this command."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = f"uid {os.getuid()}"
    return Responsible("command line", "operator", name)
