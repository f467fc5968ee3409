//! The commands of the site's administrator.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use tollgate::{Algorithm, Guid};
use tollgate_site::ALGORITHMS;
use tollgate_site::registry::ClientState;

use super::guid;

/// One JSON object instead of lines.
#[derive(Args)]
pub(crate) struct Json {
    /// JSON instead of lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum SiteCommand {
    /// Make a site in --data: its key, its registry, and the lines for tollgate.toml. Never writes over one
    Init {
        /// What the site signs by
        #[arg(
            long, value_name = "ES256|EdDSA|RS256", value_parser = site_algorithm,
            default_value = "ES256"
        )]
        alg: Algorithm,

        /// The site's GUID [default: a random one]
        #[arg(long, value_name = "GUID", value_parser = guid)]
        id: Option<Guid>,

        #[command(flatten)]
        json: Json,
    },
    /// Show the terms of the site, or set some: client_lifetime=90d renew_after=30d lapse=refuse|7d
    /// approval=manual|all|tenants:GUID,... on_clone=alarm|withdraw max_staleness=30s
    Set {
        /// TERM=VALUE; none: they are shown
        terms: Vec<String>,

        #[command(flatten)]
        json: Json,
    },
    /// Copy the registry into a new file, while everything goes on. Keys are not in it: copy keys/ and site.json
    /// once after each `keys rotate`
    Backup {
        /// The file to make
        file: PathBuf,
    },
    /// Put a backup back, with all that was withdrawn since
    Restore(RestoreArgs),
    /// Write the signed feed into a file, for gates that cannot read the registry
    Feed {
        /// The file: what `feed_file` of a gate names
        file: PathBuf,

        /// Go on, and add a line each so many seconds: `poll` of the gates. Gates believe a file for
        /// `max_staleness` only
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
        every: Option<u64>,
    },
    /// What the registry has seen of the time
    Clock {
        /// Take the clock of this machine for right, though the registry has seen a later one
        #[arg(long)]
        accept: bool,
    },
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    pub(crate) file: PathBuf,

    /// A copy of journal.jsonl, where the one in --data is lost
    #[arg(long, value_name = "FILE", conflicts_with = "distrust_issued_before")]
    pub(crate) withdrawals: Option<PathBuf>,

    /// Without any journal: refuse everything that was issued before this time (seconds since 1970, or as
    /// 2026-11-29T14:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) distrust_issued_before: Option<i64>,

    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// List the keys of the site in --data
    List(Json),
    /// Make the next key: published at once, it signs after twice max_staleness
    Rotate {
        /// What it signs by
        #[arg(
            long, value_name = "ES256|EdDSA|RS256", value_parser = site_algorithm,
            default_value = "ES256"
        )]
        alg: Algorithm,

        /// Seconds that a gate may go without hearing of the feed: `max_staleness` of the gates' [feed]
        /// [default: the site's term]
        #[arg(long, value_name = "SECONDS")]
        max_staleness: Option<i64>,

        #[command(flatten)]
        json: Json,
    },
    /// Take a key out of the key set of which no token lives, or that is pending
    Retire {
        /// Its kid
        id: String,
    },
    /// Withdraw a key: every token that it signed is refused
    Withdraw {
        /// Its kid
        id: String,

        #[command(flatten)]
        how: Ordered,
    },
}

#[derive(Subcommand)]
pub(crate) enum BulkTokenCommand {
    /// Make a bulk registration token. It is shown once and kept nowhere
    New(NewBulkArgs),
    /// List bulk tokens, the latest first: uses, last use, state
    List {
        /// Only those that were made before this one: the page that follows
        #[arg(long, value_name = "GUID", value_parser = guid)]
        after: Option<Guid>,

        /// At most so many; 0 for all
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,

        #[command(flatten)]
        json: Json,
    },
    /// Show one, with the clients that it registered
    Show {
        /// Its GUID
        #[arg(value_parser = guid)]
        id: Guid,

        #[command(flatten)]
        json: Json,
    },
}

#[derive(Args)]
pub(crate) struct NewBulkArgs {
    /// Its life in minutes: 5 to 10080
    #[arg(long, value_name = "MINUTES", default_value_t = 4_320)]
    pub(crate) lifetime: u32,

    /// Most clients that it registers [default: any number]
    #[arg(long, value_name = "N")]
    pub(crate) max_uses: Option<u32>,

    /// What to call it in lists
    #[arg(long, value_name = "L", default_value = "")]
    pub(crate) label: String,

    /// The only endpoint at which it registers
    #[arg(long, value_name = "E")]
    pub(crate) endpoint: Option<String>,

    /// The only device names that it registers: `*` stands for any run of characters, `?` for one
    #[arg(long, value_name = "GLOB")]
    pub(crate) device_name: Option<String>,

