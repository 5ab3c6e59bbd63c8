"""Files that others could read are made private at start."""

from pathlib import Path
from stat import S_IMODE

from shop.server.private_files import make_private


def mode(path: Path) -> int:
    return S_IMODE(path.stat().st_mode)


def test_the_folder_and_its_entries_lose_the_permissions_of_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "tuza.db").touch(0o644)
    (tmp_path / "uploads").mkdir(0o755)
    make_private(tmp_path)
    assert [mode(tmp_path), mode(tmp_path / "tuza.db"), mode(tmp_path / "uploads")] == [0o700, 0o600, 0o700]
