"""A file of cases: its configurations, and what each case expects."""

import re
from pathlib import Path

from .sample import ENDS, NOW, USER_ID

TABLE = Path(__file__).parents[3] / "src" / "reason" / "table.rs"
ROW = re.compile(r'^    (\d{4}) \w+ "(\w+)"$', re.MULTILINE)
CODES = {name: int(code) for code, name in ROW.findall(TABLE.read_text())}
CLASSES = ["malformed", "untrusted", "untimely", "unsuitable", "withdrawn", "undecidable"]

# Two words at least: the first tells what it is about.
NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


class Theme:
    def __init__(self, name, about):
        self.name, self.about = name, about
        self.configs, self.cases = {}, []

    def config(self, name, *sections, files, file_age_s=None, principal=USER_ID):
        """A configuration, from sections that `sample` makes; gives whom to ask under it.
        `principal` is whom most of its admitted tokens are of."""
        if name in self.configs:
            raise ValueError(f"{self.name}: two configurations are called {name}")
        self.configs[name] = {"toml": "\n".join(sections), "files": files}
        if file_age_s:
            self.configs[name]["file_age_s"] = file_age_s
        return Gate(self, name, principal, {"endpoint": "gate", "scenario": "device"})

    def document(self):
        used = {case["config"] for case in self.cases}
        if idle := set(self.configs) - used:
            raise ValueError(f"{self.name}: no case uses {', '.join(sorted(idle))}")
        return {"about": self.about, "configs": self.configs, "cases": self.cases}


class Gate:
    """A configuration and an ask; what is presented to it becomes a case."""

    def __init__(self, theme, config, principal, ask):
        self.theme, self.config, self.principal, self.ask = theme, config, principal, ask

    def at(self, **ask):
        """The same configuration, asked otherwise: endpoint, scenario, windows."""
        return Gate(self.theme, self.config, self.principal, self.ask | ask)

    def admit(self, name, why, token, principal=None, expires_at=ENDS, now=NOW):
        expect = {"verdict": "admit", "principal": principal or self.principal}
        self._case(name, why, token, now, {**expect, "expires_at": expires_at})

    def refuse(self, name, why, token, reason, now=NOW):
        code = CODES[reason]
        expect = {"verdict": "refuse", "class": CLASSES[code // 1000 - 1], "reason": reason}
        self._case(name, why, token, now, {**expect, "code": code})

    def judge(self, name, why, token, reason):
        """Refuses for the reason; admits where there is none."""
        if reason is None:
            self.admit(name, why, token)
        else:
            self.refuse(name, why, token, reason)

    def _case(self, name, why, token, now, expect):
        if not NAME.fullmatch(name) or not why or "\n" in why:
            raise ValueError(f"{name}: a name in snake_case, and why in one line")
        case = {"name": name, "why": why, "config": self.config, "ask": self.ask}
        self.theme.cases.append({**case, "now": now, "token": token, "expect": expect})
