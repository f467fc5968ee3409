//! A signed feed file, from where it was read last: a snapshot may be long, and what is new is a line.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use tollgate_site::feed::{FEED_BYTES, FeedError, Heard, Listener, Reader, read_signed};

/// Up to where a file was read, and by what that place is known again.
#[derive(Clone)]
pub(super) struct Resume {
    end: u64,
    /// The last bytes before it: the end of a signature, which no other file has.
    mark: Vec<u8>,
}

const MARK: usize = 64;

/// Reads what is new; all of it, where the file is not the one that it was, or has left lines out.
pub(super) fn read_file(
    path: &Path,
    resume: Option<&Resume>,
    before: Option<Heard>,
    reader: Reader<'_>,
    listener: &mut (impl Listener + Clone),
) -> Result<(Heard, Resume), FeedError> {
    let untouched = listener.clone();
    if let Some(resume) = resume
        && let Some(bytes) = read_behind(path, resume)?
        && let Ok(Some(heard)) = read_signed(&bytes, before, reader, listener)
    {
        return Ok((heard, resume.further(&bytes)));
    }
    *listener = untouched;
    let bytes = read_from(path, 0)?;
    let is_whole = bytes.contains(&b'\n');
    let heard = read_signed(&bytes, before, reader, listener)?.filter(|_| is_whole);
    let heard = heard.ok_or_else(|| FeedError::NotAFeed("it has no whole line".into()))?;
    let start = Resume { end: 0, mark: Vec::new() };
    Ok((heard, start.further(&bytes)))
}

/// What stands behind that place; `None` where it is another file.
fn read_behind(path: &Path, resume: &Resume) -> Result<Option<Vec<u8>>, FeedError> {
    let mark = resume.mark.len();
    let bytes = read_from(path, resume.end - mark as u64)?;
    Ok(bytes.strip_prefix(&*resume.mark).map(<[u8]>::to_vec))
}

fn read_from(path: &Path, start: u64) -> Result<Vec<u8>, FeedError> {
    let failed = |why: std::io::Error| FeedError::Unreadable(why.to_string());
    // Asked before it is opened: opening a pipe that nobody writes to would wait for ever.
    let about = std::fs::metadata(path).map_err(failed)?;
    if !about.is_file() {
        return Err(FeedError::Unreadable("it is not a regular file".into()));
    }
    let mut file = File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(FEED_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > FEED_BYTES {
        return Err(FeedError::NotAFeed(format!("it is larger than {FEED_BYTES} bytes")));
    }
    Ok(bytes)
}

impl Resume {
    /// Behind the last whole line of what follows here.
    fn further(&self, bytes: &[u8]) -> Self {
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else { return self.clone() };
        let (whole, end) = (&bytes[..=last], self.end + last as u64 + 1);
        let mark = whole[whole.len().saturating_sub(MARK)..].to_vec();
        Self { end, mark }
    }
}
