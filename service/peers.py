"""Who gets into the PostgreSQL that comes along: who is known to the machine itself, without any
password. The kernel says which account is at the other end of a socket (`peer`)."""

import os
from pathlib import Path
from pwd import getpwuid, struct_passwd

MAP = "stemlokaal"
RULES = f"local all postgres peer map={MAP}\n"


def written(home: Path, account: struct_passwd | None) -> dict[str, str]:
    """PostgreSQL's own rules of who gets in, written anew at every start; returns its settings.

    So a cluster of an older version, whose rules ask for a password, follows these too.
    """
    files = {
        "hba_file": (home / "pg_hba.conf", RULES),
        "ident_file": (home / "pg_ident.conf", known(account)),
    }
    for file, content in files.values():
        file.unlink(missing_ok=True)
        file.touch(0o600)
        file.write_text(content)
        if account:
            os.chown(file, account.pw_uid, account.pw_gid)
    return {setting: str(file) for setting, (file, _) in files.items()}


def known(account: struct_passwd | None) -> str:
    """Whoever runs the service, and those who read every file of the cluster anyway: the account
    of the server, and root, who looks after the machine with the commands of the help."""
    numbers = {os.geteuid(), 0, *([account.pw_uid] if account else [])}
    names = sorted(getpwuid(number).pw_name for number in numbers)
    return "".join(f'{MAP} "{name}" postgres\n' for name in names)
