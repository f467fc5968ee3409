#!/usr/bin/env python3
"""Reads metrics as Prometheus does, twice: README.md describes the protocol.

The parser of the text format 0.0.4 forgives much. OpenMetrics' does not (families that come twice or
mixed up, samples that come twice, counters without `_total`, labels and escapes that are none), so
the same text is put into that format and has to say the same.
"""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_strictly
from prometheus_client.parser import text_string_to_metric_families as read


def as_openmetrics(text):
    """The same in OpenMetrics: a counter's family is named without `_total`, and there is an end."""
    counters = [line.split(" ")[2] for line in text.splitlines()
                if line.startswith("# TYPE ") and line.endswith(" counter")]
    lines = []
    for line in text.splitlines(keepends=True):
        words = line.split(" ", 3)
        if words[:1] == ["#"] and words[2] in counters:
            if not words[2].endswith("_total"):
                raise ValueError("a counter without _total: " + words[2])
            words[2] = words[2].removesuffix("_total")
            line = " ".join(words)
        lines.append(line)
    return "".join(lines) + "# EOF\n"


def told(families):
    return [
        {
            "name": family.name,
            "type": family.type,
            "help": family.documentation,
            "samples": [
                {"name": sample.name, "labels": dict(sample.labels), "value": sample.value}
                for sample in family.samples
            ],
        }
        for family in families
    ]


def main():
    text = sys.stdin.buffer.read().decode("utf-8")
    families = told(read(text))
    strictly = told(read_strictly(as_openmetrics(text)))
    if families != strictly:
        raise ValueError(f"the two formats say different things:\n{families}\n{strictly}")
    json.dump(families, sys.stdout)


if __name__ == "__main__":
    main()
