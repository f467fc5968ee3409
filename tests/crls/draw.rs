//! Sets of lists, drawn at random: one kind of oddity each, over leaves that are good half of the time.

use super::made::{Ca, Certificate, List, entry, extension, id_ce, integer, name, seq, tlv};
use rcgen::KeyPair;

/// The second in which everything is judged.
pub(crate) const NOW: i64 = 1_790_000_000;
const DAY: i64 = 86_400;
const CAS: (i64, i64) = (NOW - 1000 * DAY, NOW + 3000 * DAY);

/// splitmix64.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// Who issues, and what they issued; the same for all sets.
pub(crate) struct House {
    pub(crate) root: Ca,
    pub(crate) issuing: Ca,
    lister: Ca,
    stranger: Ca,
    pub(crate) leaves: Vec<Leaf>,
}

/// A client's certificate.
pub(crate) struct Leaf {
    pub(crate) der: Vec<u8>,
    serial: Vec<u8>,
}

/// Which leaf a set is about.
const PLAIN: usize = 0;
const OTHER: usize = 1;
const POINTING: usize = 2;
const INDIRECT: usize = 3;
const NEGATIVE: usize = 4;
const LONG: usize = 5;
const HIGH: usize = 6;

impl House {
    pub(crate) fn new() -> Self {
        let root = Ca::new("Root", 1, None, CAS);
        let issuing = Ca::new("Issuing", 2, Some(&root), CAS);
        let lister = Ca::new("Lister", 3, Some(&root), CAS);
        let stranger = Ca::new("Issuing", 2, None, CAS);
        let points = |issuer: Option<&Ca>| {
            let uri = tlv(0xa0, &tlv(0xa0, &uri(1)));
            let issuer = issuer.map_or(Vec::new(), |ca| tlv(0xa2, &tlv(0xa4, &ca.name)));
            extension(&id_ce(31), false, &seq(&[&seq(&[&uri, &issuer])]))
        };
        let kinds: [(Vec<u8>, Option<Vec<u8>>); 7] = [
            (vec![0x12, 0x34], None),
            (vec![0x12, 0x35], None),
            (vec![0x12, 0x36], Some(points(None))),
            (vec![0x12, 0x37], Some(points(Some(&lister)))),
            (vec![0xff, 0x38], None),
            ([[0x5a; 20], [0x21; 20]].concat(), None),
            (vec![0x00, 0xff], None),
        ];
        let key = KeyPair::generate().unwrap();
        let leaves = kinds.into_iter().map(|(serial, points)| {
            let usage = extension(&id_ce(15), true, &[3, 2, 7, 0x80]);
            let extensions: Vec<_> = [Some(usage), points].into_iter().flatten().collect();
            let subject = name("pc7");
            let (issuer, serial_octets) = (&issuing.name, serial.as_slice());
            let extensions = extensions.as_slice();
            let certificate =
                Certificate { subject: &subject, issuer, serial: serial_octets, extensions };
            Leaf { der: certificate.issue(&key, &issuing.key, CAS), serial }
        });
        let leaves = leaves.collect();
        Self { root, issuing, lister, stranger, leaves }
    }

    /// CAs between leaves and root.
    pub(crate) fn between(&self) -> [&[u8]; 2] {
        [&self.issuing.der, &self.lister.der]
    }
}

fn uri(number: u8) -> Vec<u8> {
    tlv(0x86, format!("http://crl.contoso.com/{number}.crl").as_bytes())
}

/// A set: what is odd about it, whose certificates are judged, and the lists in their order.
pub(crate) struct Set {
    /// One of [`KINDS`], and the variant within.
    pub(crate) kind: &'static str,
    pub(crate) variant: &'static str,
    pub(crate) leaves: Vec<usize>,
    pub(crate) lists: Vec<Vec<u8>>,
}

