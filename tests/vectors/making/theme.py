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

    def config(self, name, *sections, files, file_age_s=None, principal=USER_ID, ends=ENDS):
        """A configuration, from sections that `sample` makes; gives whom to ask under it.
        `principal` is whom most of what it admits is of, and `ends` when that is over."""
        if name in self.configs:
            raise ValueError(f"{self.name}: two configurations are called {name}")
        self.configs[name] = {"toml": "\n".join(sections), "files": files}
        if file_age_s:
            self.configs[name]["file_age_s"] = file_age_s
        return Gate(self, name, principal, ends, {"endpoint": "gate", "scenario": "device"}, {})

    def document(self):
        used = {case["config"] for case in self.cases}
        if idle := set(self.configs) - used:
            raise ValueError(f"{self.name}: no case uses {', '.join(sorted(idle))}")
        return {"about": self.about, "configs": self.configs, "cases": self.cases}


class Gate:
    """A configuration and an ask; what is presented to it becomes a case."""

    def __init__(self, theme, config, principal, ends, ask, peer):
        self.theme, self.config, self.principal, self.ends = theme, config, principal, ends
        self.ask, self.peer = ask, peer

    def at(self, **ask):
        """The same configuration, asked otherwise: endpoint, scenario, windows."""
        return self._other(ask=self.ask | ask)

    def showing(self, *chain):
        """The same, by a TLS peer with this chain, leaf first: certificates, or PEM texts."""
        texts = (one if isinstance(one, str) else one.pem for one in chain)
        return self._other(peer={"cert": "".join(texts)})

    def passed(self, *headers, sender="unix"):
        """The same, with these headers, [name, value], from `sender`."""
        return self._other(peer={"headers": list(headers), "from": sender})

    def _other(self, ask=None, peer=None):
        ask = self.ask if ask is None else ask
        peer = self.peer if peer is None else peer
        return Gate(self.theme, self.config, self.principal, self.ends, ask, peer)

    def admit(self, name, why, token, principal=None, expires_at=None, now=NOW):
        expect = {"verdict": "admit", "principal": principal or self.principal}
        expect["expires_at"] = self.ends if expires_at is None else expires_at
        self._case(name, why, token, now, expect)

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
        case |= {"now": now, "token": token, **self.peer}
        self.theme.cases.append({**case, "expect": expect})
