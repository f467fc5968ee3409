//! The deny list of the configuration, with the files that it names.

use std::path::Path;

use tollgate::cert::Certificate;
use tollgate::policy::{CertificateMark, Denied};

use crate::certificates::FILE_BYTES;
use crate::config::{DenySettings, SerialsOf};
use crate::source::Reading;
use crate::trail::Trail;

/// Largest list in bytes: 700,000 marks of SHA-256, as many as a hierarchy has devices.
const LIST_BYTES: usize = 64 * 1024 * 1024;

/// Reads all sections into one list; notes what is wrong. Half a list would let the other half in.
pub(crate) fn read_denied(sections: Vec<DenySettings>, reading: &Reading<'_>) -> Denied {
    let Reading { folder, report, trail, .. } = reading;
    let mut denied = Denied::default();
    for DenySettings { marks, file, serials } in sections {
        denied.extend(marks);
        if let Some((place, path)) = file {
            match read_list(&folder.join(path), trail) {
                Ok(marks) => denied.extend(marks),
                Err(why) => place.error(report, why),
            }
        }
        if let Some(SerialsOf { issuer: (place, path), serials }) = serials {
            match read_issuer(&folder.join(path), trail) {
                Ok(issuer) => denied.extend(
                    serials.iter().map(|it| CertificateMark::issuer_and_serial(&issuer, it)),
                ),
                Err(why) => place.error(report, why),
            }
        }
    }
    denied
}

/// One mark a line; what stands behind a `#` does not count.
///
/// # Errors
/// One sentence with the line, for the first thing that is wrong.
fn read_list(path: &Path, trail: &Trail<'_>) -> Result<Vec<CertificateMark>, String> {
    let name = path.display();
    let file = trail.read(path, LIST_BYTES).map_err(|why| format!("cannot read {name}: {why}"))?;
    let text = str::from_utf8(&file.bytes).map_err(|_| format!("{name} is not UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().filter_map(|(at, line)| {
        let mark = line.split('#').next().unwrap_or("").trim();
        (!mark.is_empty()).then_some((at + 1, mark))
    });
    lines.map(|(at, mark)| mark.parse().map_err(|why| format!("{name}:{at}: {why}"))).collect()
}

/// SHA-256 of the Name of the one CA in the file.
fn read_issuer(path: &Path, trail: &Trail<'_>) -> Result<[u8; 32], String> {
    let name = path.display();
    let file = trail.read(path, FILE_BYTES).map_err(|why| format!("cannot read {name}: {why}"))?;
    let list = Certificate::all_from(&file.bytes).map_err(|why| format!("{name}: {why}"))?;
    match list.as_slice() {
        [issuer] => Ok(issuer.subject_digest()),
        list => Err(format!("{name}: has {} certificates; write the issuer's alone", list.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_list(file.path(), &Trail::new(crate::now(), None)).map(|marks| marks.len())
    }

    #[test]
    fn one_mark_a_line() {
        let mark = format!("sha1:{}", "ab:".repeat(19) + "ab");
        assert_eq!(read(&format!("# stolen\n\n{mark}  # PC7\r\n\u{20}{mark}\n")), Ok(2));
        assert_eq!(read(&format!("\u{feff}{mark}")), Ok(1));
        assert_eq!(read("# none yet\n"), Ok(0));
    }

    #[test]
    fn one_bad_line_refuses_the_list_and_is_named() {
        let error = read("# stolen\nsha1:abcd\n").unwrap_err();
        assert!(error.ends_with(":2: \"sha1:abcd\" has 2 bytes; SHA-1 has 20"), "{error}");
        assert!(read("\u{0}").unwrap_err().contains(":1: "));
    }
}