/// What the sets differ in.
pub(crate) const KINDS: [&str; 8] =
    ["order", "numbers", "times", "scopes", "deltas", "reasons", "serials", "signers"];

const CURRENT: (i64, i64) = (NOW - 10 * DAY, NOW + 10 * DAY);

/// One draw.
pub(crate) fn draw(house: &House, rng: &mut Rng) -> Set {
    let kind = KINDS[rng.below(KINDS.len())];
    let mut set = Drawing {
        house,
        kind,
        variant: "",
        leaves: vec![PLAIN, OTHER],
        lists: vec![List::new(5, CURRENT).sign(&house.root.name, &house.root.key)],
        is_listed: rng.below(3) == 0,
        noise: (0..rng.below(4))
            .map(|_| entry(&integer(rng.number() >> 8)[2..], None, NOW))
            .collect(),
    };
    set.fill(rng);
    let Drawing { variant, leaves, mut lists, .. } = set;
    for at in (1..lists.len()).rev() {
        lists.swap(at, rng.below(at + 1));
    }
    Set { kind, variant, leaves, lists }
}

struct Drawing<'h> {
    house: &'h House,
    kind: &'static str,
    variant: &'static str,
    leaves: Vec<usize>,
    lists: Vec<Vec<u8>>,
    /// Whether the first leaf is revoked, where the kind leaves it open.
    is_listed: bool,
    noise: Vec<Vec<u8>>,
}

