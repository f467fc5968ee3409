//! The hits, drawn: a panel for each number of tokens, a bar for each contestant, the floor as a
//! line. Colours of middle lightness, so that it can be read on white and on dark.

use std::fmt::{self, Write};

use crate::contestant::Part;
use crate::envoy::{self, Requests};
use crate::hit::{Hits, Set};
use crate::jsonwebtoken;
use crate::report::grouped;

/// All panels as one picture.
pub fn svg(hits: &Hits, envoy: Option<&Requests>) -> String {
    let panels = hits.sets.iter().map(|set| Panel::new(set, envoy)).collect::<Vec<_>>();
    let mut picture = String::new();
    // Writing to a string cannot fail.
    let _ = write_picture(&mut picture, &panels);
    picture
}

/// One number of tokens.
struct Panel {
    tokens: usize,
    floor_ns: Option<f64>,
    bars: Vec<Bar>,
}

struct Bar {
    name: &'static str,
    ns: f64,
    kind: Kind,
}

/// How a bar is drawn.
#[derive(Clone, Copy)]
enum Kind {
    Ours,
    Peer,
    /// Measured in another way.
    Else,
}

impl Panel {
    fn new(set: &Set, envoy: Option<&Requests>) -> Self {
        let bars = set.contestants.iter().filter_map(|row| {
            let kind = match row.part {
                Part::Floor => return None,
                Part::Tollgate => Kind::Ours,
                Part::Peer(_) => Kind::Peer,
            };
            Some(Bar { name: row.name, ns: row.ns, kind })
        });
        let envoy = envoy.filter(|_| set.tokens == envoy::TOKENS);
        let envoy = envoy.map(|requests| requests.added_cpu_ns as f64);
        // On a logarithmic scale there is no place for nothing.
        let envoy = envoy.filter(|ns| *ns >= 1.0);
        let envoy = envoy.map(|ns| Bar { name: "Envoy jwt_authn *", ns, kind: Kind::Else });
        let mut bars = bars.chain(envoy).collect::<Vec<_>>();
        // The only one that remembers nothing stands last.
        bars.sort_by_key(|bar| bar.name == jsonwebtoken::NAME);
        Self { tokens: set.tokens, floor_ns: set.ns(Part::Floor), bars }
    }

    fn height(&self) -> f64 {
        PANEL_TOP + ROW * self.bars.len() as f64 + PANEL_BOTTOM
    }
}

