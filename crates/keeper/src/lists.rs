//! Lists of users and devices, exported from the site as CSV.

use std::path::Path;

use tollgate::Guid;
use tollgate::policy::Guids;

use crate::trail::Trail;

/// Largest list in bytes: 700,000 rows (a hierarchy's devices) of under 180 bytes.
const LIST_BYTES: usize = 128 * 1024 * 1024;

/// Reads the GUIDs of column `id`. Where there is a column `tenant_id`, only rows of `tenant` count;
/// where there is a column `enabled`, only rows that say `true` (or 1, or yes).
///
/// # Errors
/// One sentence with the line, for the first thing that is wrong: a list that is half read would
/// lock out, or let in, half of the people.
pub(crate) fn read_list(
    path: &Path,
    id: &str,
    tenant: Guid,
    trail: &Trail<'_>,
) -> Result<Guids, String> {
    let name = path.display();
    let file = trail.read(path, LIST_BYTES).map_err(|why| format!("cannot read {name}: {why}"))?;
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| format!("{name}: {error}"))?.clone();
    let column = |wanted: &str| {
        let mut named = (0..).zip(&header).filter(|(_, name)| name.eq_ignore_ascii_case(wanted));
        match (named.next(), named.next()) {
            (_, Some(_)) => Err(format!("{name}:1: there are two columns {wanted}; keep one")),
            (first, None) => Ok(first.map(|(at, _)| at)),
        }
    };
    let id_at = column(id)?.ok_or_else(|| {
        let found: Vec<_> = header.iter().map(|name| format!("{name:?}")).collect();
        format!("{name}:1: there is no column {id}; the first line has {}", found.join(", "))
    })?;
    let (tenant_at, enabled_at) = (column("tenant_id")?, column("enabled")?);
    let mut ids = Guids::default();
    for row in reader.records() {
        let row = row.map_err(|error| format!("{name}: {error}"))?;
        let line = row.position().map_or(0, csv::Position::line);
        let guid = |at: usize, what: &str| {
            let text = row.get(at).unwrap_or("");
            Guid::parse(text).ok_or_else(|| format!("{name}:{line}: {what} {text:?} is not a GUID"))
        };
        if let Some(at) = tenant_at
            && guid(at, "tenant_id")? != tenant
        {
            continue;
        }
        let enabled = match enabled_at.map(|at| row.get(at).unwrap_or("").to_ascii_lowercase()) {
            None => true,
            Some(word) => match word.as_str() {
                "true" | "1" | "yes" => true,
                "false" | "0" | "no" => false,
                _ => return Err(format!("{name}:{line}: enabled {word:?} is not true or false")),
            },
        };
        let id = guid(id_at, id)?;
        if enabled {
            ids.insert(id);
        } else {
            ids.remove(&id);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b";
    const USER: &str = "00000000-0000-0000-0000-000000000001";

    fn read(text: &str) -> Result<usize, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let trail = Trail::new(crate::now(), None);
        let ids = read_list(file.path(), "object_id", Guid::parse(TENANT).unwrap(), &trail)?;
        Ok(ids.len())
    }

    #[test]
    fn counts_enabled_rows_of_the_tenant() {
        assert_eq!(read(&format!("object_id\n{USER}\n{USER}\n")), Ok(1));
        assert_eq!(read(&format!("Object_ID , x\n {USER},\"a, b\"\n")), Ok(1));
        assert_eq!(read(&format!("\u{feff}object_id\r\n{USER}\r\n")), Ok(1));
        assert_eq!(
            read(&format!("tenant_id,object_id\n{TENANT},{USER}\n{USER},{TENANT}\n")),
            Ok(1)
        );
        assert_eq!(read(&format!("object_id,enabled\n{USER},false\n{TENANT},true\n")), Ok(1));
        assert_eq!(read("object_id\n"), Ok(0));
    }

    #[test]
    fn one_bad_row_refuses_the_list_and_names_its_line() {
        for (text, expected) in [
            (
                format!("oid\n{USER}\n"),
                ":1: there is no column object_id; the first line has \"oid\"",
            ),
            (
                format!("object_id,enabled,Enabled\n{USER},true,false\n"),
                ":1: there are two columns enabled; keep one",
            ),
            (format!("object_id\n{USER}\nbob\n"), ":3: object_id \"bob\" is not a GUID"),
            (
                format!("object_id,enabled\n{USER},maybe\n"),
                ":2: enabled \"maybe\" is not true or false",
            ),
            (format!("object_id,enabled\n{USER}\n"), "found record with 1 fields"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
