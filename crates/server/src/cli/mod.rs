//! The command line. Names here are read by scripts and never change.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tollgate::{Guid, Scenario, Sender, WindowsVersion};

mod site;

pub(crate) use site::{
    AuditCommand, BlockCommand, BulkTokenCommand, ClientCommand, ClientListArgs, KeysCommand,
    NewBulkArgs, Ordered, PeopleCommand, RestoreArgs, SiteCommand, TenantCommand, WithdrawCommand,
    Withdrawn,
};

/// Client authentication for a gateway: who is this, may it pass, and if not, exactly why.
#[derive(Parser)]
#[command(name = "tollgate", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Configuration file [default: $TOLLGATE_CONFIG, ./tollgate.toml, /etc/tollgate/tollgate.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The site's folder: its keys, and who it is
    #[arg(long, global = true, value_name = "DIR", default_value = "./tollgate-data")]
    pub(crate) data: PathBuf,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Judge a token, a client certificate, or both: exit code 0 admits, 1 refuses, 2 is misuse or a configuration error
    Check(CheckArgs),
    /// Judge as check, and show every step: what was found, what was expected, what to do
    Explain(CheckArgs),
    /// Why can clients not do this here: every endpoint, method and scenario tried on a twin of the
    /// gate, the age of keys and CAs, and the line to change. Exit code 0: all that is configured
    /// works; 1: something does not
    Doctor(DoctorArgs),
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// The site that signs tokens for its own clients
    Site {
        #[command(subcommand)]
        command: SiteCommand,
    },
    /// The site's keys
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Tokens by which devices register
    BulkToken {
        #[command(subcommand)]
        command: BulkTokenCommand,
    },
    /// The site's clients
    Client {
        #[command(subcommand)]
        command: ClientCommand,
    },
    /// Throw out, at every gate of the site, or take that back
    Withdraw {
        #[command(subcommand)]
        command: WithdrawCommand,
    },
    /// The same as withdraw, for clients and bulk tokens
    Block {
        #[command(subcommand)]
        command: BlockCommand,
    },
    /// Take a withdrawal of clients and bulk tokens back
    Unblock {
        #[command(subcommand)]
        command: BlockCommand,
    },
    /// Users that the site knows
    User {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Devices that the site knows
    Device {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Tenants
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// What was done, by whom
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Make a folder to try things in: a tenant, a configuration and ready tokens
    Demo {
        /// The folder to make
        #[arg(default_value = "demo")]
        folder: PathBuf,
    },
    /// Measure this machine
    Bench(BenchArgs),
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the configuration and everything that it names; list errors and warnings
    Check {
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// The token itself (other users of the machine may see it: prefer --token-file)
    #[arg(long, value_name = "T", group = "source")]
    pub(crate) token: Option<String>,

    /// A file with the token; `-` for standard input
    #[arg(long, value_name = "F", group = "source")]
    pub(crate) token_file: Option<PathBuf>,

    /// `-`: read the token from standard input
    #[arg(value_name = "-", value_parser = ["-"], group = "source")]
    pub(crate) stdin: Option<String>,

    /// A file with the client's certificate as PEM or DER, its intermediates behind it; judged as
    /// what the client proved in the TLS handshake
    #[arg(long, value_name = "F.pem", conflicts_with = "headers")]
    pub(crate) cert: Option<PathBuf>,

    /// A header of the request, `Name: value`; the ones that carry a client certificate are read.
    /// May be given several times
    #[arg(long = "header", value_name = "H")]
    pub(crate) headers: Vec<String>,

    /// Who sent those headers: `unix`, or an IP address
    #[arg(long, value_name = "unix|IP", default_value = "unix")]
    pub(crate) from: Sender,

    /// A file of JSON objects, one a line: `token` (its text), `cert` (PEM, or its file),
    /// `headers` (a list of `Name: value`), `from`, `endpoint`, `scenario`, `windows`, `at`, and an
    /// `id` that comes back; `-` for standard input. One verdict a line, in the same order
    #[arg(long, value_name = "FILE.jsonl", group = "source")]
    pub(crate) batch: Option<PathBuf>,

    /// The endpoint at which the request arrived [default: the only one]
    #[arg(long, value_name = "E")]
    pub(crate) endpoint: Option<String>,

    /// What the request is for
    #[arg(long, value_name = "device|user", value_parser = scenario, default_value = "device")]
    pub(crate) scenario: Scenario,

    /// The client's Windows version, as 10.0.19045
    #[arg(long, value_name = "V", value_parser = windows)]
    pub(crate) windows: Option<WindowsVersion>,

    /// Judge at this time, in seconds since 1970 [default: now]
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    pub(crate) at: Option<i64>,

    /// One JSON object on one line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// Only this endpoint
    #[arg(long, value_name = "E")]
    pub(crate) endpoint: Option<String>,

    /// One JSON object instead of lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Fewer rounds: about a minute on two quiet cores
    #[arg(long)]
    pub(crate) quick: bool,

    /// One JSON object, nanoseconds as medians
    #[arg(long)]
    pub(crate) json: bool,

    /// Numbers of threads that ask at once; 2 is always among them
    #[arg(long, value_name = "N,N...", value_delimiter = ',', default_value = "1,2")]
    pub(crate) threads: Vec<usize>,

    /// Only these parts
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    pub(crate) only: Vec<BenchPart>,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchPart {
    /// A token seen before, beside the comparison of its bytes
    Hit,
    /// A site's token with its peer, seen before
    Site,
    /// A chain seen before
    Chain,
    /// The same hit through the C ABI and in Rust
    CAbi,
    /// Several threads that ask for the same tokens
    Threads,
    /// Hits while new credentials arrive and trust moves
    Storm,
    /// What a remembered token takes
    Memory,
    /// Standing, judged again after a change
    Rejudge,
    /// A token never seen, beside its signature
    Miss,
    /// Many at once beside one by one
    Batch,
    /// A chain never seen, beside its signatures
    Chains,
    /// Chains that are made to cost
    Hostile,
    /// A revocation list of a million entries, beside rustls-webpki and openssl
    Crl,
}

pub(crate) fn scenario(text: &str) -> Result<Scenario, String> {
    Scenario::from_name(text).ok_or_else(|| "write device or user".into())
}

pub(crate) fn windows(text: &str) -> Result<WindowsVersion, String> {
    text.parse().map_err(|()| "write a version such as 10.0.19045".into())
}

fn guid(text: &str) -> Result<Guid, String> {
    Guid::parse(text).ok_or_else(|| "write a GUID, 8-4-4-4-12 hexadecimal digits".into())
}
