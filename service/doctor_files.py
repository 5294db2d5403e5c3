"""Of the files: the secret, the keys and the room on the disks. It reads no private key."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from stat import S_IMODE
from uuid import UUID

from service import pepper_file
from service.findings import Finding, broken, look, well
from service.sealing import PEPPER_BYTES
from service.settings import Settings, WrongSetting
from service.storage.examining import PublicKey

PEPPER, KEYS, OPEN, STRAY, DISK = "Pepper", "Keys", "Open rounds", "Stray keys", "Disk"
FILES = "Files"
IDENTITY = "keeper"  # the file in each folder that tells whose it is
PLENTY, LITTLE = 1024**3, 100 * 1024**2  # bytes


def examined(settings: Settings, mark: bytes | None, known: Sequence[PublicKey]) -> list[Finding]:
    """An own PostgreSQL may serve several machines, and has its disk elsewhere."""
    own = settings.database is not None
    folders = [*([] if own else [settings.data]), *settings.keys, settings.pepper.parent]
    try:
        return [
            pepper(settings.pepper, mark),
            *keys(settings.keys, known, several_machines=own),
            *room(folders),
        ]
    except PermissionError as error:
        return [closed_to_us(error)]


def closed_to_us(error: PermissionError) -> Finding:
    said = f"{error.filename} is closed to whoever runs this"
    return broken(FILES, said, "run this as root, or as the user of the service")


def pepper(file: Path, mark: bytes | None) -> Finding:
    """`mark` is that of the pepper that the database was used with."""
    if not file.exists():
        if mark is None:
            return look(PEPPER, f"{file} is not there yet", "stemlokaal serve makes it")
        return broken(
            PEPPER,
            f"{file} is not there, and the database was used with one",
            "put it back from where you keep it; without it no code and no open round works",
        )
    try:
        found = pepper_file.read(file)
    except WrongSetting:
        return broken(
            PEPPER, f"{file} does not hold {PEPPER_BYTES} bytes", "put the right one back"
        )
    if found.former and found.former.mark() == mark:
        return broken(PEPPER, "replacing it was broken off", "stemlokaal pepper replace")
    if mark is not None and found.mark() != mark:
        return broken(PEPPER, f"{file} is not the one of this database", "put the right one back")
    if loose(file):
        return look(PEPPER, f"others may read {file}", f"chmod 600 {file}")
    if found.former:
        return well(PEPPER, f"{file} is the one of this database; rounds keep to the former one")
    return well(PEPPER, f"{file} is the one of this database" if mark else f"{file} is there")


def keys(
    folders: Sequence[Path], known: Sequence[PublicKey], *, several_machines: bool
) -> list[Finding]:
    """`known` are those that the database knows the other half of."""
    own = identity(folders)
    if known and own is None:
        if several_machines:
            to_do = "right where pages run and no keeper; elsewhere mount the disk that they are on"
            return [look(KEYS, f"none of {len(known)} is here", to_do)]
        return [broken(KEYS, f"none of {len(known)} is here", "mount the disk that they are on")]
    if missing := [folder for folder in folders if not folder.is_dir()]:
        said = f"{' and '.join(map(str, missing))} is not there"
        if known:
            return [broken(KEYS, said, "mount the disk that it is on")]
        return [look(KEYS, f"{said} yet", "stemlokaal serve makes it")]
    here = {folder: {file.stem for file in folder.glob("*.key")} for folder in folders}
    mine = [each for each in known if each.keeper in (None, own)]
    return [kept(folders, here, mine), opened(here, mine), *strays(here, known)]


def kept(folders: Sequence[Path], here: dict[Path, set[str]], mine: Sequence[PublicKey]) -> Finding:
    files = [folder / f"{stem}.key" for folder in folders for stem in here[folder]]
    if open_to_others := [path for path in (*folders, *files) if loose(path)]:
        to_do = f"chmod -R go-rwx {' '.join(map(str, folders))}"
        return look(KEYS, f"others may read {open_to_others[0]}", to_do)
    if len(folders) > 1 and len({folder.stat().st_dev for folder in folders}) == 1:
        return look(KEYS, "both folders are on the same disk", "put one on another disk")
    in_all = set.intersection(*here.values())
    alone = sum(1 for each in mine if each.public_key.hex() not in in_all and of_any(here, each))
    if alone:
        to_do = "copy what the other folder has and this one has not, with mode 600"
        return look(KEYS, f"{alone} of {len(mine)} are on one of the disks only", to_do)
    where = " and ".join(map(str, folders))
    return well(KEYS, f"{len(mine)} in {where}, for their owner's eyes")


def opened(here: dict[Path, set[str]], mine: Sequence[PublicKey]) -> Finding:
    lost = [each for each in mine if not of_any(here, each)]
    rounds = [each for each in lost if each.of_round]
    if rounds:
        to_do = "mount the disk with the keys; if it is lost, these answers are lost too"
        return broken(OPEN, f"{len(rounds)} have no key here and cannot be counted", to_do)
    if lost:
        to_do = "mount the disk with the keys before a round is opened with one of them"
        return broken(OPEN, f"{len(lost)} keys in stock are not here", to_do)
    return well(OPEN, f"each of {sum(each.of_round for each in mine)} has its key")


def strays(here: dict[Path, set[str]], known: Sequence[PublicKey]) -> list[Finding]:
    found = set.union(*here.values()) - {each.public_key.hex() for each in known}
    if not found:
        return []
    to_do = (
        "after a restore this is right: the service destroys those older than a day at its start"
    )
    return [look(STRAY, f"{len(found)} that no round and no stock knows", to_do)]


def room(folders: Sequence[Path]) -> list[Finding]:
    """Of each disk once."""
    disks = {folder.stat().st_dev: folder for folder in map(first_there, folders)}
    return [of_disk(folder) for folder in disks.values()]


def of_disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1024**3:.1f} GB are free where {folder} is"
    if free < LITTLE:
        return broken(DISK, said, "make room now: on a full disk no answer can be taken")
    if free < PLENTY:
        return look(DISK, said, "make room, or move it to a larger disk")
    return well(DISK, said)


def first_there(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def loose(path: Path) -> bool:
    return bool(S_IMODE(path.stat().st_mode) & 0o077)


def of_any(here: dict[Path, set[str]], key: PublicKey) -> bool:
    return any(key.public_key.hex() in stems for stems in here.values())


def identity(folders: Sequence[Path]) -> UUID | None:
    """Whose keys lie here; None where no keeper has been at work yet."""
    names = [folder / IDENTITY for folder in folders]
    return next((UUID(path.read_text()) for path in names if path.exists()), None)