fn write_picture(out: &mut String, panels: &[Panel]) -> fmt::Result {
    let scale = Scale::over(panels);
    let height = HEAD + panels.iter().map(Panel::height).sum::<f64>() + FOOT;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">"#
    )?;
    writeln!(out, r#"<title id="title">{TITLE}</title>"#)?;
    writeln!(out, r#"<desc id="desc">{}</desc>"#, description(panels))?;
    writeln!(out, "<style>{STYLE}</style>")?;
    writeln!(out, r#"<text class="title" x="{EDGE}" y="30">{TITLE}</text>"#)?;
    for (at, line) in SUBTITLE.iter().enumerate() {
        writeln!(out, r#"<text x="{EDGE}" y="{}">{line}</text>"#, 52 + 19 * at)?;
    }
    let mut top = HEAD;
    for panel in panels {
        write_panel(out, panel, &scale, top)?;
        top += panel.height();
    }
    for (decade, label) in scale.decades() {
        writeln!(out, r#"<text class="tick" x="{decade:.1}" y="{:.1}">{label}</text>"#, top + 4.0)?;
    }
    if panels.iter().any(|panel| panel.bars.iter().any(|bar| matches!(bar.kind, Kind::Else))) {
        writeln!(out, r#"<text class="note" x="{EDGE}" y="{:.1}">{ENVOY}</text>"#, top + 32.0)?;
    }
    writeln!(out, "</svg>")
}

fn write_panel(out: &mut String, panel: &Panel, scale: &Scale, top: f64) -> fmt::Result {
    let (first, last) = (top + PANEL_TOP, top + panel.height() - PANEL_BOTTOM);
    let tokens = grouped(panel.tokens as f64);
    let plural = if panel.tokens == 1 { "" } else { "s" };
    writeln!(out, r#"<text class="panel" x="{EDGE}" y="{:.1}">"#, first - 12.0)?;
    writeln!(out, "{tokens} token{plural} seen</text>")?;
    for (decade, _) in scale.decades() {
        line(out, "grid", decade, first - 4.0, last + 4.0)?;
    }
    for (row, bar) in panel.bars.iter().enumerate() {
        let middle = first + ROW * (row as f64 + 0.5);
        let class = bar.kind.class();
        let end = scale.x(bar.ns);
        writeln!(
            out,
            r#"<text class="name {class}" x="{:.1}" y="{:.1}">{}</text>"#,
            LEFT - 10.0,
            middle + 4.0,
            bar.name
        )?;
        writeln!(
            out,
            r#"<rect class="bar {class}" x="{LEFT}" y="{:.1}" width="{:.1}" height="{BAR}" rx="2"/>"#,
            middle - BAR / 2.0,
            end - LEFT
        )?;
        writeln!(
            out,
            r#"<text class="value {class}" x="{:.1}" y="{:.1}">{}</text>"#,
            end + 7.0,
            middle + 4.0,
            readable(bar.ns)
        )?;
    }
    if let Some(floor) = panel.floor_ns {
        let x = scale.x(floor);
        line(out, "floor", x, first - 6.0, last + 4.0)?;
        writeln!(
            out,
            r#"<text class="floor-label" x="{x:.1}" y="{:.1}">floor {}</text>"#,
            first - 11.0,
            readable(floor)
        )?;
    }
    Ok(())
}

fn line(out: &mut String, class: &str, x: f64, from: f64, to: f64) -> fmt::Result {
    writeln!(out, r#"<line class="{class}" x1="{x:.1}" y1="{from:.1}" x2="{x:.1}" y2="{to:.1}"/>"#)
}

/// For those who do not see it.
fn description(panels: &[Panel]) -> String {
    let mut all = Vec::new();
    for panel in panels {
        let bars = panel.bars.iter().map(|bar| format!("{} {}", bar.name, readable(bar.ns)));
        let floor = panel.floor_ns.map(|ns| format!("floor {}", readable(ns)));
        let values = floor.into_iter().chain(bars).collect::<Vec<_>>().join(", ");
        all.push(format!("{} seen: {values}.", grouped(panel.tokens as f64)));
    }
    all.join(" ")
}

/// From a power of ten to another, both beyond what is drawn.
struct Scale {
    low: i32,
    high: i32,
}

impl Scale {
    fn over(panels: &[Panel]) -> Self {
        let bars = panels.iter().flat_map(|panel| &panel.bars).map(|bar| bar.ns);
        let all = bars.chain(panels.iter().filter_map(|panel| panel.floor_ns));
        let (least, most) =
            all.fold((100.0_f64, 1_000.0_f64), |(least, most), ns| (least.min(ns), most.max(ns)));
        Self { low: least.log10().floor() as i32, high: most.log10().ceil() as i32 }
    }

    fn x(&self, ns: f64) -> f64 {
        let decades = f64::from(self.high - self.low);
        LEFT + (RIGHT - LEFT) * (ns.log10() - f64::from(self.low)) / decades
    }

    fn decades(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        let exponents = self.low..=self.high;
        exponents.map(|exponent| {
            let ns = 10_f64.powi(exponent);
            let label = if ns < 1e3 { format!("{ns} ns") } else { format!("{} µs", ns / 1e3) };
            (self.x(ns), label)
        })
    }
}

/// Three digits.
fn readable(ns: f64) -> String {
    let (number, unit) = if ns < 1e3 { (ns, "ns") } else { (ns / 1e3, "µs") };
    let digits = if number < 10.0 && ns >= 1e3 {
        2
    } else if number < 100.0 {
        1
    } else {
        0
    };
    format!("{number:.digits$} {unit}")
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Peer => "peer",
            Self::Else => "else",
        }
    }
}

const TITLE: &str = "What it costs to check a token that was seen before";

const SUBTITLE: [&str; 2] = [
    "Time of one check, median, on a logarithmic scale: shorter is better.",
    "Floor: comparing the bytes, and nothing else. jsonwebtoken has no cache.",
];

const ENVOY: &str = "* processor time that the filter, its cache on, adds to a request.";

const STYLE: &str = "
text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#76808c}
.title{font-size:19px;font-weight:600}
.panel{font-size:14px;font-weight:600}
.tick,.floor-label{font-size:11.5px;text-anchor:middle}
.note{font-size:11.5px}
.name{text-anchor:end}
.value{font-variant-numeric:tabular-nums}
.floor-label{fill:#d1603d}
text.ours{fill:#148f8b;font-weight:600}
.grid{stroke:#8b949e;stroke-opacity:.28}
.floor{stroke:#d1603d;stroke-width:1.5;stroke-dasharray:4 3}
.bar.ours{fill:#14a09b}
.bar.peer{fill:#8b98a9;fill-opacity:.75}
.bar.else{fill:#8b98a9;fill-opacity:.18;stroke:#8b98a9;stroke-dasharray:3 2}
";

/// All in units of the picture.
const WIDTH: f64 = 820.0;
const EDGE: f64 = 24.0;
/// Where the bars begin, and the end of the scale, right of which a value has room.
const LEFT: f64 = 168.0;
const RIGHT: f64 = 740.0;
const HEAD: f64 = 84.0;
const FOOT: f64 = 48.0;
const PANEL_TOP: f64 = 42.0;
const PANEL_BOTTOM: f64 = 14.0;
const ROW: f64 = 23.0;
const BAR: f64 = 15.0;
