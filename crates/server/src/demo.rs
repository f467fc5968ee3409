//! `tollgate demo`: a folder to try things in.

mod pki;
mod site;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use tollgate::sample::{AUDIENCE, Tenant};
use tollgate::{Algorithm, Guid};

use self::pki::Pki;
use self::site::Site;
use crate::misuse::Misuse;
use crate::output::to_stdout;

/// Marks a configuration that the demo may write over.
const MARK: &str = "# Made by `tollgate demo`; making it again writes over this folder.";

/// Makes tenant, PKI, site, configuration and credentials. Private keys are not kept, but for the
/// site's: what was not saved cannot leak, and making the demo again makes new ones.
pub(crate) fn make(folder: &Path) -> Result<ExitCode, Misuse> {
    if !may_write(folder).map_err(|error| Misuse::file(folder, &error))? {
        let name = folder.display();
        return Err(Misuse::new(format!("{name} is in use and not a demo's; name another folder")));
    }
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        // Made anew, not written through: a link of that name leads elsewhere.
        let gone = match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        // Nor through one that somebody else puts there meanwhile.
        let made = gone.and_then(|()| File::create_new(&path));
        let written = made.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| Misuse::file(&path, &error))
    };
    fs::create_dir_all(folder).map_err(|error| Misuse::file(folder, &error))?;

    let contoso = Tenant::new(Guid(CONTOSO), Algorithm::Rs256);
    let fabrikam = Tenant::new(Guid(FABRIKAM), Algorithm::Rs256);
    let now_s = tollgate_keeper::now().unix_s;
    let day_s = 86_400;
    let user = contoso.sign(&contoso.user_claims(1, now_s));
    // First: it marks the folder, so that a demo that was interrupted can be made again.
    write("tollgate.toml", &format!("{MARK}\n"))?;
    let pki = Pki::new(now_s)?;
    let site = Site::new(&folder.join(DATA), &pki.own, now_s)?;
    write("tollgate.toml", &configuration(&contoso, &site))?;
    write("keys.json", &format!("{:#}\n", entra_style(contoso.jwks())))?;
    write("user.jwt", &user)?;
    write("device.jwt", &contoso.sign(&contoso.device_claims(7, now_s)))?;
    write("expired.jwt", &contoso.sign(&contoso.user_claims(2, now_s - 2 * day_s)))?;
    write("foreign.jwt", &fabrikam.sign(&fabrikam.user_claims(3, now_s)))?;
    let other = contoso.sign(&contoso.user_claims(4, now_s));
    write("altered.jwt", &altered(&user, &other))?;
    for (name, pem) in [
        ("root-ca.pem", &pki.root),
        ("issuing-ca.pem", &pki.issuing),
        ("pc7.pem", &pki.device),
        ("pc7-ended.pem", &pki.ended),
        ("pc8-revoked.pem", &pki.revoked),
        ("root-ca.crl", &pki.root_list),
        ("issuing-ca.crl", &pki.issuing_list),
        ("laptop9.pem", &pki.own),
    ] {
        write(name, pem)?;
    }
    write("laptop9.jwt", &site.client)?;
    write("bulk.jwt", &site.bulk)?;
    to_stdout(|out| {
        let name = folder.display();
        writeln!(
            out,
            "made {name}: tollgate.toml, keys.json, tokens (*.jwt), certificates (*.pem) and a \
             site ({DATA})"
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A folder that is not there, is empty, or holds a configuration that the demo made.
fn may_write(folder: &Path) -> io::Result<bool> {
    let absent_is = |empty: bool, error: io::Error| match error.kind() {
        ErrorKind::NotFound => Ok(empty),
        _ => Err(error),
    };
    match fs::read(folder.join("tollgate.toml")) {
        Ok(bytes) => Ok(bytes.starts_with(MARK.as_bytes())),
        Err(error) => {
            absent_is(true, error)?;
            fs::read_dir(folder)
                .map(|mut entries| entries.next().is_none())
                .or_else(|error| absent_is(true, error))
        }
    }
}

/// Entra's keys say no `alg`; the configuration gives it.
fn entra_style(mut jwks: Value) -> Value {
    if let Some(key) = jwks["keys"][0].as_object_mut() {
        key.remove("alg");
        let issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
        key.insert("issuer".into(), issuer.into());
    }
    jwks
}

/// Header and signature of one token around the payload of another.
fn altered(genuine: &str, other: &str) -> String {
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut altered = parts(genuine);
    altered[1].clone_from(&parts(other)[1]);
    altered.join(".")
}

/// Where the demo's site keeps its key.
const DATA: &str = "tollgate-data";

fn configuration(tenant: &Tenant, site: &Site) -> String {
    format!(
        r#"{MARK}

feed = "none"

[[endpoint]]
name = "internet"
methods = ["entra", "pki", "site"]
scenarios = ["device", "user"]

[[pki]]
name = "corp"
anchors = ["root-ca.pem"]
intermediates = ["issuing-ca.pem"]
revocation = "required"
crls = ["root-ca.crl", "issuing-ca.crl"]

[[site]]
id = "{}"
keys_file = "{DATA}/site-keys.json"

[[entra]]
tenant = "{}"
audiences = ["{AUDIENCE}"]
jwks_file = "keys.json"
"#,
        site.id, tenant.id
    )
}

const CONTOSO: [u8; 16] = [
    0x9a, 0x8b, 0x7c, 0x6d, 0x12, 0x34, 0x4e, 0x5f, 0x8a, 0x9b, 0x0c, 0x1d, 0x2e, 0x3f, 0x4a, 0x5b,
];

const FABRIKAM: [u8; 16] = [
    0x1f, 0x2e, 0x3d, 0x4c, 0x56, 0x78, 0x4a, 0x9b, 0x8c, 0x7d, 0x6e, 0x5f, 0x4a, 0x3b, 0x2c, 0x1d,
];
