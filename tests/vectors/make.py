"""Writes the vectors of this folder, the same bytes each time; see README.md.

python3 tests/vectors/make.py            write every file
python3 tests/vectors/make.py --check    change nothing; exit 1 where a file would change
"""

import json
import sys
from pathlib import Path

# A source tree stays as it is.
sys.dont_write_bytecode = True

from themes import ALL

FOLDER = Path(__file__).parent


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    files = {f"{theme.name}.json": theme.document() for theme in ALL}
    names = [case["name"] for document in files.values() for case in document["cases"]]
    if twice := {name for name in names if names.count(name) > 1}:
        sys.exit(f"two cases have the same name: {', '.join(sorted(twice))}")

    stale = []
    for name, document in files.items():
        path = FOLDER / name
        written = (json.dumps(document, indent=1) + "\n").encode()
        if not path.exists() or path.read_bytes() != written:
            stale.append(name)
            if not arguments:
                path.write_bytes(written)
        print(f"{len(document['cases']):4}  {name}")
    print(f"{len(names):4}  cases; changed: {', '.join(stale) or 'nothing'}")

    strays = {path.name for path in FOLDER.glob("*.json")} - set(files) - {"keys.json"}
    if strays:
        sys.exit(f"nothing here writes {', '.join(sorted(strays))}")
    if arguments and stale:
        sys.exit(1)


main(sys.argv[1:])