impl Drawing<'_> {
    fn serial(&self) -> &[u8] {
        &self.house.leaves[self.leaves[0]].serial
    }

    /// A list of this number that has noise, and the first leaf if it shall.
    fn list(&self, number: u64, revokes: bool) -> List {
        let mut list = List::new(number, CURRENT);
        list.entries.clone_from(&self.noise);
        if revokes {
            list = list.revoking(entry(self.serial(), Some(1), NOW - DAY));
        }
        list
    }

    fn add(&mut self, list: &List) {
        self.lists.push(list.sign(&self.house.issuing.name, &self.house.issuing.key));
    }

    fn fill(&mut self, rng: &mut Rng) {
        let variants: &[&'static str] = match self.kind {
            "order" => &["one", "old and new", "three", "twice the same"],
            "numbers" => &["large", "none", "critical", "same number, later", "version 1"],
            "times" => &[
                "over",
                "over beside an older",
                "later",
                "later beside",
                "no end",
                "revoked later",
            ],
            "scopes" => &[
                "point",
                "other point",
                "users",
                "cas",
                "whole for a point",
                "indirect",
                "indirect unasked",
            ],
            "deltas" => &[
                "adds",
                "empty",
                "takes off hold",
                "over",
                "alone",
                "for a newer base",
                "older than the base",
            ],
            "reasons" => &[
                "key only",
                "both halves",
                "hold",
                "removed in a full list",
                "unknown critical",
                "unknown critical entry",
            ],
            "serials" => &["negative", "long", "high bit", "zeros", "of the other issuer"],
            _ => &[
                "forged",
                "forged beside",
                "namesake",
                "no list",
                "no list of the root",
                "ca revoked",
            ],
        };
        self.variant = variants[rng.below(variants.len())];
        let listed = self.is_listed;
        match (self.kind, self.variant) {
            ("order", variant) => self.fill_order(variant, rng),
            ("numbers", variant) => self.fill_numbers(variant, rng),
            ("times", variant) => self.fill_times(variant),
            ("scopes", variant) => self.fill_scopes(variant),
            ("deltas", variant) => self.fill_deltas(variant),
            ("reasons", variant) => self.fill_reasons(variant),
            ("serials", variant) => self.fill_serials(variant),
            (_, "forged") => {
                let forged = self.list(5, listed);
                self.lists.push(forged.sign(&self.house.issuing.name, &self.house.stranger.key));
            }
            (_, "forged beside") => {
                let (forged, good) = (self.list(9, !listed), self.list(5, listed));
                self.lists.push(forged.sign(&self.house.issuing.name, &self.house.stranger.key));
                self.add(&good);
            }
            (_, "namesake") => {
                let list = self.list(5, listed);
                self.lists.push(list.sign(&self.house.stranger.name, &self.house.stranger.key));
            }
            (_, "no list") => {}
            (_, "no list of the root") => {
                self.lists.clear();
                self.add(&self.list(5, listed));
            }
            _ => {
                let revoking = List::new(6, CURRENT).revoking(entry(&[2], Some(2), NOW - DAY));
                self.lists = vec![revoking.sign(&self.house.root.name, &self.house.root.key)];
                self.add(&self.list(5, listed));
            }
        }
    }

    /// Later lists have later times, as CAs have it.
    fn fill_order(&mut self, variant: &str, rng: &mut Rng) {
        let count = match variant {
            "one" => 1,
            "old and new" | "twice the same" => 2,
            _ => 3,
        };
        for at in 0..count {
            let revokes = if at + 1 == count { self.is_listed } else { rng.flip() };
            let mut list = self.list(5 + at, revokes);
            list.window.0 += i64::try_from(at).unwrap() * DAY;
            self.add(&list);
            if variant == "twice the same" {
                self.add(&list);
                break;
            }
        }
    }

    fn fill_numbers(&mut self, variant: &str, rng: &mut Rng) {
        let mut list = self.list(5, self.is_listed);
        match variant {
            "large" => list.number = Some((rng.number() | 1 << 63, false)),
            "none" => list.number = None,
            "critical" => list.number = Some((5, true)),
            "same number, later" => {
                self.add(&self.list(5, rng.flip()));
                list.window.0 += DAY;
            }
            _ => list.version = 1,
        }
        self.add(&list);
    }

    fn fill_times(&mut self, variant: &str) {
        let listed = self.is_listed;
        let mut list = self.list(5, listed);
        match variant {
            "over" => list.window = (NOW - 10 * DAY, Some(NOW - 1)),
            "over beside an older" => {
                self.add(&self.list(4, false));
                list.window = (NOW - 9 * DAY, Some(NOW - 1));
            }
            "later" => list.window.0 = NOW + DAY,
            "later beside" => {
                let mut later = self.list(6, !listed);
                later.window.0 = NOW + DAY;
                self.add(&later);
            }
            "no end" => list.window.1 = None,
            _ => list = self.list(5, false).revoking(entry(self.serial(), None, NOW + DAY)),
        }
        self.add(&list);
    }

    fn fill_scopes(&mut self, variant: &str) {
        let scope = |content: &[u8]| extension(&id_ce(28), true, &tlv(0x30, content));
        let point = |number| tlv(0xa0, &tlv(0xa0, &uri(number)));
        let listed = self.is_listed;
        self.leaves = match variant {
            "users" | "cas" => vec![PLAIN, OTHER],
            "indirect" => vec![INDIRECT],
            "indirect unasked" => vec![PLAIN],
            _ => vec![POINTING],
        };
        let list = self.list(5, listed);
        match variant {
            "point" => self.add(&list.with(scope(&point(1)))),
            "other point" => self.add(&list.with(scope(&point(2)))),
            "users" => self.add(&list.with(scope(&[0x81, 1, 0xff]))),
            "cas" => self.add(&list.with(scope(&[0x82, 1, 0xff]))),
            "whole for a point" => self.add(&list),
            _ => {
                let issuer = seq(&[&tlv(0xa4, &self.house.issuing.name)]);
                let issuer = tlv(0x30, &extension(&id_ce(29), true, &issuer));
                let mut indirect = List::new(5, CURRENT);
                if listed {
                    let (serial, at) = (tlv(2, self.serial()), super::made::time(NOW - DAY));
                    indirect = indirect.revoking(seq(&[&serial, &at, &issuer]));
                }
                let content = [point(1), vec![0x84, 1, 0xff]].concat();
                let indirect = indirect.with(scope(&content));
                let lister = &self.house.lister;
                self.lists.push(indirect.sign(&lister.name, &lister.key));
            }
        }
    }

    fn fill_deltas(&mut self, variant: &str) {
        let delta = |base: u64| extension(&id_ce(27), true, &integer(base));
        let later = |mut list: List| {
            list.window.0 += DAY;
            list
        };
        let add = later(List::new(6, CURRENT).with(delta(5)));
        let entry = |reason| entry(&self.house.leaves[PLAIN].serial, Some(reason), NOW - DAY);
        // freshestCRL: without it OpenSSL asks no delta.
        let freshest =
            extension(&id_ce(46), false, &seq(&[&seq(&[&tlv(0xa0, &tlv(0xa0, &uri(9)))])]));
        let base = self.list(5, false).with(freshest.clone());
        let revoking = add.clone().revoking(entry(1));
        let lists = match variant {
            "adds" => vec![base, revoking],
            "empty" => vec![self.list(5, self.is_listed).with(freshest), add],
            "takes off hold" => vec![base.revoking(entry(6)), add.revoking(entry(8))],
            "over" => {
                let mut over = if self.is_listed { revoking } else { add };
                over.window.1 = Some(NOW - 1);
                vec![base, over]
            }
            "alone" => vec![add],
            "for a newer base" => {
                let gap = later(List::new(9, CURRENT).with(delta(8)));
                vec![base, if self.is_listed { gap.revoking(entry(1)) } else { gap }]
            }
            _ => {
                let old = List::new(4, (NOW - 12 * DAY, NOW + DAY)).with(delta(3));
                vec![base, old.revoking(entry(6))]
            }
        };
        lists.iter().for_each(|list| self.add(list));
    }

    fn fill_reasons(&mut self, variant: &str) {
        let scope = |bits: &[u8]| extension(&id_ce(28), true, &tlv(0x30, &tlv(0x83, bits)));
        let unknown = extension(&[0x2b, 6, 1, 4, 1, 0x81, 0xfe, 0], true, &[5, 0]);
        let listed = self.is_listed;
        let list = self.list(5, listed);
        let serial = self.serial().to_vec();
        match variant {
            // keyCompromise and cACompromise, and the rest.
            "key only" => self.add(&list.with(scope(&[5, 0x60]))),
            "both halves" => {
                self.add(&self.list(5, false).with(scope(&[5, 0x60])));
                self.add(&list.with(scope(&[7, 0x1f, 0x80])));
            }
            "hold" => self.add(&self.list(5, false).revoking(entry(&serial, Some(6), NOW - DAY))),
            "removed in a full list" => {
                self.add(&self.list(5, false).revoking(entry(&serial, Some(8), NOW - DAY)));
            }
            "unknown critical" => self.add(&list.with(unknown)),
            _ => {
                let other = seq(&[&integer(77), &super::made::time(NOW), &tlv(0x30, &unknown)]);
                self.add(&list.revoking(other));
            }
        }
    }

    fn fill_serials(&mut self, variant: &str) {
        match variant {
            "negative" => self.leaves = vec![NEGATIVE, OTHER],
            "long" => self.leaves = vec![LONG, OTHER],
            // 255, beside a list of -1.
            "high bit" => {
                self.leaves = vec![HIGH, OTHER];
                self.noise.push(entry(&[0xff], None, NOW - DAY));
            }
            "zeros" => {
                let padded = [&[0, 0], self.serial()].concat();
                let list = self.list(5, false).revoking(entry(&padded, None, NOW - DAY));
                return self.add(&list);
            }
            _ => {
                let list = List::new(6, CURRENT).revoking(entry(self.serial(), None, NOW - DAY));
                self.lists = vec![list.sign(&self.house.root.name, &self.house.root.key)];
            }
        }
        self.add(&self.list(5, self.is_listed));
    }
}
