"""What is logged of an unexpected error: its kind and where, never its words.

A database's error message repeats the row that it refused, and that row may be a child's.
"""

import logging
import traceback


def trouble(log: logging.Logger, what: str, error: BaseException) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    log.error("%s: %s in %s", what, type(error).__name__, where)