    /// Write the token into a new file, for its owner alone, instead of showing it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    /// List clients by rising GUID
    List(ClientListArgs),
    /// Show one
    Show {
        /// Its GUID
        #[arg(value_parser = guid)]
        id: Guid,

        #[command(flatten)]
        json: Json,
    },
    /// Let clients in that wait
    Approve {
        /// Their GUIDs
        #[arg(value_parser = guid, required = true)]
        ids: Vec<Guid>,
    },
    /// Set what a client may: gateway_allowed=true|false|default, user_policy_from_internet=true|false|default
    Set {
        /// Its GUID, or `default`: what holds for clients without a setting of their own
        id: String,

        /// SETTING=VALUE
        #[arg(required = true)]
        settings: Vec<String>,
    },
}

#[derive(Args)]
pub(crate) struct ClientListArgs {
    /// Only those that are pending, active or withdrawn
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub(crate) state: Option<ClientState>,

    /// Only those that this bulk token registered
    #[arg(long, value_name = "GUID", value_parser = guid)]
    pub(crate) bulk_token: Option<Guid>,

    /// Only those after this one: the page that follows
    #[arg(long, value_name = "GUID", value_parser = guid)]
    pub(crate) after: Option<Guid>,

    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u32,

    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Subcommand)]
pub(crate) enum WithdrawCommand {
    /// Clients of the site, by GUID
    Client(Withdrawn),
    /// Bulk tokens, by GUID; with --cascade every client that they registered
    BulkToken(Withdrawn),
    /// Certificates: FILE.pem, SHA-256 or SHA-1, spki:SHA256, or serial:NUMBER@SHA256 of the issuer's name
    Cert(Withdrawn),
    /// Users: TENANT/OBJECT-ID, or the SID of an imported one
    User(Withdrawn),
    /// Devices: TENANT/DEVICE-ID
    Device(Withdrawn),
    /// Tenants, by GUID
    Tenant(Withdrawn),
    /// Keys of the site, by kid
    Key(Withdrawn),
    /// Everything that the site issued before --issued-before
    Site(Ordered),
    /// List what is withdrawn, in the order in which it was
    List {
        /// Only what came after this number
        #[arg(long, value_name = "N", default_value_t = 0)]
        after: i64,

        /// At most so many; 0 for all
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,

        #[command(flatten)]
        json: Json,
    },
    /// Take a withdrawal back, by the number that `list` shows
    Undo {
        /// Its number
        id: i64,

        /// Of a bulk token: give back the clients that its cascade withdrew
        #[arg(long)]
        cascade: bool,
    },
}

#[derive(Args)]
pub(crate) struct Withdrawn {
    /// Whom; `-` reads one a line from standard input. All of them are one transaction
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,

    #[command(flatten)]
    pub(crate) how: Ordered,
}

#[derive(Args)]
pub(crate) struct Ordered {
    /// Only what was issued before this time (seconds since 1970, or as 2026-11-29T14:00:00Z)
    #[arg(long, value_name = "T", value_parser = time)]
    pub(crate) issued_before: Option<i64>,

    /// With a bulk token: every client that it registered
    #[arg(long)]
    pub(crate) cascade: bool,

    /// Only count
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Why, for those who read it later
    #[arg(long, value_name = "N", default_value = "")]
    pub(crate) note: String,

    #[command(flatten)]
    pub(crate) json: Json,
}

/// What `block` and `unblock` take.
#[derive(Subcommand)]
pub(crate) enum BlockCommand {
    /// Clients, by GUID
    Client {
        /// Their GUIDs
        #[arg(value_parser = guid, required = true)]
        ids: Vec<Guid>,
    },
    /// Bulk tokens, by GUID
    BulkToken {
        /// Their GUIDs
        #[arg(value_parser = guid, required = true)]
        ids: Vec<Guid>,
    },
}

#[derive(Subcommand)]
pub(crate) enum PeopleCommand {
    /// Import a CSV file: adds and changes what it names, leaves everything else
    Import {
        /// The file
        file: PathBuf,

        #[command(flatten)]
        json: Json,
    },
    /// List what is known
    List(Json),
}

#[derive(Subcommand)]
pub(crate) enum TenantCommand {
    /// Tenants of the configuration and of imports: users, devices, last seen, and what is wrong
    List(Json),
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify the audit: nothing was cut, edited or swapped
    Verify {
        /// An export, instead of the registry
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,

        /// It has to reach this row, signed: an end that was cut off leaves a shorter audit that is whole
        #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(1..))]
        to: Option<i64>,

        #[command(flatten)]
        json: Json,
    },
    /// Write the audit as JSON lines to standard output
    Export {
        /// Only rows after this one
        #[arg(long, value_name = "N", default_value_t = 0)]
        after: i64,
    },
}

fn site_algorithm(text: &str) -> Result<Algorithm, String> {
    // By its own name only: what is read by others has one spelling.
    let named = ALGORITHMS.into_iter().find(|algorithm| algorithm.name() == text);
    named.ok_or_else(|| format!("write one of {}", ALGORITHMS.map(Algorithm::name).join(", ")))
}

fn state(text: &str) -> Result<ClientState, String> {
    ClientState::from_name(text).ok_or_else(|| "write pending, active or withdrawn".into())
}

fn time(text: &str) -> Result<i64, String> {
    let read = text.parse::<i64>().ok();
    let read = read.or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_second));
    read.ok_or_else(|| "write seconds since 1970, or a time as 2026-11-29T14:00:00Z".into())
}
