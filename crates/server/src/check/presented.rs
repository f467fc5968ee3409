//! What the client presented: a token, a certificate, or both.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tollgate::cert::Certificate;
use tollgate::{Gate, Peer, Refusal, Request, Sender};

use crate::cli::CheckArgs;
use crate::misuse::Misuse;
use crate::output::complain;

/// A token is read up to here, so that the refusal can say how long it is.
const READ_MOST: u64 = 16 * 1024 * 1024;

/// What one request brought. A certificate that cannot be read refuses it, whatever the token is.
pub(crate) struct Presented {
    pub(crate) token: Option<Vec<u8>>,
    pub(crate) peer: Result<Option<Peer>, Refusal>,
}

impl Presented {
    /// Reads what the options name.
    pub(crate) fn from_args(args: &CheckArgs, gate: &Gate) -> Result<Self, Misuse> {
        let token = read_token(args)?;
        if token.is_none() && args.cert.is_none() && args.headers.is_empty() {
            let message =
                "nothing to judge: give --token-file F, --token T, -, --cert F or --header";
            return Err(Misuse::new(message));
        }
        let peer = match &args.cert {
            Some(path) => certificates(path).map_err(|error| Misuse::file(path, &error))?.map(Some),
            None => forwarded(gate, args.from, &args.headers).map_err(Misuse::new)?,
        };
        Ok(Self { token, peer })
    }

    /// As the gate takes it.
    pub(crate) fn request(&self) -> Request<'_> {
        Request::empty().with_token(self.token.as_deref()).with_presented(&self.peer)
    }
}

/// The certificates in a file, or why they cannot be taken.
pub(crate) fn certificates(path: &Path) -> io::Result<Result<Peer, Refusal>> {
    let file = File::open(path).and_then(|file| whole(file.take(READ_MOST)))?;
    let peer = Peer::from_pem(&file);
    // The verdict is about a client; whoever named the file can be told more.
    if peer.is_err()
        && let Err(why) = Certificate::all_from(&file)
    {
        complain(&format!("{}: {why}", path.display()));
    }
    Ok(peer)
}

/// The certificate in what a proxy passed on, as `Name: value` texts.
pub(crate) fn forwarded(
    gate: &Gate,
    from: Sender,
    headers: &[String],
) -> Result<Result<Option<Peer>, Refusal>, String> {
    let read = |text: &String| {
        let (name, value) = text.split_once(':').filter(|(name, _)| is_token(name))?;
        Some((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
    };
    let read: Option<Vec<_>> = headers.iter().map(read).collect();
    let read = read.ok_or("a header is written as \"Name: value\"")?;
    let headers = read.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    Ok(gate.forwarded(from, headers))
}

/// RFC 9110 section 5.1. What is no name cannot be mended into one: no server would take a blank
/// before the colon (RFC 9112 section 5.1), and the answer here has to be the gateway's.
fn is_token(name: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(is_letter)
}

/// The bytes of the token, if one is named. White space after it, as editors and `echo` leave it, is
/// cut.
fn read_token(args: &CheckArgs) -> Result<Option<Vec<u8>>, Misuse> {
    if let Some(token) = &args.token {
        return Ok(Some(token.clone().into_bytes()));
    }
    let from_stdin = args.stdin.is_some() || args.token_file.as_deref() == Some(Path::new("-"));
    let read = if from_stdin {
        let read = whole(io::stdin().lock().take(READ_MOST));
        read.map_err(|error| Misuse::new(format!("standard input: {error}")))
    } else if let Some(path) = &args.token_file {
        let read = File::open(path).and_then(|file| whole(file.take(READ_MOST)));
        read.map_err(|error| Misuse::file(path, &error))
    } else {
        return Ok(None);
    };
    read.map(|mut bytes| {
        bytes.truncate(bytes.trim_ascii_end().len());
        Some(bytes)
    })
}

fn whole(mut reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(bytes)
}
